internal import BFDCore

/// Reads how the engine threads are scheduled.
struct RealTimeReader {
    private static let schema = MappingReader.Schema(
        subject: "realtime",
        keys: ["priority", "cpu", "lock-memory", "spin", "cpu-dma-latency", "threads"],
        laterKeys: [])

    private let problems: ProblemCollector
    private var scalars: ScalarReader { ScalarReader(problems) }

    init(_ problems: ProblemCollector) {
        self.problems = problems
    }

    /// The settings, and what the peers have against them.
    func read(
        _ value: ConfigurationValue?, peers: [DaemonConfiguration.Peer]
    ) -> DaemonConfiguration.RealTime {
        var settings = DaemonConfiguration.RealTime()
        guard let value, let mapping = MappingReader(value, Self.schema, problems) else {
            return settings
        }
        if let priority = scalars.integer(mapping.value("priority"), "priority", in: 0...99) {
            settings.priority = Int(priority.value)
        }
        if let locksMemory = scalars.bool(mapping.value("lock-memory"), "lock-memory") {
            settings.locksMemory = locksMemory.value
        }
        if let spin = scalars.duration(mapping.value("spin"), "spin", in: 0...1_000) {
            settings.spin = Microseconds(UInt32(truncatingIfNeeded: spin.value))
        }
        settings.latency = latency(mapping.value("cpu-dma-latency"))
        if let threads = scalars.integer(mapping.value("threads"), "threads", in: 1...16) {
            settings.threadCount = Int(threads.value)
            checkThreads(threads, peers)
        }
        let processor = mapping.value("cpu")
        if case .scalar(let scalar) = processor?.content, scalar.text == "none" { return settings }
        if let number = scalars.integer(processor, "cpu", in: 0...1_023, orWord: "none") {
            settings.processor = Int(number.value)
        }
        return settings
    }

    private func latency(_ value: ConfigurationValue?) -> Microseconds? {
        if case .scalar(let scalar) = value?.content, scalar.text == "none" { return nil }
        return scalars.duration(value, "cpu-dma-latency", in: 0...10_000).map {
            Microseconds(UInt32(truncatingIfNeeded: $0.value))
        }
    }

    private func checkThreads(_ threads: Placed<Int64>, _ peers: [DaemonConfiguration.Peer]) {
        guard threads.value > 1, let peer = peers.first(where: \.usesEcho) else { return }
        problems.error(
            threads.place,
            "threads \(threads.value) does not go with Echo, which peer \"\(peer.name)\" uses: "
                + "Echo packets come back to one thread (allowed: 1)")
    }
}

extension DaemonConfiguration.Peer {
    fileprivate var usesEcho: Bool {
        isUnaffiliatedEcho || desiredMinEchoTxInterval.count > 0
            || requiredMinEchoRxInterval.count > 0
    }
}
