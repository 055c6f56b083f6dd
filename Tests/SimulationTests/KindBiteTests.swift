import BFDCore
import BFDSimulation
import Testing

/// Echo packets every 100 ms at end 0, which end 1 sends back.
private func echoing() -> MadeUpRun {
    var run = MadeUpRun.up()
    var settings = SessionSettings()
    settings.echoTransmitInterval = Microseconds(100_000)
    run.observe(0, .configured(settings))
    var packet = run.packet(1, .up)
    packet.requiredMinEchoRxInterval = Microseconds(50_000)
    run.receive(0, packet)
    run.observe(0, .echoSent)
    return run
}

/// An unaffiliated Echo session at end 0 that heard itself twice and is Up.
private func looping() -> MadeUpRun {
    var run = MadeUpRun(loops: [0])
    run.send(0, run.packet(0, .down, your: 0))
    run.receive(0, run.packet(0, .down, your: 0))
    run.observe(0, .changed(from: .down, to: .initializing, .handshake))
    run.wait(1_100)
    run.send(0, run.packet(0, .initializing, your: 1))
    run.receive(0, run.packet(0, .initializing, your: 1))
    run.observe(0, .changed(from: .initializing, to: .up, .handshake))
    return run
}

/// End 0 has asked end 1 for silence, and heard that it will keep it.
private func demanding() -> MadeUpRun {
    var run = MadeUpRun.up()
    run.observe(0, .configured(SessionSettings(demandMode: true)))
    run.wait(250)
    var poll = run.packet(0, .up, poll: true)
    poll.demand = true
    run.exchange(from: 0, poll)
    run.exchange(from: 1, run.packet(1, .up, final: true))
    return run
}

@Suite("Every checker of the other kinds bites")
struct KindBiteTests {
    @Test(arguments: [(299, true), (300, false), (301, true)])
    func `echo: Down a moment too early or too late`(_ span: Int64, _ isBroken: Bool) {
        var run = echoing()
        run.observe(0, .echoLost(sentAt: run.now))
        run.wait(span)
        run.observe(0, .changed(from: .up, to: .down, .echoFailed))
        #expect(run.broken.contains(.echo) == isBroken)
    }

    @Test func `echo: Down although every Echo packet came back`() {
        var run = echoing()
        run.wait(300)
        run.observe(0, .changed(from: .up, to: .down, .echoFailed))
        #expect(run.broken == [.echo])
    }

    @Test func `echo: what came back puts Down off`() {
        var run = echoing()
        run.wait(80)
        run.observe(0, .echoReturned(receivedAt: run.now))
        run.wait(220)
        run.observe(0, .changed(from: .up, to: .down, .echoFailed))
        #expect(run.broken == [.echo])
    }

    @Test(arguments: [(74, true), (75, false), (100, false), (101, true)])
    func `echo: a packet too early or too late`(_ gap: Int64, _ isBroken: Bool) {
        var run = echoing()
        run.wait(gap)
        run.observe(0, .echoSent)
        #expect(run.broken == (isBroken ? [.echo] : []))
    }

    @Test func `echo: a packet that the peer would not send back`() {
        var run = MadeUpRun.up()
        run.observe(0, .echoSent)
        #expect(run.broken == [.echo])
    }

    @Test(arguments: [(899, true), (900, false), (901, true)])
    func `loop: Down a moment too early or too late`(_ span: Int64, _ isBroken: Bool) {
        var run = looping()
        run.observe(0, .echoLost(sentAt: run.now))
        run.wait(span)
        run.observe(0, .changed(from: .up, to: .down, .echoFailed))
        #expect(run.broken == (isBroken ? [.echo] : []))
    }

    @Test func `loop: Up on nothing, or on a Down that was looped`() {
        var run = MadeUpRun(loops: [0])
        run.observe(0, .changed(from: .down, to: .up, .handshake))
        run.receive(0, run.packet(0, .down, your: 0))
        run.observe(0, .changed(from: .initializing, to: .up, .handshake))
        #expect(run.broken == [.echo, .echo])
    }

    @Test func `loop: a Poll that nobody can answer`() {
        var run = looping()
        run.wait(250)
        run.send(0, run.packet(0, .up, poll: true))
        #expect(run.broken == [.echo])
    }

    @Test func `demand: Down by silence that was asked for`() {
        var run = demanding()
        run.wait(900)
        run.observe(0, .changed(from: .up, to: .down, .detectionTimeExpired))
        #expect(run.broken.contains(.detection))
    }

    @Test(arguments: [(649, true), (650, false), (651, true)])
    func `demand: Down before or after a Poll has failed`(_ rest: Int64, _ isBroken: Bool) {
        var run = demanding()
        run.wait(250)
        var poll = run.packet(0, .up, poll: true)
        poll.demand = true
        run.send(0, poll)
        run.observe(1, .lost(sentAt: run.now))
        run.wait(250)
        run.send(0, poll)
        run.wait(rest)
        run.observe(0, .changed(from: .up, to: .down, .detectionTimeExpired))
        #expect(run.broken == (isBroken ? [.detection] : []))
    }

    @Test func `demand: Down although the Poll and its answer were not lost`() {
        var run = demanding()
        run.wait(250)
        var poll = run.packet(0, .up, poll: true)
        poll.demand = true
        run.send(0, poll)
        run.wait(900)
        run.observe(0, .changed(from: .up, to: .down, .detectionTimeExpired))
        #expect(run.broken == [.explanation])
    }

    @Test func `demand: a packet although the peer asked for silence`() {
        var run = demanding()
        run.wait(250)
        run.send(1, run.packet(1, .up))
        #expect(run.broken.contains(.demand))
    }

    @Test func `congestion: intervals doubled without a reason, or twice at once`() {
        var run = MadeUpRun.up()
        var settings = SessionSettings()
        run.observe(0, .eased(level: 1))
        settings.adaptsToCongestion = true
        run.observe(0, .configured(settings))
        run.observe(0, .eased(level: 2))
        run.observe(0, .eased(level: 1))
        #expect(run.broken == [.congestion, .congestion, .congestion])
    }

    @Test func `congestion: a process that was late may double them`() {
        var run = MadeUpRun.up()
        run.observe(0, .paused)
        run.wait(400)
        run.observe(0, .resumed)
        var settings = SessionSettings()
        settings.adaptsToCongestion = true
        run.observe(0, .configured(settings))
        run.observe(0, .eased(level: 1))
        #expect(run.broken == [])
    }
}
