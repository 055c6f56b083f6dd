// swift-tools-version: 6.1

import PackageDescription

let optimized: [CSetting] = [
    .unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"]), .define("_GNU_SOURCE"),
]

let gatewatch = "gatewatch"

/// Times by the clock want a package that takes longer to build than all else here.
let timesEngine = Context.environment["GATEWATCH_TIMES"] != nil

let times: [Target] = [
    .executableTarget(
        name: "EngineBenchmarks",
        dependencies: ["EngineFixture", .product(name: "Benchmark", package: "benchmark")],
        // The plugin takes what lies in a folder named Benchmarks for its own.
        path: "EngineBenchmarks",
        plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
]

let package = Package(
    name: "Benchmarks",
    products: [
        .executable(name: "observer", targets: ["CObserver"]),
        .executable(name: "floor", targets: ["CFloor"]),
        .executable(name: "engine-counts", targets: ["EngineCounts"]),
        .library(name: "allocations", type: .dynamic, targets: ["CAllocationCounter"]),
    ],
    dependencies: [
        .package(name: gatewatch, path: "..")
    ]
        + (timesEngine
            // Without its own counter of allocations: the traits bring what counts nothing here.
            ? [.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: [])]
            : []),
    targets: [
        // The measuring instruments, in C: they cost little and are not what is measured.
        .target(name: "CMeasure", cSettings: optimized),
        .executableTarget(name: "CObserver", dependencies: ["CMeasure"], cSettings: optimized),
        .executableTarget(name: "CFloor", dependencies: ["CMeasure"], cSettings: optimized),
        .target(name: "CAllocationCounter", cSettings: optimized),

        // The engine by itself: counted without any package, timed with one.
        .target(
            name: "EngineFixture",
            dependencies: [
                .product(name: "BFDCore", package: gatewatch),
                .product(name: "TimerJitter", package: gatewatch),
            ]),
        .executableTarget(
            name: "EngineCounts", dependencies: ["EngineFixture", "CAllocationCounter"]),
    ] + (timesEngine ? times : [])
)
