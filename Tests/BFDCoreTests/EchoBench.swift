import BFDCore

/// A session that sends Echo packets, a peer that goes on talking, and a wire that loops.
final class EchoBench {
    let bench: Bench
    var isLooping = true
    var isTalking = true
    private var flights: [(at: Instant, bytes: [UInt8])] = []
    private var fetched = 0
    private var nextWord: Instant
    private(set) var refusals: [DiscardReason] = []

    /// Up, the peer ready to loop at an interval, our Poll answered.
    init(
        peerInterval: UInt32 = 50_000, interval: UInt32 = 10_000, multiplier: UInt8 = 3,
        seed: UInt64 = 1, isLooping: Bool = true,
        _ edit: (inout SessionConfiguration) -> Void = { _ in }
    ) throws {
        self.isLooping = isLooping
        var configuration = SessionConfiguration.toBeta(multiplier: multiplier)
        configuration.desiredMinEchoTxInterval = Microseconds(interval)
        edit(&configuration)
        bench = try Bench(configuration, seed: seed)
        bench.peer.requiredMinEchoRxInterval = Microseconds(peerInterval)
        nextWord = bench.now
        try bench.hear(.down, your: 0)
        bench.setPeerInterval(300_000)
        try bench.hear(.initializing)
        bench.run(for: .milliseconds(2))
        loopWhatIsSent()
        try bench.hear(.up, final: true)
        try bench.hear(.up)
    }

    var echoes: [SentEcho] { bench.node.echoes }
    var state: SessionState? { bench.node.session(bench.session)?.state }

    var gaps: [Nanoseconds] { zip(echoes.dropFirst(), echoes).map { $0.at - $1.at } }

    func forget() {
        loopWhatIsSent()
        bench.forget()
        fetched = 0
    }

    @discardableResult
    func receiveEcho(_ bytes: [UInt8], hopLimit: UInt8? = 254) -> Reception {
        let arrival = Arrival(
            source: .alpha, destination: .alpha, interfaceIndex: 7, hopLimit: hopLimit,
            transport: .unaffiliatedEcho, receivedAt: bench.now)
        return bench.node.receiveEcho(bytes, arrival, at: bench.now)
    }

    /// Lets time pass in steps of a millisecond.
    func run(for span: Nanoseconds, until isDone: () -> Bool = { false }) throws {
        let end = bench.now + span
        while bench.now < end && !isDone() {
            bench.run(for: .milliseconds(1))
            loopWhatIsSent()
            let due = flights.filter { $0.at <= bench.now }
            flights.removeAll { $0.at <= bench.now }
            for flight in due {
                if let reason = receiveEcho(flight.bytes).reason { refusals.append(reason) }
            }
            guard isTalking, nextWord <= bench.now else { continue }
            nextWord = bench.now + .milliseconds(250)
            try bench.hear(.up, final: bench.node.sent.last?.packet.poll ?? false)
        }
    }

    private func loopWhatIsSent() {
        for echo in echoes[fetched...] where isLooping {
            flights.append((at: echo.at + .milliseconds(2), bytes: echo.bytes))
        }
        fetched = echoes.count
    }
}

extension Node {
    @discardableResult
    func receiveEcho(_ bytes: [UInt8], _ arrival: Arrival, at now: Instant) -> Reception {
        let reception = engine.receiveEcho(bytes.span, arrival, at: now)
        fetch(at: now)
        return reception
    }
}
