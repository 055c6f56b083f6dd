import BFDCore
import Testing

@Suite("RFC 5880 §6.6: Demand mode of our own")
struct DemandTests {
    /// In Demand mode with all Polls answered and settled, the peer silent, nothing remembered.
    private func demanding(
        interval: UInt32 = 300_000, multiplier: UInt8 = 3, remoteToo: Bool = false
    ) throws -> Bench {
        var configuration = SessionConfiguration.toBeta(interval: interval, multiplier: multiplier)
        configuration.demandMode = true
        let bench = try Bench(configuration)
        try bench.bringUp(interval: interval)
        bench.run(for: Nanoseconds(Int64(interval) * 1_000))
        bench.peer.demand = remoteToo
        try bench.hear(.up, final: true)
        bench.run(for: Nanoseconds(Int64(interval) * 1_000 * Int64(multiplier)))
        bench.forget()
        return bench
    }

    private func isDemandSet(_ sent: Sent) -> Bool { sent.bytes[1] & 0x02 != 0 }

    @Test func `5880-6.6-01: D is set only while both ends are Up`() throws {
        var configuration = SessionConfiguration.toBeta()
        configuration.demandMode = true
        let bench = try Bench(configuration)
        try bench.hear(.down, your: 0)
        bench.setPeerInterval(300_000)
        bench.run(for: .seconds(1))
        try bench.hear(.initializing)
        try bench.run(for: .seconds(1), hearing: .initializing, every: .milliseconds(200))
        #expect(try bench.variables.state == .up)
        #expect(bench.sent.count >= 4)
        #expect(!bench.sent.contains(where: isDemandSet))
        bench.forget()
        try bench.hear(.up, final: true)
        try bench.hear(.up)
        #expect(isDemandSet(try #require(bench.nextPacket(within: .milliseconds(300)))))
        bench.forget()
        try bench.hear(.down)
        try bench.run(for: .seconds(3), hearing: .adminDown, every: .milliseconds(500))
        #expect(bench.sent.count >= 3)
        #expect(!bench.sent.contains(where: isDemandSet))
    }

    @Test func `5880-6.6-01: toward a peer in Init silence counts as without Demand`() throws {
        var configuration = SessionConfiguration.toBeta()
        configuration.demandMode = true
        let bench = try Bench(configuration)
        try bench.hear(.down, your: 0)
        bench.setPeerInterval(300_000)
        bench.peer.detectMultiplier = 10
        try bench.hear(.initializing)
        bench.run(for: .milliseconds(2_900))
        #expect(try bench.variables.state == .up)
        bench.run(for: .milliseconds(200))
        #expect(try bench.variables.state == .down)
    }

    @Test func `5880-6.6-01: D goes at once when the peer is not Up any more`() throws {
        let bench = try demanding()
        try bench.hear(.initializing)
        #expect(try bench.variables.state == .up)
        let next = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(!isDemandSet(next) && next.packet.poll)
        bench.run(for: .seconds(1))
        #expect(try bench.variables.state == .down)
    }

    @Test(arguments: [false, true])
    func `5880-6.6-02: a change of D comes with a Poll`(_ isOn: Bool) throws {
        let bench = isOn ? try Bench.up() : try demanding()
        try bench.update { $0.demandMode = isOn }
        // An answer in between is no packet with P: it says the old D.
        try bench.hear(.up, poll: true)
        #expect(bench.sent.map(isDemandSet) == [!isOn])
        let first = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(isDemandSet(first) == isOn && first.packet.poll)
        bench.run(for: .milliseconds(600))
        #expect(bench.sent.dropFirst().allSatisfy { isDemandSet($0) == isOn && $0.packet.poll })
        try bench.hear(.up, final: true)
        let next = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(isDemandSet(next) == isOn && !next.packet.poll)
    }

    @Test func `5880-6.6-03: our Demand has changed content polled`() throws {
        try checkContentIsPolled(try demanding())
    }

    @Test func `5880-6.6-03: the peer's Demand has changed content polled`() throws {
        let bench = try Bench.up()
        bench.run(for: .milliseconds(300))
        bench.peer.demand = true
        try bench.hear(.up)
        try checkContentIsPolled(bench, isPeerSilent: false)
    }

    private func checkContentIsPolled(_ bench: Bench, isPeerSilent: Bool = true) throws {
        func answer() throws {
            bench.forget()
            try bench.hear(.up, final: true)
            if isPeerSilent { bench.run(for: .seconds(2)) } else { try bench.hear(.up) }
            #expect(bench.sent.allSatisfy { !$0.packet.poll })
        }
        try bench.update { $0.detectMultiplier = 5 }
        let first = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(first.packet.poll && first.packet.detectMultiplier == 5)
        try answer()
        try bench.update { $0.controlPlaneIndependent = true }
        let second = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(second.packet.poll && second.packet.controlPlaneIndependent)
        try answer()
        bench.peer.myDiscriminator = 0x5566_7788
        try bench.hear(.up)
        bench.forget()
        let third = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(third.packet.poll && third.packet.yourDiscriminator == 0x5566_7788)
        try answer()
        try bench.update { $0.strictSource = false }
        bench.run(for: .milliseconds(300))
        #expect(bench.sent.allSatisfy { !$0.packet.poll })
    }

    @Test(arguments: [false, true])
    func `5880-6.6-03: content said without a Poll, and taken back, is polled`(
        _ isInAnswer: Bool
    ) throws {
        let bench = try demanding()
        try bench.update { $0.detectMultiplier = 5 }
        let first = try #require(bench.nextPacket(within: .milliseconds(300)))
        try bench.hear(.up, final: true)
        bench.forget()
        // No Poll may follow yet, but packets say what is new.
        try bench.update { $0.detectMultiplier = 7 }
        if isInAnswer {
            try bench.hear(.up, poll: true)
        } else {
            bench.run(for: .milliseconds(300))
        }
        #expect(bench.sent.map(\.packet.detectMultiplier) == [7])
        #expect(bench.sent.allSatisfy { !$0.packet.poll })
        try bench.update { $0.detectMultiplier = 5 }
        bench.forget()
        bench.run(for: .milliseconds(2_100))
        let poll = try #require(bench.sent.first { $0.packet.poll })
        #expect(poll.packet.detectMultiplier == 5)
        #expect(poll.at - first.at >= .milliseconds(1_500))
        try bench.hear(.up, final: true)
        bench.forget()
        bench.run(for: .seconds(10))
        #expect(bench.sent.allSatisfy { !$0.packet.poll })
    }

    @Test func `5880-6.6-03: a Poll whose packets differ is followed by one more`() throws {
        let bench = try demanding()
        for multiplier in [UInt8(5), 7, 5] {
            try bench.update { $0.detectMultiplier = multiplier }
            let next = try #require(bench.nextPacket(within: .milliseconds(300)))
            #expect(next.packet.poll && next.packet.detectMultiplier == multiplier)
        }
        // Which of them is answered, the answer does not tell.
        try bench.hear(.up, final: true)
        bench.forget()
        bench.run(for: .milliseconds(2_100))
        #expect(bench.sent.contains { $0.packet.poll && $0.packet.detectMultiplier == 5 })
        try bench.hear(.up, final: true)
        bench.forget()
        bench.run(for: .seconds(10))
        #expect(bench.sent.allSatisfy { !$0.packet.poll })
    }

    @Test func `5880-6.6-03: without Demand a changed multiplier is not polled`() throws {
        let bench = try Bench.up()
        try bench.update { $0.detectMultiplier = 5 }
        let next = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(!next.packet.poll && next.packet.detectMultiplier == 5)
    }

    @Test func `5880-6.6-04: a verification nobody answers ends in Down`() throws {
        let bench = try demanding(remoteToo: true)
        bench.run(for: .seconds(60))
        #expect(bench.sent.isEmpty)
        try bench.verify()
        let first = try #require(bench.sent.first)
        #expect(first.packet.poll && first.at == bench.now)
        bench.run(for: .milliseconds(899))
        #expect(bench.sent.count >= 3 && bench.sent.allSatisfy { $0.packet.poll })
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(225) && $0 <= .milliseconds(300) })
        #expect(try bench.variables.state == .up)
        bench.run(for: .milliseconds(1))
        let change = try #require(bench.changes.first)
        #expect(change.at == first.at + .milliseconds(900))
        #expect(change.to == .down && change.cause == .detectionTimeExpired)
        let last = try #require(bench.sent.last)
        #expect(last.at == change.at && last.packet.state == .down)
        #expect(last.packet.diagnostic == .controlDetectionTimeExpired && !isDemandSet(last))
    }

    @Test func `5880-6.6-04: a verification that is answered changes nothing`() throws {
        let bench = try demanding(remoteToo: true)
        for _ in 0..<3 {
            try bench.verify()
            #expect(bench.sent.count == 1)
            bench.run(for: .milliseconds(100))
            try bench.hear(.up, final: true)
            bench.run(for: .seconds(60))
            #expect(bench.sent.count == 1 && bench.changes.isEmpty)
            bench.forget()
        }
        // Asked while late answers to the last one may come: the next follows by itself.
        try bench.verify()
        try bench.hear(.up, final: true)
        bench.forget()
        try bench.verify()
        bench.run(for: .milliseconds(899))
        #expect(bench.sent.isEmpty)
        bench.run(for: .milliseconds(1))
        #expect(bench.sent.map(\.packet.poll) == [true])
    }

    @Test func `5880-6.6-05: with Demand of ours only, the Poll rides on periodic packets`() throws
    {
        let bench = try demanding()
        bench.run(for: .milliseconds(100))
        bench.forget()
        try bench.verify()
        #expect(bench.sent.isEmpty)
        bench.run(for: .milliseconds(700))
        #expect(bench.sent.count >= 2 && bench.sent.allSatisfy { $0.packet.poll })
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(225) && $0 <= .milliseconds(300) })
        try bench.hear(.up, final: true)
        bench.forget()
        bench.run(for: .seconds(10))
        #expect(bench.sent.count >= 33 && bench.sent.allSatisfy { !$0.packet.poll })
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(225) && $0 <= .milliseconds(300) })
    }

    @Test func `5880-6.6-06: Demand may be switched at any time`() throws {
        let pair = try Pair()
        #expect(pair.runUntilUp(within: .seconds(5)))
        pair.run(for: .seconds(2))
        pair.forget()
        for index in 0..<10 {
            var changed = try #require(pair.variablesA).configuration
            changed.demandMode = index.isMultiple(of: 2)
            try pair.a.engine.update(pair.sessionA, to: changed, at: pair.now)
            pair.run(for: .milliseconds(index < 5 ? 130 : 1_300))
        }
        pair.run(for: .seconds(10))
        #expect(pair.a.changes.isEmpty && pair.b.changes.isEmpty)
        #expect(pair.variablesA?.isInDemandMode == false)
        #expect(pair.variablesB?.remoteDemandMode == false)
    }

    @Test func `5880-6.6-06: one end in Demand, then both, then none`() throws {
        let pair = try Pair()
        #expect(pair.runUntilUp(within: .seconds(5)))
        pair.run(for: .seconds(2))
        try setDemand(true, pair)
        pair.run(for: .seconds(5))
        pair.forget()
        pair.run(for: .seconds(60))
        #expect(pair.b.sent.isEmpty && pair.a.sent.count > 100)
        var changed = try #require(pair.variablesB).configuration
        changed.demandMode = true
        try pair.b.engine.update(pair.sessionB, to: changed, at: pair.now)
        pair.run(for: .seconds(5))
        pair.forget()
        pair.run(for: .seconds(3_600))
        #expect(pair.a.sent.isEmpty && pair.b.sent.isEmpty)
        try setDemand(false, pair)
        pair.run(for: .seconds(5))
        pair.forget()
        pair.run(for: .seconds(60))
        #expect(pair.b.sent.count > 100 && pair.a.sent.isEmpty)
        #expect(pair.stateA == .up && pair.stateB == .up)
        #expect(pair.a.changes.isEmpty && pair.b.changes.isEmpty)
    }

    private func setDemand(_ isOn: Bool, _ pair: Pair) throws {
        var changed = try #require(pair.variablesA).configuration
        changed.demandMode = isOn
        try pair.a.engine.update(pair.sessionA, to: changed, at: pair.now)
    }

    @Test func `5880-6.8.4-04: a Poll may go unanswered for our multiplier times our interval`()
        throws
    {
        let bench = try demanding(interval: 100_000, remoteToo: true)
        bench.peer.requiredMinRxInterval = Microseconds(300_000)
        bench.peer.detectMultiplier = 50
        try bench.hear(.up)
        bench.run(for: .seconds(5))
        bench.forget()
        try bench.verify()
        let first = try #require(bench.sent.first)
        bench.run(for: .seconds(2))
        #expect(bench.changes.map(\.at) == [first.at + .milliseconds(900)])
    }

    @Test func `5880-6.8.4-05: between Polls silence is no failure`() throws {
        let bench = try demanding()
        bench.run(for: .seconds(3_600))
        #expect(bench.changes.isEmpty)
        #expect(try bench.variables.state == .up)
    }

    @Test func `5880-6.8.4-05: silence counts again only when Demand has ended`() throws {
        let bench = try demanding()
        bench.run(for: .seconds(60))
        try bench.update { $0.demandMode = false }
        let first = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(!isDemandSet(first) && first.packet.poll)
        bench.run(for: .milliseconds(500))
        try bench.hear(.up, final: true)
        let answered = bench.now
        bench.run(for: .seconds(2))
        #expect(bench.changes.map(\.at) == [answered + .milliseconds(900)])
    }

    @Test func `5880-6.8.3-09: in Demand the next Poll waits for late answers to the last`() throws
    {
        let bench = try demanding(remoteToo: true)
        try bench.update { $0.desiredMinTxInterval = Microseconds(400_000) }
        let first = try #require(bench.sent.first)
        bench.run(for: .milliseconds(10))
        try bench.update { $0.requiredMinRxInterval = Microseconds(500_000) }
        bench.run(for: .milliseconds(10))
        bench.forget()
        try bench.hear(.up, final: true)
        // A packet without F is no sign in Demand mode.
        try bench.hear(.up)
        let next = try #require(bench.nextPacket(within: .seconds(5)))
        #expect(next.at - first.at == .milliseconds(1_200))
        #expect(next.packet.poll)
        #expect(next.packet.requiredMinRxInterval == Microseconds(500_000))
    }
}

extension Bench {
    func verify() throws {
        try node.engine.verify(session, at: now)
        node.timeOut(at: now)
    }
}
