import EventLoop
import Foundation
import Glibc
import LinuxSystem
import Netlink
import NodeSurvey
import RouteController
import RouteCore
import Testing

/// Real-kernel tests of routes need root. In CI they fail without it instead of being skipped.
enum RouteRights {
    static let areThere = geteuid() == 0
    static let areDemanded = ProcessInfo.processInfo.environment["CI"] != nil
    static let comment: Comment = "needs root, to make network namespaces"
}

/// All kernel tests of routes, one after the other: their timing is part of what they test.
@Suite(
    .serialized, .enabled(if: RouteRights.areThere || RouteRights.areDemanded, RouteRights.comment))
struct RouteTests {}

/// A node with two links, `g0` and `g1`, to a router; each in a namespace of its own.
///
/// The thread of the test works in the node's namespace while the test runs. A test of a lab is
/// synchronous, so it stays on that thread.
final class RouteLab {
    let nodeName: String
    let routerName: String
    let loop: EventLoop
    private(set) var events: [RouteEvent] = []
    /// How often something was waited for in vain.
    private(set) var unmetCount = 0

    private init(_ name: String) throws {
        nodeName = "gwt-\(name)"
        routerName = "gwt-\(name)-r"
        loop = try EventLoop()
    }

    /// Builds a lab, runs `body` inside the node, and takes everything away again.
    static func run(_ body: (RouteLab) throws -> Void) throws {
        let before = try NetworkNamespace.current()
        let name = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        for namespace in ["gwt-\(name)", "gwt-\(name)-r"] {
            try shell("ip", "netns", "add", namespace)
        }
        defer {
            do { try before.enter() } catch { fatalError("cannot leave the laboratory: \(error)") }
            for namespace in ["gwt-\(name)", "gwt-\(name)-r"] {
                _ = try? shell("ip", "netns", "del", namespace)
            }
        }
        let node = try NetworkNamespace.open(path: NetworkNamespace.path(named: "gwt-\(name)"))
        let router = try NetworkNamespace.open(path: NetworkNamespace.path(named: "gwt-\(name)-r"))
        try router.enter()
        let routerLinks = try LabLinks()
        try node.enter()
        let nodeLinks = try LabLinks()
        try nodeLinks.set("lo", up: true)
        for index in 0...1 {
            try nodeLinks.createPair(
                "g\(index)", in: node.descriptor, peer: "r\(index)", in: router.descriptor)
            try nodeLinks.add(address("10.99.\(index).1"), length: 24, to: "g\(index)")
            try nodeLinks.add(address("2001:db8:a\(index)::1"), length: 64, to: "g\(index)")
            try nodeLinks.set("g\(index)", up: true)
            try routerLinks.add(address("10.99.\(index).2"), length: 24, to: "r\(index)")
            try routerLinks.add(address("2001:db8:a\(index)::2"), length: 64, to: "r\(index)")
            try routerLinks.set("r\(index)", up: true)
        }
        let lab = try RouteLab(name)
        try lab.waitUntil("both links carry IPv6 routes") {
            try shell("ip", "-6", "route", "show").contains("dev g1")
        }
        try body(lab)
    }

    /// A controller whose events the lab collects.
    func controller(
        _ routes: [RouteConfiguration], _ options: RouteControllerOptions = .init()
    ) throws -> RouteController {
        try RouteController(routes, options: options, loop: loop) { [unowned self] event in
            events.append(event)
        }
    }

    func forgetEvents() { events = [] }

    /// Serves the loop until a condition holds; fails after twenty seconds.
    func waitUntil(_ what: String, _ condition: () throws -> Bool) throws {
        let deadline = Clock.monotonicNanoseconds() + 20_000_000_000
        while try !condition() {
            guard Clock.monotonicNanoseconds() < deadline else {
                unmetCount += 1
                Issue.record("waited in vain until \(what)")
                return
            }
            loop.runOnce(waiting: false)
            usleep(1000)
        }
    }

    /// Serves the loop for a while.
    func serve(milliseconds: Int64) {
        let deadline = Clock.monotonicNanoseconds() + milliseconds * 1_000_000
        while Clock.monotonicNanoseconds() < deadline {
            loop.runOnce(waiting: false)
            usleep(1000)
        }
    }

    /// A link that goes down loses its IPv6 addresses.
    func restoreIPv6Addresses() throws {
        for index in 0...1 {
            try shell(
                "ip", "addr", "replace", "2001:db8:a\(index)::1/64", "dev", "g\(index)", "nodad")
        }
    }

    /// What is in the kernel under our protocol number.
    func kernel() throws -> RouteState {
        try RouteReader(protocolNumber: 158, ids: 0x5880_0000..<0x5881_0000)
            .read(nextHopObjects: true, through: NetlinkSocket.connected()).state
    }

    /// The gateways a route of ours leads to, through a group or by itself.
    func gateways(_ key: RouteKey) throws -> Set<String> {
        let state = try kernel()
        let nextHops: [NextHop] =
            switch state.routes[key] {
            case .group(let id): (state.groups[id] ?? []).compactMap { state.nextHops[$0.id] }
            case .nextHops(let weighted): weighted.map(\.nextHop)
            case .blackhole: [.blackhole(key.prefix.family)]
            case nil: []
            }
        return Set(
            nextHops.map {
                switch $0 {
                case .gateway(let address, _, _): address.description
                case .blackhole: "blackhole"
                }
            })
    }
}

/// Runs a program in the namespace of this thread; its output, or an error with what it complained.
@discardableResult
func shell(_ words: String...) throws -> String {
    try shell(words)
}

@discardableResult
func shell(_ words: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw ShellError(command: words.joined(separator: " "), output: output)
    }
    return output
}

struct ShellError: Error {
    let command: String
    let output: String
}

func address(_ text: String) throws -> HostAddress {
    try #require(HostAddress(text))
}
