import Benchmark
import EngineFixture

// `swift package benchmark --target EngineBenchmarks`: times, by the clock of the machine it runs
// on. What does not depend on the machine is held by `engine-counts` and Thresholds.
let benchmarks: @Sendable () -> Void = {
    for name in EngineOperation.names {
        Benchmark(
            name,
            configuration: .init(
                metrics: [.wallClock, .cpuTotal, .throughput], scalingFactor: .kilo,
                maxDuration: .seconds(2))
        ) { benchmark in
            guard let operation = try EngineOperation(named: name) else { return }
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { operation.run(1) }
            benchmark.stopMeasurement()
            blackHole(operation.checksum)
        }
    }
}
