// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target of this package is compiled with.
let house: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A Swift target under `Sources`, with the house settings.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: house)
}

/// A Swift test target under `Tests`, with the house settings.
func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: exclude, swiftSettings: house)
}

/// Files that become part of the code, so that a program is one file.
func embedded(_ paths: String...) -> [Resource] { paths.map { .embedInCode($0) } }

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// What serves HTTP: Hummingbird, and the modules of SwiftNIO that it stands on.
let http: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

/// What a command needs to speak HTTP over a connection that it waits for.
let httpParts: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOEmbedded", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]

let package = Package(
    name: "gatewatch",
    products: [
        .executable(name: "gatewatch", targets: ["GatewatchCLI"]),
        .library(name: "Gatewatch", targets: ["Gatewatch"]),
        .library(name: "BFDCore", targets: ["BFDCore"]),
        .library(name: "TimerJitter", targets: ["TimerJitter"]),
        // What libgatewatch.so is linked from: see deploy/library.
        .library(name: "GatewatchABI", type: .static, targets: ["GatewatchABI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Pure: time, bytes and randomness come in as arguments.
        library("BFDCore"),
        library("RouteCore"),
        library("NodeCore"),
        library("BFDAuthentication", ["BFDCore", crypto]),
        library("BFDSimulation", ["BFDCore", "RouteCore"]),
        library("ControlProtocol", ["BFDCore", "RouteCore", "NodeCore"]),

        // C: declarations and shims, no logic.
        .target(name: "CLinux"),
        .target(name: "CGatewatch"),
        .target(name: "CEv", linkerSettings: [.linkedLibrary("ev")]),
        .systemLibrary(
            name: "CNetlinkRoute", pkgConfig: "libnl-route-3.0",
            providers: [.apt(["libnl-route-3-dev"])]),

        // Linux: thin types that own one handle each.
        library("LinuxSystem", ["CLinux"]),
        library("EventLoop", ["CEv", "LinuxSystem"]),
        library("Netlink", ["CNetlinkRoute", "LinuxSystem", "RouteCore", "NodeCore"]),
        library("NodeSurvey", ["NodeCore", "Netlink", "RouteCore", "LinuxSystem"]),

        // Glue: one target per thread.
        library(
            "BFDDriver", ["BFDCore", "BFDAuthentication", "EventLoop", "LinuxSystem"]),
        library("TimerJitter", ["BFDCore", "EventLoop", "LinuxSystem"]),
        library("RouteController", ["RouteCore", "Netlink", "EventLoop", "LinuxSystem"]),

        // Faces.
        library(
            "Gatewatch",
            [
                "BFDDriver", "RouteController", "BFDCore", "BFDAuthentication", "RouteCore",
                "Netlink", "EventLoop", "LinuxSystem",
            ]),
        library(
            "GatewatchABI",
            [
                "CGatewatch", "Gatewatch", "BFDDriver", "RouteController", "BFDCore", "RouteCore",
                "Netlink", "LinuxSystem",
            ]),
        .executableTarget(
            name: "SwiftAgent",
            dependencies: ["Gatewatch", "BFDCore", "RouteController", "RouteCore"],
            swiftSettings: house),
        .target(
            name: "Daemon",
            dependencies: [
                "Gatewatch", "ControlProtocol", "BFDCore", "BFDAuthentication", "BFDDriver",
                "RouteCore", "NodeCore", "NodeSurvey", "Netlink",
                "RouteController", "EventLoop", "LinuxSystem", logging, yams,
            ] + http,
            resources: embedded(
                "OpenAPI/openapi.json", "Page/page.html", "Page/page.css", "Page/basics.js",
                "Page/model.js", "Page/history.js", "Page/charts.js", "Page/lists.js",
                "Page/live.js"),
            swiftSettings: house),
        .executableTarget(
            name: "GatewatchCLI",
            dependencies: [
                "Daemon", "ControlProtocol", "NodeCore", "NodeSurvey", "Gatewatch", "Netlink",
                "RouteCore", "BFDCore", "LinuxSystem", "TimerJitter", argumentParser,
            ] + httpParts,
            swiftSettings: house),

        // Tests.
        .target(
            name: "TestSupport", dependencies: ["LinuxSystem"], path: "Tests/Support",
            exclude: ["LabProbe", "Soak"], swiftSettings: house),
        .executableTarget(name: "LabProbe", path: "Tests/Support/LabProbe"),
        .executableTarget(
            name: "Soak", dependencies: ["BFDSimulation", "BFDCore"], path: "Tests/Support/Soak",
            swiftSettings: house),
        tests("BFDCoreTests", ["BFDCore", "BFDAuthentication"]),
        tests("BFDAuthenticationTests", ["BFDAuthentication", "BFDCore", crypto]),
        tests("SimulationTests", ["BFDSimulation", "BFDCore", "RouteCore"]),
        tests("RouteCoreTests", ["RouteCore"]),
        tests("NodeCoreTests", ["NodeCore"]),
        tests("NodeSurveyTests", ["NodeSurvey", "NodeCore", "Netlink", "LinuxSystem"]),
        tests("ControlProtocolTests", ["ControlProtocol", "NodeCore", "RouteCore", "BFDCore"]),
        tests(
            "ConfigurationTests",
            [
                "Daemon", "ControlProtocol", "Gatewatch", "RouteController", "RouteCore", "BFDCore",
                "LinuxSystem",
            ]),
        tests(
            "GatewatchCLITests",
            [
                "GatewatchCLI", "Daemon", "ControlProtocol", "NodeCore", "BFDCore", "LinuxSystem",
                "TimerJitter", argumentParser,
            ]),
        tests(
            "KernelTests",
            [
                "RouteController", "BFDDriver", "BFDCore", "Netlink", "NodeCore", "NodeSurvey",
                "RouteCore", "EventLoop", "LinuxSystem", "CLinux",
            ]),
        tests(
            "InteropTests",
            [
                "TestSupport", "LabProbe", "GatewatchCLI", "Gatewatch", "BFDAuthentication",
                "BFDCore", "BFDDriver", "RouteController", "RouteCore", "LinuxSystem",
            ]),
        tests("ABITests", ["TestSupport", "GatewatchABI", "SwiftAgent"], exclude: ["Programs"]),
        tests("DeployTests", ["TestSupport", "GatewatchCLI", "Daemon", "BFDCore", yams]),
        tests("TidyTests", []),
    ]
)
