// swift-tools-version: 6.1

import PackageDescription

let optimized: [CSetting] = [
    .unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"]), .define("_GNU_SOURCE"),
]

let package = Package(
    name: "Benchmarks",
    products: [
        .executable(name: "observer", targets: ["CObserver"]),
        .executable(name: "floor", targets: ["CFloor"]),
    ],
    targets: [
        // The measuring instruments, in C: they cost little and are not what is measured.
        .target(name: "CMeasure", cSettings: optimized),
        .executableTarget(name: "CObserver", dependencies: ["CMeasure"], cSettings: optimized),
        .executableTarget(name: "CFloor", dependencies: ["CMeasure"], cSettings: optimized),
    ]
)
