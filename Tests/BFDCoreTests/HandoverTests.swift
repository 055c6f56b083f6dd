import BFDAuthentication
import BFDCore
import Foundation
import Testing

/// A session goes on in another process, and nobody can tell.
@Suite("Handover")
struct HandoverTests {
    @Test func `a hundred handovers between Up ends change nothing for either`() throws {
        let pair = try Pair(.toBeta(interval: 50_000), .toAlpha(interval: 50_000))
        #expect(pair.runUntilUp(within: .seconds(5)))
        pair.run(for: .seconds(2))
        let sent = try #require(pair.variablesB).counters.sent
        for turn in 0..<100 {
            pair.run(for: .milliseconds(Int64(turn * 7 % 61)))
            let before = try #require(pair.variablesB)
            let deadline = pair.b.engine.nextDeadline
            try pair.handOverB()
            #expect(pair.b.engine.nextDeadline == deadline)
            let after = try #require(pair.variablesB)
            #expect(after.localDiscriminator == before.localDiscriminator)
            #expect(after.counters.sent == before.counters.sent)
        }
        pair.run(for: .seconds(1))
        let after = try #require(pair.variablesB)
        #expect(after.state == .up && after.counters.downs == 0)
        #expect(try #require(pair.variablesA).counters.downs == 0)
        #expect(after.counters.sent > sent + 60)
    }

    @Test func `a handover in the middle of a handshake or a Poll goes on with it`() throws {
        for step in 0..<40 {
            let pair = try Pair(.toBeta(interval: 50_000), .toAlpha(interval: 50_000))
            pair.run(for: .milliseconds(Int64(step) * 30))
            try pair.handOverB()
            #expect(pair.runUntilUp(within: .seconds(5)), "at \(step * 30) ms")
            pair.run(for: .seconds(4))
            let session = try #require(pair.variablesB)
            #expect(session.transmitInterval == Microseconds(50_000))
            #expect(session.counters.downs == 0)
        }
    }

    @Test func `silence that began before a handover is detected on time after it`() throws {
        let pair = try Pair(.toBeta(interval: 50_000), .toAlpha(interval: 50_000))
        #expect(pair.runUntilUp(within: .seconds(5)))
        pair.run(for: .seconds(2))
        pair.isCutFromA = true
        let heard = try #require(pair.variablesB).lastReceived
        pair.run(for: .milliseconds(80))
        try pair.handOverB()
        pair.run(for: .milliseconds(200))
        let change = try #require(pair.b.changes.last)
        #expect(change.to == .down && change.cause == .detectionTimeExpired)
        // The last packet may have been on its way when the link was cut.
        let latest = heard + .milliseconds(50) + .milliseconds(150)
        #expect(change.at <= latest)
    }

    @Test func `the numbers of a meticulous session go on`() throws {
        let chain = try KeyChain(
            type: .meticulousKeyedSHA1, keys: [Key(id: 1, secret: Secret(Array("secret".utf8)))])
        let pair = try Pair(.toBeta(interval: 50_000), .toAlpha(interval: 50_000))
        try pair.a.authenticate(pair.sessionA, chain, at: pair.now)
        try pair.b.authenticate(pair.sessionB, chain, at: pair.now)
        #expect(pair.runUntilUp(within: .seconds(5)))
        for _ in 0..<20 {
            pair.run(for: .milliseconds(130))
            try pair.handOverB(keyChain: chain)
        }
        pair.run(for: .seconds(1))
        #expect(try #require(pair.variablesA).counters.downs == 0)
        #expect(try #require(pair.variablesA).counters.receivedInvalid == 0)
        #expect(try #require(pair.variablesB).counters.receivedInvalid == 0)
    }

    @Test func `a discriminator, a path or a slot that is taken is refused`() throws {
        let node = Node(capacity: 1)
        let now = Instant(nanoseconds: 1_000_000_000_000)
        let handle = try node.engine.addSession(.toBeta(), at: now)
        let current = node.engine.handover(of: handle)
        let handover = try #require(current)
        #expect(throws: EngineError.pathInUse) { try node.engine.takeOver(handover, at: now) }
        let full = Node(capacity: 1)
        _ = try full.engine.addSession(.looped(to: .stranger), at: now)
        #expect(throws: EngineError.full) { try full.engine.takeOver(handover, at: now) }
        #expect(Session(octets: [1, 2, 3]) == nil)
    }

    @Test func `a session that is being removed is nobody's to take over`() throws {
        let pair = try Pair()
        #expect(pair.runUntilUp(within: .seconds(5)))
        try pair.b.engine.removeSession(pair.sessionB, at: pair.now)
        #expect(pair.b.engine.handover(of: pair.sessionB) == nil)
    }

    /// Octets are memory: whoever changes a variable has to say that they mean something else.
    @Test func `the arrangement of a session is the one that its number stands for`() throws {
        let node = Node()
        let handle = try node.engine.addSession(
            .toBeta(), at: Instant(nanoseconds: 1_000_000_000_000))
        let current = node.engine.session(handle)
        let session = try #require(current)
        var lines = [
            "version \(Session.octetsVersion)", "session \(Session.octetCount) octets",
            "totals \(EngineTotals.octetCount) octets",
        ]
        Self.list(session, "", &lines)
        Self.list(node.engine.totals, "totals.", &lines)
        let text = lines.joined(separator: "\n") + "\n"
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../fixtures/handover")
        let file = folder.appending(path: "session-\(Session.octetsVersion).txt")
        if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(
            try String(contentsOf: file, encoding: .utf8) == text,
            "variables have changed: raise Session.octetsVersion, then UPDATE_FIXTURES=1")
    }

    private static func list(_ value: Any, _ prefix: String, _ lines: inout [String]) {
        for child in Mirror(reflecting: value).children {
            let name = prefix + (child.label ?? "?")
            lines.append("\(name): \(type(of: child.value))")
            if Mirror(reflecting: child.value).displayStyle == .struct {
                list(child.value, name + ".", &lines)
            }
        }
    }
}
