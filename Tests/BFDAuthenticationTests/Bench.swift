import BFDAuthentication
import BFDCore

/// A packet as it left.
struct Sent {
    let at: Instant
    let packet: ControlPacket
    let header: AuthenticationHeader?
    let bytes: [UInt8]
}

/// An engine with a key chain, a scripted peer that signs what it says, and a virtual clock.
final class Bench {
    var engine: Engine
    let session: SessionHandle
    private(set) var now = Instant(nanoseconds: 1_000_000_000_000)
    private(set) var sent: [Sent] = []
    private(set) var changes: [StateChange] = []
    private(set) var keyChain: KeyChain?

    /// How the peer signs; `nil` for not at all.
    var signer: Signer?
    /// The number of the peer's next packet, and by how much it grows.
    var peerSequence: UInt32 = 1_000
    var peerStep: UInt32 = 1
    var peer = ControlPacket(
        diagnostic: .none, state: .down, detectMultiplier: 3, myDiscriminator: 0x1122_3344,
        yourDiscriminator: 0, desiredMinTxInterval: Microseconds(300_000),
        requiredMinRxInterval: Microseconds(300_000))
    var arrival = Arrival(
        source: IPAddress(ipv4: 0x0a09_0001), destination: IPAddress(ipv4: 0x0a09_000a),
        interfaceIndex: 7, hopLimit: 255, receivedAt: Instant(nanoseconds: 0))

    init(
        _ keyChain: KeyChain? = nil, signer: Signer? = nil, discriminator: UInt32 = 0xa1b2_c3d4,
        seed: UInt64 = 1
    ) throws {
        engine = Engine(capacity: 4, seed: seed)
        var configuration = SessionConfiguration(
            path: Path(destination: IPAddress(ipv4: 0x0a09_0001)),
            desiredMinTxInterval: Microseconds(300_000),
            requiredMinRxInterval: Microseconds(300_000), detectMultiplier: 3)
        configuration.localDiscriminator = discriminator
        session = try engine.addSession(configuration, at: now)
        self.signer = signer
        if let keyChain { try use(keyChain) }
    }

    /// A session of one key that is Up, the peer numbering from 1,000 on.
    static func up(_ type: AuthenticationType = .keyedSHA1, seed: UInt64 = 1) throws -> Bench {
        let secret = Array("the-secret".utf8)
        let bench = try Bench(
            try .single(type, secret), signer: Signer(type, secret), seed: seed)
        try bench.bringUp()
        return bench
    }

    func bringUp() throws {
        hear(.down, your: 0)
        hear(.initializing)
        run(for: .milliseconds(400))
        hear(.up, final: true)
        hear(.up)
        guard try variables.state == .up else { throw NotUp() }
        forget()
    }

    struct NotUp: Error {}
    struct Gone: Error {}

    /// Authenticates from here on with other keys, or not at all.
    func use(_ keyChain: KeyChain?) throws {
        self.keyChain = keyChain
        try engine.setAuthentication(keyChain?.rules, session, at: now)
    }

    var variables: Session {
        get throws {
            guard let session = engine.session(session) else { throw Gone() }
            return session
        }
    }

    // MARK: What the peer does

    /// The peer sends a packet with its next number, or with one that does not count.
    @discardableResult
    func hear(
        _ state: SessionState, your: UInt32? = nil, poll: Bool = false, final: Bool = false,
        sequence: UInt32? = nil
    ) -> Verdict {
        var packet = peer
        packet.state = state
        packet.poll = poll
        packet.final = final
        packet.yourDiscriminator = your ?? 0xa1b2_c3d4
        guard let signer else { return hear(plain(packet)) }
        let bytes = signer.signed(packet, sequence: sequence ?? peerSequence)
        if sequence == nil { peerSequence &+= peerStep }
        return hear(bytes)
    }

    /// Octets arrive; the answer is the name of the verdict.
    @discardableResult
    func hear(_ bytes: [UInt8], lateBy delay: Nanoseconds = .zero) -> Verdict {
        arrival.receivedAt = now
        now = now + delay
        var reception = engine.receive(bytes.span, arrival, at: now)
        if case .needsDigest(let challenge) = reception {
            let matches = keyChain?.matches(challenge, bytes.span) ?? false
            reception = engine.finish(challenge, digestMatches: matches, at: now)
        }
        fetch()
        switch reception {
        case .accepted: return "accept"
        case .discarded(let reason): return "\(reason.name)"
        case .needsDigest: return "needs digest"
        }
    }

    typealias Verdict = String

    private func plain(_ packet: ControlPacket) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 24)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        packet.encode(into: &raw)
        return bytes
    }

    // MARK: What time does

    func run(for span: Nanoseconds) {
        let end = now + span
        while let deadline = engine.nextDeadline, deadline <= end {
            now = max(now, deadline)
            engine.handleTimeout(at: now)
            fetch()
        }
        now = end
    }

    /// Lets time pass while the peer goes on saying Up.
    func run(for span: Nanoseconds, hearingEvery interval: Nanoseconds) {
        var left = span
        while left >= interval {
            run(for: interval)
            hear(.up)
            left = left - interval
        }
    }

    func poll(_ edit: (inout SessionConfiguration) -> Void) throws {
        var configuration = try variables.configuration
        edit(&configuration)
        try engine.update(session, to: configuration, at: now)
        fetch()
    }

    func forget() {
        sent = []
        changes = []
    }

    /// What was sent has been looked at.
    func forgetSent() {
        sent = []
    }

    private func fetch() {
        while let output = engine.poll() {
            switch output {
            case .transmit(let transmission):
                let packet = transmission.packet
                let section = transmission.authentication.flatMap {
                    keyChain?.section($0, packet)
                }
                sent.append(
                    Sent(
                        at: now, packet: packet, header: transmission.authentication,
                        bytes: plain(packet) + (section ?? [])))
            case .stateChanged(let change): changes.append(change)
            case .removed, .created, .transmitEcho: break
            }
        }
    }
}

extension KeyChain {
    /// A chain of one key.
    static func single(
        _ type: AuthenticationType, key: UInt8 = 1, _ secret: [UInt8]
    ) throws -> KeyChain {
        try KeyChain(type: type, keys: [Key(id: key, secret: Secret(secret))])
    }
}
