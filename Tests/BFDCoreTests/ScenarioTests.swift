import BFDCore
import Testing

@Suite("RFC 5880: scenarios of two ends")
struct ScenarioTests {
    /// Two ends that have been Up for a while.
    private func established(_ interval: UInt32 = 300_000, seed: UInt64 = 1) throws -> Pair {
        let pair = try Pair(
            .toBeta(interval: interval), .toAlpha(interval: interval), seed: seed)
        try #require(pair.runUntilUp(within: .seconds(5)))
        pair.run(for: .seconds(3))
        pair.forget()
        return pair
    }

    @Test(arguments: [UInt64](1...20))
    func `5880-scn-01: cold start of two active ends`(_ seed: UInt64) throws {
        let pair = try Pair(seed: seed)
        #expect(pair.runUntilUp(within: .seconds(3)))
        pair.run(for: .seconds(2))
        for (node, session) in [(pair.a, pair.variablesA), (pair.b, pair.variablesB)] {
            #expect(node.sent.first?.packet.state == .down)
            #expect(node.sent.first?.packet.yourDiscriminator == 0)
            let polls = node.sent.filter(\.packet.poll)
            #expect(polls.first?.packet.state == .up)
            #expect(polls.allSatisfy { $0.packet.desiredMinTxInterval.count == 300_000 })
            #expect(node.sent.contains { $0.packet.final })
            #expect(session?.transmitInterval == Microseconds(300_000))
            #expect(session?.pollSequence == .idle)
            #expect(session?.counters.downs == 0)
        }
    }

    @Test(arguments: [UInt64](1...20))
    func `5880-scn-02: both directions cut`(_ seed: UInt64) throws {
        let pair = try established(seed: seed)
        let cut = pair.now
        pair.isCutFromA = true
        pair.isCutFromB = true
        pair.run(for: .seconds(10))
        for node in [pair.a, pair.b] {
            let change = try #require(node.changes.first)
            #expect(node.changes.count == 1 && change.to == .down)
            #expect(change.localDiagnostic == .controlDetectionTimeExpired)
            // The last packet had left up to an interval earlier, or was still on its way.
            #expect(change.at - cut > .milliseconds(600))
            #expect(change.at - cut <= .milliseconds(901))
            let later = node.sent.filter { $0.at >= change.at }
            #expect(later.allSatisfy { $0.packet.yourDiscriminator == 0 })
            #expect(later.allSatisfy { $0.packet.desiredMinTxInterval == .second })
            #expect(later.count >= 9 && later.count <= 13)
        }
    }

    @Test func `5880-scn-03: one direction cut`() throws {
        let pair = try established()
        pair.isCutFromA = true
        pair.run(for: .seconds(30))
        #expect(pair.b.changes.map(\.to) == [.down])
        #expect(pair.b.changes.map(\.localDiagnostic) == [.controlDetectionTimeExpired])
        #expect(pair.a.changes.map(\.to) == [.down, .initializing])
        #expect(pair.a.changes.first?.localDiagnostic == .neighborSignaledSessionDown)
        #expect(pair.stateA == .initializing && pair.stateB == .down)
        pair.isCutFromA = false
        #expect(pair.runUntilUp(within: .seconds(3)))
    }

    @Test func `5880-scn-04: the peer restarts within the detection time`() throws {
        let pair = try established()
        let before = try #require(pair.variablesA).remoteDiscriminator
        try pair.restartB()
        let restart = pair.now
        pair.run(for: .milliseconds(2))
        let change = try #require(pair.a.changes.first)
        #expect(change.to == .down && change.cause == .peerDown)
        #expect(change.at - restart <= .milliseconds(1))
        #expect(pair.runUntilUp(within: .seconds(3)))
        let after = try #require(pair.variablesA)
        #expect(after.remoteDiscriminator != before)
        #expect(after.remoteDiscriminator == pair.variablesB?.localDiscriminator)
    }

    @Test(arguments: [UInt64](1...10))
    func `5880-scn-05: intervals changed back and forth under loss`(_ seed: UInt64) throws {
        let pair = try established(50_000, seed: seed)
        pair.lossDivisor = 100
        for interval in [UInt32(1_000_000), 50_000, 1_000_000, 50_000] {
            let configuration = SessionConfiguration.toBeta(interval: interval)
            try pair.a.engine.update(pair.sessionA, to: configuration, at: pair.now)
            let polls = pair.a.sent.count { $0.packet.poll }
            pair.run(for: .seconds(20))
            #expect(pair.a.sent.count { $0.packet.poll } > polls)
            #expect(pair.variablesA?.pollSequence == .idle)
            let interval = Microseconds(interval)
            #expect(pair.variablesA?.transmitInterval == interval)
            #expect(pair.variablesB?.receiveInterval == interval)
        }
        #expect(pair.a.changes.isEmpty && pair.b.changes.isEmpty)
    }

    @Test func `5880-scn-06: disabled for ten seconds, then enabled`() throws {
        let pair = try established()
        try pair.a.engine.setAdministrativelyDown(true, pair.sessionA, at: pair.now)
        pair.run(for: .seconds(10))
        #expect(pair.b.changes.map(\.to) == [.down])
        #expect(pair.b.changes.map(\.cause) == [.peerAdminDown])
        #expect(pair.b.changes.map(\.localDiagnostic) == [.neighborSignaledSessionDown])
        #expect(pair.stateA == .adminDown)
        try pair.a.engine.setAdministrativelyDown(false, pair.sessionA, at: pair.now)
        #expect(pair.runUntilUp(within: .seconds(3)))
        #expect(pair.a.changes.map(\.to).first == .adminDown)
        #expect(pair.a.changes.map(\.to).dropFirst().first == .down)
    }

    @Test func `5880-scn-07: a thousand sessions start at once`() throws {
        let count = 1_000
        let crowd = try Crowd(count: count)
        crowd.run(for: .seconds(8))
        for node in [crowd.a, crowd.b] {
            #expect(node.changes.allSatisfy { $0.to != .down })
            #expect(node.changes.count { $0.to == .up } == count)
            var times = [[Int64]](repeating: [], count: count)
            for one in node.sent { times[one.session.index].append(one.at.nanoseconds) }
            #expect(Set(times.map { $0.suffix(5).map { $0 / 1_000_000 } }).count > count - 10)
            // All began in one instant; the last second's packets are spread over it.
            let last = node.sent.filter { crowd.now - $0.at <= .seconds(1) }
            var tenths = [Int](repeating: 0, count: 10)
            for one in last { tenths[Int((crowd.now - one.at).count / 100_000_001)] += 1 }
            #expect(tenths.allSatisfy { $0 * 10 > last.count / 2 && $0 * 10 < last.count * 2 })
        }
    }

    @Test func `5880-scn-08: what waits in the socket is read before silence is judged`() throws {
        let bench = try Bench.up()
        let stopped = bench.now
        var answer = bench.peer
        answer.state = .up
        answer.yourDiscriminator = try bench.variables.localDiscriminator
        // Two detection times pass without a call; the peer's packets pile up meanwhile.
        let resumed = stopped + .milliseconds(1_800)
        for index in Int64(1)...6 {
            var arrival = bench.arrival
            arrival.receivedAt = stopped + .milliseconds(280 * index)
            #expect(bench.node.receive(encoded(answer), arrival, at: resumed).reason == nil)
        }
        bench.node.timeOut(at: resumed)
        #expect(bench.changes.isEmpty)
        #expect(try bench.variables.state == .up)
        // One packet is overdue, not one for every slot that was missed.
        #expect(bench.sent.count == 1)
    }
}

/// Many sessions between two engines, without delay.
private final class Crowd {
    let a: Node
    let b: Node
    private(set) var now = Instant(nanoseconds: 1_000_000_000_000)
    private var fetchedFromA = 0
    private var fetchedFromB = 0

    init(count: Int) throws {
        a = Node(capacity: count, seed: 1)
        b = Node(capacity: count, seed: 2)
        for index in 0..<UInt32(count) {
            let addressA = IPAddress(ipv4: 0x0a00_0000 + index)
            let addressB = IPAddress(ipv4: 0x0b00_0000 + index)
            let pathA = Path(destination: addressB, source: addressA)
            let pathB = Path(destination: addressA, source: addressB)
            _ = try a.engine.addSession(SessionConfiguration(path: pathA), at: now)
            _ = try b.engine.addSession(SessionConfiguration(path: pathB), at: now)
        }
    }

    func run(for span: Nanoseconds) {
        let end = now + span
        step()
        while let next = nextDeadline, next <= end {
            now = max(now, next)
            step()
        }
        now = end
    }

    private var nextDeadline: Instant? {
        [a.engine.nextDeadline, b.engine.nextDeadline].compactMap { $0 }.min()
    }

    private func step() {
        a.timeOut(at: now)
        b.timeOut(at: now)
        while fetchedFromA < a.sent.count || fetchedFromB < b.sent.count {
            while fetchedFromA < a.sent.count {
                carry(a.sent[fetchedFromA], to: b, from: 0x0a00_0000, to: 0x0b00_0000)
                fetchedFromA += 1
            }
            while fetchedFromB < b.sent.count {
                carry(b.sent[fetchedFromB], to: a, from: 0x0b00_0000, to: 0x0a00_0000)
                fetchedFromB += 1
            }
        }
    }

    private func carry(_ sent: Sent, to node: Node, from own: UInt32, to other: UInt32) {
        let index = UInt32(sent.session.index)
        let arrival = Arrival(
            source: IPAddress(ipv4: own + index), destination: IPAddress(ipv4: other + index),
            interfaceIndex: 7, hopLimit: 255, receivedAt: now)
        node.receive(sent.bytes, arrival, at: now)
    }
}
