import LinuxSystem
import Testing

/// Tests of links in the real kernel, one after the other.
@Suite(
    .serialized, .enabled(if: RouteRights.areThere || RouteRights.areDemanded, RouteRights.comment))
struct LinkTests {}

/// Empty network namespaces; the thread of the test works in the first of them meanwhile.
enum LinkLab {
    /// Makes as many namespaces as names come out of it, runs `body`, and takes them away again.
    static func run(_ count: Int, _ body: ([String]) throws -> Void) throws {
        let before = try NetworkNamespace.current()
        let tag = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        let names = (0..<count).map { "gwt-\(tag)-l\($0)" }
        defer {
            do { try before.enter() } catch { fatalError("cannot leave the laboratory: \(error)") }
            for name in names { _ = try? shell("ip", "netns", "del", name) }
        }
        for name in names { try shell("ip", "netns", "add", name) }
        try enter(names[0])
        try body(names)
    }

    /// Moves the calling thread.
    static func enter(_ name: String) throws {
        try NetworkNamespace.open(path: NetworkNamespace.path(named: name)).enter()
    }
}
