import Testing

/// Which target may import which: the layers of this package, from pure to face.
enum Arrows {
    static let allowed: [String: Set<String>] = [
        // Pure.
        "BFDCore": [],
        "RouteCore": [],
        "NodeCore": [],
        "ControlProtocol": ["BFDCore", "RouteCore", "NodeCore"],
        "BFDSimulation": ["BFDCore", "RouteCore"],
        "BFDAuthentication": ["BFDCore", "Crypto"],
        // Linux.
        "LinuxSystem": ["CLinux", "Glibc"],
        "EventLoop": ["CEv", "LinuxSystem"],
        "Netlink": ["CNetlinkRoute", "LinuxSystem", "RouteCore", "NodeCore", "Glibc"],
        "NodeSurvey": ["NodeCore", "RouteCore", "Netlink", "LinuxSystem"],
        // Glue.
        "BFDDriver": ["BFDCore", "BFDAuthentication", "EventLoop", "LinuxSystem"],
        "TimerJitter": ["BFDCore", "EventLoop", "LinuxSystem"],
        "RouteController": ["RouteCore", "NodeCore", "Netlink", "EventLoop", "LinuxSystem"],
        // Faces. What a lower layer's interface is made of has to be imported by name.
        "Gatewatch": [
            "BFDDriver", "RouteController", "BFDCore", "BFDAuthentication", "RouteCore",
            "Netlink", "EventLoop", "LinuxSystem",
        ],
        "GatewatchABI": [
            "CGatewatch", "Gatewatch", "BFDDriver", "RouteController", "BFDCore",
            "BFDAuthentication", "RouteCore", "Netlink", "LinuxSystem",
        ],
        "SwiftAgent": [
            "Gatewatch", "BFDCore", "RouteController", "RouteCore", "Dispatch", "Glibc",
        ],
        "Daemon": [
            "Gatewatch", "ControlProtocol", "BFDCore", "BFDAuthentication", "RouteCore",
            "NodeCore", "NodeSurvey", "BFDDriver", "RouteController", "Netlink", "EventLoop",
            "LinuxSystem", "Foundation", "Glibc", "Logging", "Yams", "Hummingbird",
            "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOPosix", "NIOHTTPTypes",
        ],
        "GatewatchCLI": [
            "Daemon", "ControlProtocol", "Gatewatch", "Netlink", "RouteCore", "NodeCore",
            "NodeSurvey", "LinuxSystem", "TimerJitter", "Foundation", "Glibc", "ArgumentParser",
            "NIOCore", "NIOEmbedded", "NIOHTTP1",
        ],
    ]

    /// Targets that see neither a clock, a descriptor, a lock nor another thread.
    static let pure: Set<String> = [
        "BFDCore", "RouteCore", "NodeCore", "ControlProtocol", "BFDSimulation",
    ]

    /// Part of the standard library, for mailboxes and exported counters; never in a pure target.
    static let locks = "Synchronization"

    static func findings(in file: SourceFile) -> [Finding] {
        guard file.isSource, file.isSwift, let target = file.target else { return [] }
        guard var targets = allowed[target] else {
            return [Finding(path: file.path, line: 1, message: "target \(target) has no layer")]
        }
        if !pure.contains(target) { targets.insert(locks) }
        return imports(in: file.code).filter { !targets.contains($0.module) }.map {
            Finding(path: file.path, line: $0.line, message: "\(target) imports \($0.module)")
        }
    }

    /// Every module a file imports, with or without attribute, access level and kind.
    static func imports(in code: SwiftCode) -> [(line: Int, module: String)] {
        code.lines.enumerated().compactMap { offset, line in
            var words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            while let first = words.first, first.hasPrefix("@") || levels.contains(first) {
                words.removeFirst()
            }
            guard words.count > 1, words.removeFirst() == "import" else { return nil }
            if words.count > 1, kinds.contains(words[0]) { words.removeFirst() }
            let module = words[0].prefix { $0.isWordPart }
            return (offset + 1, String(module))
        }
    }

    private static let levels: Set<String> = [
        "public", "package", "internal", "fileprivate", "private",
    ]
    private static let kinds: Set<String> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
    ]
}

@Suite("Imports follow the layers")
struct ImportTests {
    @Test func `no file imports against the arrows`() {
        #expect(Tree.swiftFiles.contains { $0.target == "BFDCore" })
        #expect(Tree.swiftFiles.flatMap(Arrows.findings(in:)).map(\.description) == [])
    }

    @Test(arguments: [
        "import Foundation", "public import Netlink", "@testable import Netlink",
        "@preconcurrency internal import Glibc", "import struct Foundation.Date",
        "  private import LinuxSystem // a comment", "import Synchronization",
    ])
    func `an import against the arrows is found in every form`(_ line: String) {
        let file = SourceFile(path: "Sources/BFDCore/X.swift", text: "// First.\n" + line)
        #expect(Arrows.findings(in: file).map(\.line) == [2])
    }

    @Test func `imports along the arrows, in comments and in strings are left alone`() {
        let literal = "let x = \"\"\"\n  import Yams\n  \"\"\""
        let text = "internal import CLinux\n// import Foundation\n" + literal
        let file = SourceFile(path: "Sources/LinuxSystem/X.swift", text: text)
        #expect(Arrows.findings(in: file).isEmpty)
    }

    @Test func `a target without a layer is found`() {
        let file = SourceFile(path: "Sources/Helpers/X.swift", text: "")
        #expect(Arrows.findings(in: file).count == 1)
    }
}
