import BFDAuthentication
import BFDCore
import Testing

/// Two engines with a link between them that a test can delay, thin out and cut.
final class Pair {
    let a: Node
    let b: Node
    let sessionA: SessionHandle
    private(set) var sessionB: SessionHandle
    private(set) var now = Instant(nanoseconds: 1_000_000_000_000)

    var delay = Nanoseconds.milliseconds(1)
    var isCutFromA = false
    var isCutFromB = false
    /// One packet in so many is lost; zero loses none.
    var lossDivisor: UInt64 = 0

    private struct Flight {
        let at: Instant
        let fromA: Bool
        let bytes: [UInt8]
    }

    private var flights: [Flight] = []
    private var fetchedFromA = 0
    private var fetchedFromB = 0
    private var random: SplitMix64

    init(
        _ configurationA: SessionConfiguration = .toBeta(),
        _ configurationB: SessionConfiguration = .toAlpha(), seed: UInt64 = 1
    ) throws {
        a = Node(seed: seed)
        b = Node(seed: seed &+ 1_000)
        random = SplitMix64(seed: ~seed)
        sessionA = try a.engine.addSession(configurationA, at: now)
        sessionB = try b.engine.addSession(configurationB, at: now)
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

    func runUntilUp(within span: Nanoseconds) -> Bool {
        let end = now + span
        while now < end {
            run(for: .milliseconds(1))
            if stateA == .up && stateB == .up { return true }
        }
        return false
    }

    var variablesA: Session? { a.engine.session(sessionA) }
    var variablesB: Session? { b.engine.session(sessionB) }
    var stateA: SessionState? { variablesA?.state }
    var stateB: SessionState? { variablesB?.state }

    func forget() {
        a.forget()
        b.forget()
        fetchedFromA = 0
        fetchedFromB = 0
    }

    /// The process at B ends without a word, and a new one with other discriminators begins.
    func restartB(_ configuration: SessionConfiguration = .toAlpha()) throws {
        b.engine = Engine(capacity: 8, seed: 77)
        sessionB = try b.engine.addSession(configuration, at: now)
    }

    /// The process at B passes its session to another one, as octets; what B had said is said.
    func handOverB(keyChain: KeyChain? = nil) throws {
        let current = b.engine.handover(of: sessionB)
        let handover = try #require(current)
        var octets: [UInt8] = []
        handover.session.appendOctets(to: &octets)
        let session = try #require(Session(octets: octets[...]))
        let totals = b.engine.totals
        b.engine = Engine(capacity: 8, seed: now.nanoseconds.magnitude)
        b.engine.goOn(from: totals)
        sessionB = try b.engine.takeOver(
            SessionHandover(session: session, authentication: handover.authentication), at: now)
        guard let keyChain, let numbers = handover.authentication else { return }
        try b.authenticate(sessionB, keyChain, at: now)
        b.engine.setAuthenticationNumbers(numbers, sessionB)
    }

    /// The process at B is killed; another one begins later, with what was kept of the session.
    ///
    /// What arrives meanwhile is lost.
    func killB(for outage: Nanoseconds, _ changed: SessionConfiguration? = nil) throws {
        let memory = b.engine.memory(inSlot: 0)
        var wanted = changed ?? variablesB?.configuration ?? .toAlpha()
        wanted.localDiscriminator = variablesB?.localDiscriminator ?? 0
        b.engine = Engine(capacity: 8, seed: now.nanoseconds.magnitude)
        run(for: outage)
        if let memory, let recalled = b.engine.recall(memory, wanted, at: now) {
            sessionB = recalled
        } else {
            sessionB = try b.engine.addSession(wanted, at: now)
        }
    }

    private var nextMoment: Instant? {
        let moments = [a.engine.nextDeadline, b.engine.nextDeadline, flights.map(\.at).min()]
        return moments.compactMap { $0 }.min()
    }

    private func step() {
        let due = flights.filter { $0.at <= now }
        flights.removeAll { $0.at <= now }
        for flight in due { land(flight) }
        a.timeOut(at: now)
        b.timeOut(at: now)
        launch(a.sent[fetchedFromA...], fromA: true)
        launch(b.sent[fetchedFromB...], fromA: false)
        fetchedFromA = a.sent.count
        fetchedFromB = b.sent.count
    }

    private func launch(_ sent: ArraySlice<Sent>, fromA: Bool) {
        for one in sent {
            let isLost = lossDivisor > 0 && random.next(below: lossDivisor) == 0
            if isLost || (fromA ? isCutFromA : isCutFromB) { continue }
            flights.append(Flight(at: one.at + delay, fromA: fromA, bytes: one.bytes))
        }
    }

    private func land(_ flight: Flight) {
        let arrival = Arrival(
            source: flight.fromA ? .alpha : .beta, destination: flight.fromA ? .beta : .alpha,
            interfaceIndex: 7, hopLimit: 255, receivedAt: flight.at)
        (flight.fromA ? b : a).receive(flight.bytes, arrival, at: now)
    }
}

extension SessionConfiguration {
    /// The same session seen from the other end.
    static func toAlpha(
        interval: UInt32 = 300_000, multiplier: UInt8 = 3, role: Role = .active
    ) -> SessionConfiguration {
        var configuration = SessionConfiguration.toBeta(
            interval: interval, multiplier: multiplier, role: role)
        configuration.path = Path(destination: .alpha)
        return configuration
    }
}
