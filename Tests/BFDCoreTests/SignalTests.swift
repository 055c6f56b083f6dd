import BFDCore
import Testing

@Suite("RFC 5880 §6.8.15 to §6.8.18: what the world outside says, and holding down")
struct SignalTests {
    @Test(arguments: [SessionState.initializing, .up])
    func `5880-6.8.15-01: a reset of the forwarding plane is Down at once`(
        _ state: SessionState
    ) throws {
        let bench = try Bench.inState(state)
        try bench.act { try $0.resetForwardingPlane(bench.session, at: bench.now) }
        let told = try #require(bench.sent.last)
        #expect(told.at == bench.now)
        #expect(told.bytes[0] == 0x24 && told.bytes[1] & 0xc0 == 0x40)
        let change = try #require(bench.changes.last)
        #expect(change.to == .down && change.cause == .forwardingPlaneReset)
        #expect(change.localDiagnostic == .forwardingPlaneReset)
    }

    @Test func `5880-6.8.15-01: a session that is not Up stays as it is`() throws {
        let down = try Bench.inState(.down)
        try down.act { try $0.resetForwardingPlane(down.session, at: down.now) }
        #expect(down.changes.isEmpty)
        #expect(down.sent.map(\.packet.diagnostic) == [.forwardingPlaneReset])
        let closed = try Bench.inState(.adminDown)
        try closed.act { try $0.resetForwardingPlane(closed.session, at: closed.now) }
        #expect(closed.changes.isEmpty && closed.sent.isEmpty)
        #expect(try closed.variables.localDiagnostic == .administrativelyDown)
    }

    @Test func `5880-6.8.16-02: a path that is down outside BFD is AdminDown with Path Down`()
        throws
    {
        let bench = try Bench.up()
        try bench.setPathDown(true)
        try bench.setPathDown(true)
        #expect(bench.sent.map { Array($0.bytes[..<2]) }.first == [0x25, 0x20])
        #expect(bench.changes.map(\.cause) == [.pathDown])
        try bench.setPathDown(false)
        #expect(bench.changes.map(\.to) == [.adminDown, .down])
        #expect(bench.changes.last?.cause == .pathRestored)
        try bench.hear(.down)
        #expect(try bench.variables.state == .initializing)
    }

    @Test func `5880-6.8.16-02: operator and path each keep the session down`() throws {
        let bench = try Bench.up()
        try bench.setPathDown(true)
        try bench.disable()
        try bench.setPathDown(false)
        #expect(try bench.variables.state == .adminDown)
        #expect(bench.sent.last?.packet.diagnostic == .administrativelyDown)
        try bench.setPathDown(true)
        try bench.enable()
        #expect(try bench.variables.state == .adminDown)
        #expect(bench.sent.last?.packet.diagnostic == .pathDown)
        try bench.setPathDown(false)
        #expect(try bench.variables.state == .down)
        #expect(bench.changes.map(\.to) == [.adminDown, .down])
    }

    @Test func `5880-6.8.16-03: Path Down goes on being told slowly`() throws {
        let bench = try Bench.up()
        bench.setPeerInterval(1_000_000)
        try bench.setPathDown(true)
        try bench.run(for: .seconds(20), hearing: .down, every: .seconds(1))
        #expect(bench.sent.count >= 20 && bench.sent.count <= 28)
        #expect(bench.sent.allSatisfy { $0.packet.state == .adminDown })
    }

    @Test(arguments: [Diagnostic.concatenatedPathDown, .reverseConcatenatedPathDown])
    func `5880-6.8.17-01: a path beyond this one is told of without leaving Up`(
        _ diagnostic: Diagnostic
    ) throws {
        let bench = try Bench.up()
        try bench.setConcatenated(diagnostic)
        let next = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(next.packet.state == .up && next.packet.diagnostic == diagnostic)
        #expect(!next.packet.poll)
        bench.forget()
        try bench.setConcatenated(nil)
        let later = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(later.packet.state == .up && later.packet.diagnostic == .none)
        #expect(bench.changes.isEmpty)
    }

    @Test func `5880-6.8.17-01: to a peer in Demand mode it is polled`() throws {
        let bench = try Bench.up()
        bench.run(for: .milliseconds(300))
        bench.peer.demand = true
        try bench.hear(.up)
        bench.forget()
        try bench.setConcatenated(.concatenatedPathDown)
        let next = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(next.packet.poll && next.packet.diagnostic == .concatenatedPathDown)
        #expect(next.packet.state == .up)
    }

    @Test func `5880-6.8.17-02: a failure overwrites it, and it does not come back by itself`()
        throws
    {
        let bench = try Bench.up()
        try bench.setConcatenated(.concatenatedPathDown)
        try bench.hear(.down)
        #expect(try bench.variables.localDiagnostic == .neighborSignaledSessionDown)
        #expect(throws: EngineError.notUp) { try bench.setConcatenated(.concatenatedPathDown) }
        try bench.hear(.down)
        try bench.hear(.up)
        #expect(try bench.variables.state == .up)
        #expect(try bench.variables.localDiagnostic == .neighborSignaledSessionDown)
        // What is not about a concatenated path is not cleared with it.
        try bench.setConcatenated(nil)
        #expect(try bench.variables.localDiagnostic == .neighborSignaledSessionDown)
        #expect(throws: EngineError.notConcatenatedPath) { try bench.setConcatenated(.pathDown) }
    }

    @Test func `5880-6.8.18-01: a session held Down can slow its peer`() throws {
        let pair = try Pair()
        #expect(pair.runUntilUp(within: .seconds(5)))
        try pair.hold(true, Microseconds(60_000_000))
        try pair.setDownA()
        pair.run(for: .seconds(120))
        pair.forget()
        pair.run(for: .seconds(3_600))
        #expect(pair.stateA == .down)
        let gaps = zip(pair.b.sent.dropFirst(), pair.b.sent).map { $0.at - $1.at }
        #expect(gaps.count >= 59)
        #expect(gaps.allSatisfy { $0 >= .seconds(45) && $0 <= .seconds(60) })
        try pair.hold(false, nil)
        #expect(pair.runUntilUp(within: .seconds(5)))
        #expect(pair.variablesA?.requiredMinRxInterval == Microseconds(300_000))
    }

    @Test func `5880-6.8.18-01: a session held Down can silence its peer`() throws {
        let pair = try Pair()
        #expect(pair.runUntilUp(within: .seconds(5)))
        try pair.hold(true, Microseconds(0))
        try pair.setDownA()
        pair.run(for: .seconds(10))
        pair.forget()
        pair.run(for: .seconds(600))
        #expect(pair.stateA == .down && pair.b.sent.isEmpty)
        try pair.hold(false, nil)
        #expect(pair.runUntilUp(within: .seconds(5)))
    }

    @Test func `5880-6.8.18-01: AdminDown may throttle the peer as well`() throws {
        let pair = try Pair()
        #expect(pair.runUntilUp(within: .seconds(5)))
        try pair.hold(true, Microseconds(60_000_000))
        try pair.a.engine.setAdministrativelyDown(true, pair.sessionA, at: pair.now)
        pair.run(for: .seconds(120))
        pair.forget()
        pair.run(for: .seconds(600))
        let gaps = zip(pair.b.sent.dropFirst(), pair.b.sent).map { $0.at - $1.at }
        #expect(gaps.count >= 9 && gaps.allSatisfy { $0 >= .seconds(45) })
    }
}

extension Bench {
    /// An operator's action, and what it owes at once.
    func act(_ body: (inout Engine) throws -> Void) throws {
        try body(&node.engine)
        node.timeOut(at: now)
    }

    func setPathDown(_ isDown: Bool) throws {
        try act { try $0.setPathDown(isDown, session, at: now) }
    }

    func setConcatenated(_ diagnostic: Diagnostic?) throws {
        try act { try $0.setConcatenatedPathDiagnostic(diagnostic, session, at: now) }
    }
}

extension Pair {
    fileprivate func hold(_ isHeld: Bool, _ interval: Microseconds?) throws {
        try a.engine.setHeldDown(
            isHeld, sessionA, requiredMinRxInterval: interval, at: now)
    }

    fileprivate func setDownA() throws {
        try a.engine.resetForwardingPlane(sessionA, at: now)
    }
}
