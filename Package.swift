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

let package = Package(
    name: "gatewatch",
    products: [
        .library(name: "BFDCore", targets: ["BFDCore"]),
    ],
    targets: [
        // Pure: time, bytes and randomness come in as arguments.
        library("BFDCore"),
        library("RouteCore"),

        // C: declarations and shims, no logic.
        .target(name: "CLinux"),
        .target(name: "CEv", linkerSettings: [.linkedLibrary("ev")]),
        .systemLibrary(
            name: "CNetlinkRoute", pkgConfig: "libnl-route-3.0",
            providers: [.apt(["libnl-route-3-dev"])]),

        // Linux: thin types that own one handle each.
        library("LinuxSystem", ["CLinux"]),
        library("EventLoop", ["CEv", "LinuxSystem"]),
        library("Netlink", ["CNetlinkRoute", "LinuxSystem", "RouteCore"]),

        // Glue: one target per thread.
        library("RouteController", ["RouteCore", "Netlink", "EventLoop", "LinuxSystem"]),

        tests("RouteCoreTests", ["RouteCore"]),
        tests(
            "KernelTests",
            ["RouteController", "Netlink", "RouteCore", "EventLoop", "LinuxSystem"]),
    ]
)
