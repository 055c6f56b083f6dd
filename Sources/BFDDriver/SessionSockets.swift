internal import BFDAuthentication
internal import BFDCore
internal import LinuxSystem

/// The sockets that sessions send from: one each, so that source ports are unique (RFC 5881 §4).
///
/// A socket is bound to a random free port of 49152 to 65535, connected to its peer and kept for
/// the session's life. What the kernel refuses now, such as an address that does not exist yet, is
/// tried again at sending.
///
/// Why one connected socket each: it is what costs least among what needs to know nothing of
/// neighbours. Microseconds of a packet over veth, delivery included (1,000 peers, batches of 64):
///
///     connected, one call a packet          3.3
///     one socket a session, not connected   3.9
///     header of our own, sendmmsg           3.6
///     one bound socket, sendmmsg            3.7    and its port is everybody's
///     packet socket, sendmmsg               2.2    but no routing, neighbours, filter
struct SessionSockets: ~Copyable {
    private struct Entry {
        var peer: PeerID
        var destination: SocketAddress
        var source: SocketAddress?
        /// The address of ours that the peer sends to, when none is configured.
        var learnedSource: SocketAddress?
        var port: UInt16
        var interface: String?
        var interfaceIndex: UInt32
        var trafficClass: UInt8
        var echoSource: SocketAddress?
        var sourcePort: UInt16?
        var failure: String?
        var isMuted = false
        var nextAttempt: Int64 = 0

        init(_ session: DriverSession, _ interfaceIndex: UInt32) {
            let path = session.configuration.path
            peer = session.peer
            destination = SocketAddress(path.destination)
            source = path.source.isUnspecified ? nil : SocketAddress(path.source)
            port = path.transport.destinationPort
            interface = session.interface
            self.interfaceIndex = interfaceIndex
            trafficClass = session.trafficClass
            echoSource = session.echoSource.map { SocketAddress($0) }
        }
    }

    /// What sending needs: no reference to count.
    private struct Route {
        var descriptor: Int32
        /// The address the socket is bound to, if to one.
        var source: SocketAddress?
        var hasFailed = false
        var isMuted = false
    }

    private var entries: [Entry?]
    /// The secrets of those sessions that authenticate.
    private var keyChains: [Int: KeyChain] = [:]
    private var routes: [Route?]
    private var random: SplitMix64
    private var buffer = TransmitBuffer()

    init(capacity: Int, seed: UInt64) {
        entries = Array(repeating: nil, count: capacity)
        routes = Array(repeating: nil, count: capacity)
        random = SplitMix64(seed: seed)
    }

    deinit {
        for route in routes {
            if let route { _ = OwnedDescriptor(owning: route.descriptor) }
        }
    }

    mutating func open(_ slot: Int, for session: DriverSession, interfaceIndex: UInt32) {
        entries[slot] = Entry(session, interfaceIndex)
        bindIfDue(slot, at: 0)
    }

    /// Goes on from the port and the address that the peer knows, if they are free.
    mutating func reopen(
        _ slot: Int, for session: DriverSession, interfaceIndex: UInt32, _ kept: KeptSession
    ) {
        var entry = Entry(session, interfaceIndex)
        if entry.source == nil { entry.learnedSource = kept.source.map { SocketAddress($0) } }
        if kept.port != 0 { entry.sourcePort = kept.port }
        entries[slot] = entry
        bindIfDue(slot, at: 0)
    }

    /// Goes on with a socket of another process; without one, as if the session were new.
    mutating func takeOver(
        _ slot: Int, for session: DriverSession, interfaceIndex: UInt32,
        _ sender: EngineHandover.Sender?
    ) {
        guard let sender else { return open(slot, for: session, interfaceIndex: interfaceIndex) }
        var entry = Entry(session, interfaceIndex)
        if entry.source == nil { entry.learnedSource = sender.source }
        entry.sourcePort = sender.port
        entries[slot] = entry
        routes[slot] = Route(descriptor: sender.descriptor, source: sender.source)
    }

    /// The socket that a session sends from; `nil` while it has none.
    func sender(of slot: Int) -> EngineHandover.Sender? {
        guard let route = routes[slot], let port = entries[slot]?.sourcePort else { return nil }
        return EngineHandover.Sender(
            descriptor: route.descriptor, port: port, source: route.source)
    }

    mutating func close(_ slot: Int) {
        keyChains[slot] = nil
        closeDescriptor(slot)
        entries[slot] = nil
    }

    /// The next packet leaves by a socket with these marks, from the same port and address.
    mutating func setMarks(_ slot: Int, _ trafficClass: UInt8, _ echoSource: IPAddress?) {
        guard entries[slot] != nil else { return }
        closeDescriptor(slot)
        entries[slot]?.trafficClass = trafficClass
        entries[slot]?.echoSource = echoSource.map { SocketAddress($0) }
        entries[slot]?.nextAttempt = 0
    }

    /// Has packets stay unsent although the kernel would take them, or leave again.
    mutating func setMuted(_ slot: Int, _ isMuted: Bool) {
        entries[slot]?.isMuted = isMuted
        routes[slot]?.isMuted = isMuted
    }

    /// The interface went, came, or has another index: the old socket is bound to the old one.
    mutating func setInterfaceIndex(_ slot: Int, to interfaceIndex: UInt32) {
        guard let entry = entries[slot] else { return }
        if entry.interfaceIndex == interfaceIndex && routes[slot] != nil { return }
        closeDescriptor(slot)
        entries[slot]?.interfaceIndex = interfaceIndex
        entries[slot]?.learnedSource = nil
        entries[slot]?.nextAttempt = 0
    }

    /// The thread is in another namespace: the next packet leaves by a socket of that one, from the
    /// same port and address if they are free there.
    mutating func reopen(_ slot: Int, interfaceIndex: UInt32) {
        closeDescriptor(slot)
        entries[slot]?.interfaceIndex = interfaceIndex
        entries[slot]?.nextAttempt = 0
    }

    /// Has a session answer from the address its peer sends to.
    ///
    /// With several addresses on the way to the peer the kernel might choose another one, which a
    /// peer that checks would refuse. A configured address stays.
    mutating func answer(from address: SocketAddress, _ slot: Int) {
        guard let entry = entries[slot], entry.source == nil else { return }
        let known = routes[slot].map(\.source) ?? entry.learnedSource
        guard known != address else { return }
        closeDescriptor(slot)
        entries[slot]?.learnedSource = address
        entries[slot]?.nextAttempt = 0
    }

    /// Where the Echo packets of a session go; `nil` while our own address is not known.
    func echoEnds(of slot: Int) -> EchoEnds? {
        guard let entry = entries[slot], let own = entry.source ?? entry.learnedSource else {
            return nil
        }
        return EchoEnds(
            own: own, source: entry.echoSource, peer: entry.destination, interface: entry.interface,
            trafficClass: entry.trafficClass, sourcePort: entry.sourcePort)
    }

    /// What stands behind a packet of an authenticated session.
    func section(of transmission: Transmission) -> [UInt8] {
        guard let header = transmission.authentication else { return [] }
        return keyChains[transmission.session.index]?.section(header, transmission.packet) ?? []
    }

    /// Notes why a packet that did not go by the session's own socket was refused, if it was.
    mutating func note(_ refusal: SystemError?, _ slot: Int) {
        if entries[slot]?.failure != refusal?.description {
            entries[slot]?.failure = refusal?.description
        }
    }

    /// What stands in front of a session's packets; `nil` while it has no address to send from.
    func header(of slot: Int) -> RawDatagram.Header? {
        guard let entry = entries[slot] else { return nil }
        let known = routes[slot]?.source ?? entry.source ?? entry.learnedSource
        let chosen =
            known ?? routes[slot].flatMap { DatagramSocket.localAddress(of: $0.descriptor) }
        guard let source = chosen else { return nil }
        return RawDatagram.Header(
            source: source, destination: entry.destination, sourcePort: entry.sourcePort ?? 0,
            destinationPort: entry.port, trafficClass: entry.trafficClass)
    }

    /// Lends the octets of a packet as they are sent.
    mutating func withOctets(
        of transmission: Transmission, _ body: (borrowing Span<UInt8>) -> Void
    ) {
        write(transmission)
        buffer.withBytes(min(transmission.payloadByteCount, TransmitBuffer.byteCapacity), body)
    }

    /// Lends the octets of an Echo packet as they are sent.
    mutating func withOctets(of payload: EchoPayload, _ body: (borrowing Span<UInt8>) -> Void) {
        buffer.fill(TransmitBuffer.longestPacket) { payload.encode(into: &$0, at: 0) }
        buffer.withBytes(EchoPayload.byteCount, body)
    }

    func interfaceIndex(of slot: Int) -> UInt32 { entries[slot]?.interfaceIndex ?? 0 }
    func interface(of slot: Int) -> String? { entries[slot]?.interface }

    /// Gives a session its secrets, or takes them away.
    mutating func setKeyChain(_ keyChain: KeyChain?, _ slot: Int) {
        keyChains[slot] = keyChain
    }

    /// Whether the password or digest of a received packet is right.
    func matches(_ challenge: AuthenticationChallenge, _ bytes: borrowing Span<UInt8>) -> Bool {
        keyChains[challenge.session.index]?.matches(challenge, bytes) ?? false
    }

    func peer(of slot: Int) -> PeerID? { entries[slot]?.peer }
    /// The address that the peer sends to, where none is configured and one has been heard of.
    func learnedSource(of slot: Int) -> IPAddress? {
        entries[slot]?.learnedSource.map { IPAddress($0) }
    }
    func sourcePort(of slot: Int) -> UInt16? { entries[slot]?.sourcePort }
    func failure(of slot: Int) -> String? { entries[slot]?.failure }

    /// Sends a packet; whether the kernel took it.
    mutating func send(_ transmission: Transmission, at now: Instant) -> Bool {
        let slot = transmission.session.index
        if routes[slot] == nil { bindIfDue(slot, at: now.nanoseconds) }
        guard let route = routes[slot] else { return false }
        if route.isMuted { return true }
        write(transmission)
        let refusal = DatagramSocket.send(
            buffer, byteCount: transmission.payloadByteCount, fromConnected: route.descriptor)
        if refusal != nil || route.hasFailed { note(refusal, slot) }
        return refusal == nil
    }

    /// Writes a packet and what stands behind it; zeros follow, whatever stood there before.
    private mutating func write(_ transmission: Transmission) {
        let slot = transmission.session.index
        let section = transmission.authentication.map {
            keyChains[slot]?.section($0, transmission.packet) ?? []
        }
        buffer.fill(TransmitBuffer.longestPacket) { bytes in
            transmission.packet.encode(into: &bytes)
            var end = ControlPacket.mandatoryByteCount
            for octet in section ?? [] {
                bytes.storeBytes(of: octet, toByteOffset: end, as: UInt8.self)
                end += 1
            }
            while end < TransmitBuffer.longestPacket {
                bytes.storeBytes(of: 0, toByteOffset: end, as: UInt8.self)
                end += 1
            }
        }
    }

    private mutating func note(_ refusal: Errno?, _ slot: Int) {
        routes[slot]?.hasFailed = refusal != nil
        entries[slot]?.failure = refusal.map { "send: \($0)" }
        guard let refusal, refusal.isAboutOwnAddress else { return }
        // The address may be gone: another socket, at the next packet, gets what there is then.
        // What was learned of the peer is forgotten: the kernel chooses until it is heard again.
        entries[slot]?.learnedSource = nil
        closeDescriptor(slot)
    }

    private mutating func closeDescriptor(_ slot: Int) {
        guard let route = routes[slot] else { return }
        routes[slot] = nil
        _ = OwnedDescriptor(owning: route.descriptor)
    }

    /// Makes the socket if it is missing, at most fifty times a second.
    private mutating func bindIfDue(_ slot: Int, at nanoseconds: Int64) {
        guard let entry = entries[slot], nanoseconds >= entry.nextAttempt else { return }
        entries[slot]?.nextAttempt = nanoseconds + 20_000_000
        do throws(SystemError) {
            let (descriptor, port) = try makeSocket(entry)
            routes[slot] = Route(
                descriptor: descriptor, source: entry.source ?? entry.learnedSource,
                isMuted: entry.isMuted)
            entries[slot]?.sourcePort = port
            entries[slot]?.failure = nil
        } catch {
            entries[slot]?.failure = error.description
            // What was learned may be gone: the kernel chooses at the next attempt.
            entries[slot]?.learnedSource = nil
        }
    }

    private mutating func makeSocket(
        _ entry: Entry
    ) throws(SystemError) -> (descriptor: Int32, port: UInt16) {
        let socket = try DatagramSocket(isIPv6: entry.destination.isIPv6)
        // Nothing is read from it: peers answer to the port that all of them answer to.
        try socket.setReceiveBuffer(byteCount: 0)
        try socket.setTransmitOptions(
            hopLimit: 255, trafficClass: entry.trafficClass, priority: 6)
        if let interface = entry.interface { try socket.bind(toInterface: interface) }
        var port = entry.sourcePort ?? randomPort()
        var attemptsLeft = 256
        while true {
            do throws(SystemError) {
                try socket.bind(
                    entry.source ?? entry.learnedSource, port: port,
                    interfaceIndex: entry.interfaceIndex)
                try socket.connect(
                    to: entry.destination, port: entry.port,
                    interfaceIndex: entry.interfaceIndex)
                return (socket.take(), port)
            } catch {
                attemptsLeft -= 1
                guard error.errno == .addressInUse, attemptsLeft > 0 else { throw error }
                port = randomPort()
            }
        }
    }

    private mutating func randomPort() -> UInt16 {
        49_152 + UInt16(truncatingIfNeeded: random.next(below: 16_384))
    }
}

extension SocketAddress {
    init(_ address: IPAddress) {
        self.init(high: address.high, low: address.low, isIPv6: address.isIPv6)
    }
}

extension IPAddress {
    init(_ address: SocketAddress) {
        if address.isIPv6 {
            self.init(ipv6High: address.high, low: address.low)
        } else {
            self.init(ipv4: UInt32(truncatingIfNeeded: address.high >> 32))
        }
    }
}
