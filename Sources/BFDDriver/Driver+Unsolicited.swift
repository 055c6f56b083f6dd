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
                try engine.addTemplate(template)
                templateInterfaces.append(peer.interface)
            } catch {
                events.post(.warning("unsolicited sessions refused: \(error)"))
            }
        }
    }

    /// Gives a session that a peer has started a socket and a name: numbers below zero are ours.
    func welcome(_ handle: SessionHandle) {
        guard let configuration = engine.session(handle)?.configuration else { return }
        let interfaceIndex = configuration.path.interfaceIndex
        createdCount += 1
        let peer = PeerID(rawValue: -createdCount)
        let interface = NetworkInterface.name(at: interfaceIndex)
        handles[peer] = handle
        sockets.open(
            handle.index,
            for: DriverSession(peer: peer, configuration: configuration, interface: interface),
            interfaceIndex: interfaceIndex)
        events.post(.created(peer, configuration, interface: interface))
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
