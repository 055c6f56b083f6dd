import BFDAuthentication
import BFDCore

/// A packet an engine sent, and when.
struct Sent: Sendable {
    let at: Instant
    let session: SessionHandle
    let packet: ControlPacket
    let authentication: AuthenticationHeader?
    /// The octets of the datagram, padding included.
    let payloadByteCount: Int

    /// What would stand in the datagram.
    let bytes: [UInt8]
}

/// Writes a packet out.
func encoded(_ packet: ControlPacket) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xee, count: ControlPacket.mandatoryByteCount)
    var span = bytes.mutableSpan
    var raw = unsafe span.mutableBytes
    packet.encode(into: &raw)
    return bytes
}

extension IPAddress {
    static let alpha = IPAddress(ipv4: 0x0a09_000a)
    static let beta = IPAddress(ipv4: 0x0a09_0001)
    static let stranger = IPAddress(ipv4: 0x0a09_0063)
    static let linkLocal = IPAddress(ipv6High: 0xfe80_0000_0000_0000, low: 1)
}

/// One engine on a clock that only the test moves, with everything it said.
final class Node {
    var engine: Engine
    private(set) var sent: [Sent] = []
    private(set) var changes: [StateChange] = []
    private(set) var removed: [SessionHandle] = []
    /// The secrets of sessions that authenticate.
    private var keyChains: [SessionHandle: KeyChain] = [:]
    private(set) var created: [SessionHandle] = []

    init(capacity: Int = 8, seed: UInt64 = 1) {
        engine = Engine(capacity: capacity, seed: seed)
    }

    @discardableResult
    func receive(_ bytes: [UInt8], _ arrival: Arrival, at now: Instant) -> Reception {
        var reception = engine.receive(bytes.span, arrival, at: now)
        if case .needsDigest(let challenge) = reception {
            let isRight = keyChains[challenge.session]?.matches(challenge, bytes.span) ?? false
            reception = engine.finish(challenge, digestMatches: isRight, at: now)
        }
        fetch(at: now)
        return reception
    }

    func timeOut(at now: Instant) {
        engine.handleTimeout(at: now)
        fetch(at: now)
    }

    /// Fetches what the engine has to say.
    func fetch(at now: Instant) {
        while let output = engine.poll() {
            switch output {
            case .transmit(let transmission):
                sent.append(sent(transmission, at: now))
            case .stateChanged(let change): changes.append(change)
            case .removed(let handle): removed.append(handle)
            case .created(let handle): created.append(handle)
            }
        }
    }

    /// Has a session authenticate, or no longer.
    func authenticate(_ session: SessionHandle, _ keyChain: KeyChain?, at now: Instant) throws {
        try engine.setAuthentication(keyChain?.rules, session, at: now)
        keyChains[session] = keyChain
    }

    private func sent(_ transmission: Transmission, at now: Instant) -> Sent {
        let packet = transmission.packet
        let section = transmission.authentication.flatMap { header in
            keyChains[transmission.session]?.section(header, packet)
        }
        return Sent(
            at: now, session: transmission.session, packet: packet,
            authentication: transmission.authentication,
            payloadByteCount: transmission.payloadByteCount,
            bytes: encoded(packet) + (section ?? []))
    }

    /// A copy of a session's variables.
    func session(_ handle: SessionHandle) -> Session? {
        engine.session(handle)
    }

    func forget() {
        sent.removeAll()
        changes.removeAll()
    }
}
