internal import BFDAuthentication
public import BFDCore
public import LinuxSystem

extension Driver {
    /// Lets peers start sessions (RFC 9468), where the configuration says so, and nobody else.
    ///
    /// Sessions of those who may no longer are told so and removed; all others stay.
    func setUnsolicited(_ peers: [UnsolicitedPeers]) {
        guard !peers.isEmpty || !doors.isEmpty else { return }
        do throws(SystemError) {
            engine.setSubnets(try NetworkInterface.subnets().map { InterfaceSubnet($0) })
        } catch {
            events.post(.warning("subnets of unsolicited sessions cannot be read: \(error)"))
        }
        for (number, door) in doors.enumerated() {
            guard let door, !peers.contains(where: { $0.isFor(door) }) else { continue }
            close(number)
        }
        for one in peers {
            let number = doors.firstIndex { $0?.isFor(one) == true }
            do throws(EngineError) {
                if let number {
                    try change(number, to: one)
                } else {
                    try open(one)
                }
            } catch {
                events.post(.warning("unsolicited sessions refused: \(error)"))
            }
        }
    }

    private func open(_ peers: UnsolicitedPeers) throws(EngineError) {
        let number = try engine.addTemplate(peers.templateHere)
        engine.setAuthentication(peers.keyChain?.rules, ofTemplate: number)
        while doors.count <= number { doors.append(nil) }
        doors[number] = peers
    }

    private func change(_ number: Int, to peers: UnsolicitedPeers) throws(EngineError) {
        let before = doors[number]?.keyChain
        doors[number] = peers
        try engine.updateTemplate(number, to: peers.templateHere, at: present())
        guard !UnsolicitedPeers.isSame(before, peers.keyChain) else { return }
        engine.setAuthentication(peers.keyChain?.rules, ofTemplate: number)
        for handle in sessions(ofTemplate: number) {
            try engine.setAuthentication(peers.keyChain?.rules, handle, at: present())
            sockets.setKeyChain(peers.keyChain, handle.index)
        }
    }

    private func close(_ number: Int) {
        doors[number] = nil
        engine.removeTemplate(number)
        for handle in sessions(ofTemplate: number) {
            do throws(EngineError) {
                try engine.removeSession(handle, at: present())
            } catch {
                events.post(.warning("session not removed: \(error)"))
            }
            fetchOutputs()
        }
    }

    private func sessions(ofTemplate number: Int) -> [SessionHandle] {
        (0..<engine.capacity).compactMap { slot in
            guard let (handle, session) = engine.session(inSlot: slot),
                session.templateNumber == number
            else { return nil }
            return handle
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
        number.flatMap { $0 < doors.count ? doors[$0]?.keyChain : nil }
    }

    /// Whether the password or digest of a received packet is right.
    func matches(_ challenge: AuthenticationChallenge, _ bytes: borrowing Span<UInt8>) -> Bool {
        guard let number = challenge.template else { return sockets.matches(challenge, bytes) }
        return keyChain(ofTemplate: number)?.matches(challenge, bytes) ?? false
    }

    func setTemplateInterface(_ name: String, _ index: UInt32) {
        for (number, door) in doors.enumerated() where door?.interface == name {
            engine.setInterfaceIndex(index, ofTemplate: number)
        }
    }
}

extension UnsolicitedPeers {
    /// Whether both are for the same peers: prefix and interface are what a door is known by.
    fileprivate func isFor(_ other: UnsolicitedPeers) -> Bool {
        template.prefix == other.template.prefix && interface == other.interface
    }

    /// The template with the index that its interface has here.
    fileprivate var templateHere: UnsolicitedTemplate {
        var template = template
        if let interface {
            template.isBoundToInterface = true
            template.interfaceIndex = NetworkInterface.index(named: interface) ?? 0
        }
        return template
    }

    fileprivate static func isSame(_ one: KeyChain?, _ other: KeyChain?) -> Bool {
        guard let one, let other else { return one == nil && other == nil }
        return one.isSame(as: other)
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
