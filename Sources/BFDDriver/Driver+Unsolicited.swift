internal import BFDAuthentication
public import BFDCore
public import LinuxSystem

extension Driver {
    /// Lets peers start sessions (RFC 9468), where the configuration says so.
    func openDoors(to peers: [UnsolicitedPeers]) throws(SystemError) {
        guard !peers.isEmpty else { return }
        engine.setSubnets(try NetworkInterface.subnets().map { InterfaceSubnet($0) })
        for peer in peers {
            var template = peer.template
            if let interface = peer.interface {
                template.isBoundToInterface = true
                template.interfaceIndex = NetworkInterface.index(named: interface) ?? 0
            }
            do throws(EngineError) {
                let number = try engine.addTemplate(template)
                if let rules = peer.keyChain?.rules {
                    engine.setAuthentication(rules, ofTemplate: number)
                }
                templateInterfaces.append(peer.interface)
                templateKeyChains.append(peer.keyChain)
            } catch {
                events.post(.warning("unsolicited sessions refused: \(error)"))
            }
        }
    }

    /// Gives a session that a peer has started a socket and a name: numbers below zero are ours.
    func welcome(_ handle: SessionHandle) {
        guard let session = engine.session(handle) else { return }
        let configuration = session.configuration
        let interfaceIndex = configuration.path.interfaceIndex
        createdCount += 1
        let peer = PeerID(rawValue: -(createdCount * share.count + share.index))
        let interface = NetworkInterface.name(at: interfaceIndex)
        handles[peer] = handle
        sockets.open(
            handle.index,
            for: DriverSession(peer: peer, configuration: configuration, interface: interface),
            interfaceIndex: interfaceIndex)
        let keyChain = keyChain(ofTemplate: session.templateNumber)
        sockets.setKeyChain(keyChain, handle.index)
        events.post(.created(peer, configuration, interface: interface, keyChain))
    }

    /// The secrets of a template, if there is one and it has any.
    func keyChain(ofTemplate number: Int?) -> KeyChain? {
        number.flatMap { $0 < templateKeyChains.count ? templateKeyChains[$0] : nil }
    }

    /// Whether the password or digest of a received packet is right.
    func matches(_ challenge: AuthenticationChallenge, _ bytes: borrowing Span<UInt8>) -> Bool {
        guard let number = challenge.template else { return sockets.matches(challenge, bytes) }
        return keyChain(ofTemplate: number)?.matches(challenge, bytes) ?? false
    }

    func setTemplateInterface(_ name: String, _ index: UInt32) {
        for (number, interface) in templateInterfaces.enumerated() where interface == name {
            engine.setInterfaceIndex(index, ofTemplate: number)
        }
    }
}

extension InterfaceSubnet {
    /// The same subnet for the core.
    public init(_ subnet: NetworkInterface.Subnet) {
        self.init(
            interfaceIndex: subnet.interfaceIndex,
            prefix: AddressPrefix(address: IPAddress(subnet.address), bitCount: subnet.bitCount))
    }
}
