import BFDCore

/// An unaffiliated Echo session, and a peer that forwards what it is sent.
final class Loop {
    let node: Node
    let session: SessionHandle
    private(set) var now = Instant(nanoseconds: 1_000_000_000_000)
    var delay = Nanoseconds.milliseconds(2)
    var isCut = false
    /// What happens to a packet on its way.
    var alter: (inout ControlPacket) -> Void = { _ in }
    private(set) var refusals: [DiscardReason] = []
    private var flights: [(at: Instant, bytes: [UInt8])] = []
    private var fetched = 0

    init(_ configuration: SessionConfiguration = .looped(), seed: UInt64 = 1) throws {
        node = Node(seed: seed)
        session = try node.engine.addSession(configuration, at: now)
    }

    /// Lets time pass: at each moment packets first, then what is due.
    func run(for span: Nanoseconds) {
        let end = now + span
        step()
        while let next = nextMoment, next <= end {
            now = max(now, next)
            step()
        }
        now = end
    }

    static func up(_ configuration: SessionConfiguration = .looped()) throws -> Loop {
        let loop = try Loop(configuration)
        loop.run(for: .seconds(4))
        loop.forget()
        return loop
    }

    @discardableResult
    func hear(
        _ bytes: [UInt8], hopLimit: UInt8? = 254, from source: IPAddress = .alpha
    ) -> Reception {
        let arrival = Arrival(
            source: source, destination: .alpha, interfaceIndex: 7, hopLimit: hopLimit,
            transport: .unaffiliatedEcho, receivedAt: now)
        return node.receive(bytes, arrival, at: now)
    }

    var variables: Session? { node.session(session) }
    var state: SessionState? { variables?.state }

    /// The spans between the packets sent since `forget()`.
    var gaps: [Nanoseconds] {
        zip(node.sent.dropFirst(), node.sent).map { $0.at - $1.at }
    }

    func forget() {
        node.forget()
        fetched = 0
    }

    private var nextMoment: Instant? {
        [node.engine.nextDeadline, flights.map(\.at).min()].compactMap { $0 }.min()
    }

    private func step() {
        let due = flights.filter { $0.at <= now }
        flights.removeAll { $0.at <= now }
        for flight in due {
            if let reason = hear(flight.bytes).reason { refusals.append(reason) }
        }
        node.timeOut(at: now)
        for one in node.sent[fetched...] where !isCut {
            var packet = one.packet
            alter(&packet)
            flights.append((at: one.at + delay, bytes: encoded(packet)))
        }
        fetched = node.sent.count
    }
}

extension SessionConfiguration {
    /// A session whose packets beta forwards back to alpha.
    static func looped(
        interval: UInt32 = 100_000, multiplier: UInt8 = 3, to destination: IPAddress = .beta
    ) -> SessionConfiguration {
        SessionConfiguration(
            path: Path(destination: destination, source: .alpha, transport: .unaffiliatedEcho),
            desiredMinTxInterval: Microseconds(interval), detectMultiplier: multiplier,
            localDiscriminator: 0xa1b2_c3d4)
    }
}
