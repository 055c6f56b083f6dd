import BFDAuthentication

@testable import BFDCore

/// A session under test, a peer that says what it is told to say, and a clock.
final class Bench {
    let node: Node
    let session: SessionHandle
    private(set) var now = Instant(nanoseconds: 1_000_000_000_000)
    /// What the peer says next; state, P and F go with each packet.
    var peer = ControlPacket(
        diagnostic: .none, state: .down, detectMultiplier: 3, myDiscriminator: 0x1122_3344,
        yourDiscriminator: 0, desiredMinTxInterval: .second, requiredMinRxInterval: .second)
    var arrival = Arrival(
        source: .beta, destination: .alpha, interfaceIndex: 7, hopLimit: 255,
        receivedAt: Instant(nanoseconds: 0))

    init(_ configuration: SessionConfiguration = .toBeta(), seed: UInt64 = 1) throws {
        node = Node(seed: seed)
        session = try node.engine.addSession(configuration, at: now)
        node.timeOut(at: now)
    }

    // MARK: What the peer does

    /// The peer sends one packet; Your Discriminator is ours unless told otherwise.
    @discardableResult
    func hear(
        _ state: SessionState, your: UInt32? = nil, poll: Bool = false, final: Bool = false
    ) throws -> Reception {
        var packet = peer
        packet.state = state
        packet.poll = poll
        packet.final = final
        packet.yourDiscriminator = try your ?? self.variables.localDiscriminator
        return hear(encoded(packet))
    }

    /// The peer sends one packet with an authentication section.
    @discardableResult
    func hear(
        _ state: SessionState, _ keyChain: KeyChain, key: UInt8, final: Bool = false,
        sequence: UInt32
    ) throws -> Reception {
        var packet = peer
        packet.state = state
        packet.final = final
        packet.yourDiscriminator = try variables.localDiscriminator
        let header = AuthenticationHeader(type: keyChain.type, keyID: key, sequence: sequence)
        packet.authenticationPresent = true
        packet.length += UInt8(keyChain.section(header, packet).count)
        return hear(encoded(packet) + keyChain.section(header, packet))
    }

    /// Octets arrive as if the peer had sent them.
    @discardableResult
    func hear(_ bytes: [UInt8]) -> Reception {
        arrival.receivedAt = now
        return node.receive(bytes, arrival, at: now)
    }

    /// The peer's intervals, both ways.
    func setPeerInterval(_ count: UInt32) {
        peer.desiredMinTxInterval = Microseconds(count)
        peer.requiredMinRxInterval = Microseconds(count)
    }

    // MARK: What time does

    /// Lets time pass, doing what is due in between.
    func run(for span: Nanoseconds) {
        let end = now + span
        while let deadline = node.engine.nextDeadline, deadline <= end {
            now = max(now, deadline)
            node.timeOut(at: now)
        }
        now = end
    }

    /// Lets time pass without serving anything, as a machine does that has no time for us.
    func pause(for span: Nanoseconds) {
        now = now + span
        node.timeOut(at: now)
    }

    /// Lets time pass; what is due then is still due.
    func pass(_ span: Nanoseconds) {
        now = now + span
    }

    /// Lets time pass while the peer goes on talking.
    func run(
        for span: Nanoseconds, hearing state: SessionState, every interval: Nanoseconds
    ) throws {
        var left = span
        while left >= interval {
            run(for: interval)
            try hear(state)
            left = left - interval
        }
        run(for: left)
    }

    /// Lets time pass until the next packet of ours, and returns it.
    func nextPacket(within span: Nanoseconds) -> Sent? {
        let end = now + span
        let count = node.sent.count
        while node.sent.count == count, let deadline = node.engine.nextDeadline, deadline <= end {
            now = max(now, deadline)
            node.timeOut(at: now)
        }
        return node.sent.count > count ? node.sent[count] : nil
    }

    // MARK: What is seen

    var variables: Session {
        get throws {
            guard let session = node.engine.session(session) else { throw Gone() }
            return session
        }
    }

    struct Gone: Error {}

    var sent: [Sent] { node.sent }
    var nextDeadline: Instant? { node.engine.nextDeadline }
    var changes: [StateChange] { node.changes }

    /// The spans between the packets sent since `forget()`.
    var gaps: [Nanoseconds] {
        zip(sent.dropFirst(), sent).map { $0.at - $1.at }
    }

    func forget() {
        node.forget()
    }

    // MARK: Where tests start from

    /// Up with both ends at one interval, our Poll answered and settled, nothing remembered.
    static func up(
        interval: UInt32 = 300_000, multiplier: UInt8 = 3, seed: UInt64 = 1
    ) throws -> Bench {
        let bench = try Bench(
            .toBeta(interval: interval, multiplier: multiplier), seed: seed)
        try bench.bringUp(interval: interval)
        return bench
    }

    func bringUp(interval: UInt32 = 300_000) throws {
        try hear(.down, your: 0)
        setPeerInterval(interval)
        try hear(.initializing)
        run(for: Nanoseconds(Int64(interval) * 1_000))
        try hear(.up, final: true)
        try hear(.up)
        forget()
    }

    /// A session in a state, the peer heard; AdminDown by our own operator.
    static func inState(_ state: SessionState) throws -> Bench {
        let bench = try Bench()
        switch state {
        case .down:
            try bench.hear(.adminDown)
        case .initializing:
            try bench.hear(.down, your: 0)
        case .up:
            return try .up()
        case .adminDown:
            try bench.hear(.adminDown)
            try bench.disable()
        }
        bench.forget()
        return bench
    }

    // MARK: What the operator does

    func disable(_ diagnostic: Diagnostic = .administrativelyDown) throws {
        if diagnostic == .pathDown {
            try node.engine.setPathDown(true, session, at: now)
        } else {
            try node.engine.setAdministrativelyDown(true, session, at: now)
        }
        node.timeOut(at: now)
    }

    func authenticate(_ keyChain: KeyChain?) throws {
        try node.authenticate(session, keyChain, at: now)
    }

    func remove() throws {
        try node.engine.removeSession(session, at: now)
        node.timeOut(at: now)
    }

    func enable() throws {
        try node.engine.setAdministrativelyDown(false, session, at: now)
        node.timeOut(at: now)
    }

    func update(_ edit: (inout SessionConfiguration) -> Void) throws {
        var configuration = try variables.configuration
        edit(&configuration)
        try node.engine.update(session, to: configuration, at: now)
        node.timeOut(at: now)
    }
}

extension SessionConfiguration {
    /// A session to the scripted peer, the same interval both ways.
    static func toBeta(
        interval: UInt32 = 300_000, multiplier: UInt8 = 3, role: Role = .active
    ) -> SessionConfiguration {
        SessionConfiguration(
            path: Path(destination: .beta), role: role,
            desiredMinTxInterval: Microseconds(interval),
            requiredMinRxInterval: Microseconds(interval), detectMultiplier: multiplier)
    }
}

extension Reception {
    var reason: DiscardReason? {
        switch self {
        case .accepted, .needsDigest: nil
        case .discarded(let reason): reason
        }
    }
}
