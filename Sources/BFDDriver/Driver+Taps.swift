internal import BFDCore
internal import LinuxSystem

// What is watched is copied after the engine has had its say. Without a watcher all this costs a
// packet one comparison.

extension Driver {
    /// Copies packets for somebody from now on, until that one ends it.
    func add(_ tap: PacketTap) {
        if taps.isEmpty { interfaceNames = [:] }
        taps.append(tap)
    }

    /// Copies a received packet, and what became of it.
    @inline(never)
    func record(
        _ bytes: borrowing Span<UInt8>, _ arrival: Arrival, _ reception: Reception,
        _ reading: Receiver.Reading
    ) {
        let stamp = receiver.stamp(reading) ?? Clock.realtimeNanoseconds()
        var packet: TappedPacket
        var session: SessionHandle?
        switch reception {
        case .accepted(let handle):
            session = handle
            packet = TappedPacket(
                .accepted, at: stamp, from: arrival.source, to: arrival.destination)
        case .discarded(let reason):
            session = self.session(askedForBy: bytes)
            packet = TappedPacket(
                .discarded(reason), at: stamp, from: arrival.source, to: arrival.destination)
        case .needsDigest: return
        }
        packet.keep(bytes)
        packet.interfaceIndex = arrival.interfaceIndex
        packet.sourcePort = receiver.sourcePort(reading)
        packet.destinationPort = arrival.transport.destinationPort
        packet.hopLimit = arrival.hopLimit ?? 0
        if let session {
            packet.peer = sockets.peer(of: session.index)
            packet.state = engine.state(of: session)
        }
        hand(packet)
    }

    /// Copies a packet of ours, whether or not the kernel took it.
    @inline(never)
    func record(_ transmission: Transmission, isSent: Bool) {
        let slot = transmission.session.index
        guard var packet = ofOurs(transmission.session, isSent) else { return }
        sockets.withOctets(of: transmission) { packet.keep($0) }
        packet.state = engine.state(of: transmission.session)
        packet.interfaceIndex = sockets.interfaceIndex(of: slot)
        hand(packet)
    }

    /// Copies an Echo packet of ours.
    @inline(never)
    func record(_ transmission: EchoTransmission, isSent: Bool) {
        let slot = transmission.session.index
        guard var ends = sockets.echoEnds(of: slot) else { return }
        ends.sourcePort = nil
        var packet = TappedPacket(ends.header, isSent: isSent)
        sockets.withOctets(of: transmission.payload) { packet.keep($0) }
        packet.peer = sockets.peer(of: slot)
        packet.state = engine.state(of: transmission.session)
        packet.interfaceIndex = sockets.interfaceIndex(of: slot)
        hand(packet)
    }

    private func ofOurs(_ session: SessionHandle, _ isSent: Bool) -> TappedPacket? {
        let slot = session.index
        let isLoop = !loops.isEmpty && engine.isUnaffiliatedEcho(session)
        let header = isLoop ? sockets.echoEnds(of: slot)?.header : sockets.header(of: slot)
        guard let header else { return nil }
        var packet = TappedPacket(header, isSent: isSent)
        packet.peer = sockets.peer(of: slot)
        return packet
    }

    /// The session that a packet names by Your Discriminator, whoever sent it.
    private func session(askedForBy bytes: borrowing Span<UInt8>) -> SessionHandle? {
        guard bytes.count >= 12 else { return nil }
        var discriminator: UInt32 = 0
        for offset in 8..<12 { discriminator = discriminator << 8 | UInt32(bytes[offset]) }
        return engine.session(ofDiscriminator: discriminator)
    }

    private func hand(_ packet: TappedPacket) {
        let name = interfaceName(packet.interfaceIndex)
        var hasGone = false
        for tap in taps where tap.wants(packet.peer, from: packet.source) {
            if !tap.record(packet, interfaceName: name) { hasGone = true }
        }
        if hasGone { taps.removeAll { $0.isClosed } }
    }

    /// Asked of the kernel once for each interface, as long as somebody watches.
    private func interfaceName(_ index: UInt32) -> String? {
        if index == 0 { return nil }
        if let known = interfaceNames[index] { return known }
        guard interfaceNames.count < 1_024 else { return nil }
        let name = NetworkInterface.name(at: index) ?? "if\(index)"
        interfaceNames[index] = name
        return name
    }
}

extension TappedPacket {
    /// A packet of ours without its payload.
    fileprivate init(_ header: RawDatagram.Header, isSent: Bool) {
        self.init(
            isSent ? .sent : .notSent, at: Clock.realtimeNanoseconds(),
            from: IPAddress(header.source), to: IPAddress(header.destination))
        sourcePort = header.sourcePort
        destinationPort = header.destinationPort
        trafficClass = header.trafficClass
    }
}
