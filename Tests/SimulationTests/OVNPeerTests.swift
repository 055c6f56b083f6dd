import BFDCore
import BFDSimulation
import Testing

/// An engine and OVN, 100 ms each way, three times.
private let head = "node a\novn o\nlink a o tx=100ms rx=100ms mult=3\n"

private func run(_ text: String) throws -> Simulation {
    let run = Simulation(try Scenario(parsing: head + text), keepsTranscript: true)
    _ = run.run()
    return run
}

@Suite("OVN as a peer")
struct OVNPeerTests {
    private func peer() -> OVNPeer {
        let peer = OVNPeer(localDiscriminator: 7, seed: 1)
        peer.start(
            SessionSettings(
                desiredMinTxInterval: Microseconds(100_000),
                requiredMinRxInterval: Microseconds(100_000)),
            at: Instant(nanoseconds: 0))
        return peer
    }

    private func packet(
        _ state: SessionState, your: UInt32 = 7, poll: Bool = false, demand: Bool = false,
        rx: UInt32 = 100_000
    ) -> ControlPacket {
        ControlPacket(
            diagnostic: .none, state: state, poll: poll, demand: demand, detectMultiplier: 3,
            myDiscriminator: 9, yourDiscriminator: your,
            desiredMinTxInterval: Microseconds(100_000), requiredMinRxInterval: Microseconds(rx))
    }

    private func sent(_ acts: [PeerAct]) -> [ControlPacket] {
        acts.compactMap { if case .send(let packet) = $0 { packet } else { nil } }
    }

    /// What a peer sends by itself in a span.
    private func periodic(_ peer: OVNPeer, from: Int64, to: Int64) -> [(Int64, ControlPacket)] {
        var found: [(Int64, ControlPacket)] = []
        while peer.nextWake <= Instant(nanoseconds: to * 1_000_000) {
            let now = peer.nextWake
            let packets = sent(peer.wake(at: now))
            if now.nanoseconds >= from * 1_000_000 {
                found += packets.map { (now.nanoseconds / 1_000_000, $0) }
            }
        }
        return found
    }

    private func up() -> OVNPeer {
        let peer = peer()
        _ = periodic(peer, from: 0, to: 2_000)
        _ = peer.receive(packet(.initializing), at: Instant(nanoseconds: 2_000_000_000))
        return peer
    }

    @Test func `it speaks first, after a second or two, at its own rate, and never polls`() {
        let said = periodic(peer(), from: 0, to: 20_000)
        #expect((said.first?.0 ?? 0) >= 1_000 && (said.first?.0 ?? 0) <= 2_000)
        #expect(said.count > 180)
        for (earlier, later) in zip(said, said.dropFirst()) {
            #expect((75...100).contains(later.0 - earlier.0))
        }
        for (_, packet) in said {
            #expect(packet.state == .down && packet.yourDiscriminator == 0)
            #expect(!packet.poll && packet.diagnostic == .none)
            #expect(packet.desiredMinTxInterval == Microseconds(100_000))
        }
    }

    @Test func `a packet without its discriminator is not for it`() {
        let peer = peer()
        _ = periodic(peer, from: 0, to: 2_000)
        #expect(
            peer.receive(packet(.down, your: 0), at: Instant(nanoseconds: 2_000_000_000)).isEmpty)
        #expect(peer.remoteDiscriminator == 0 && peer.state == .down)
    }

    @Test func `a Poll is answered at once`() {
        let peer = up()
        let answers = sent(
            peer.receive(packet(.up, poll: true), at: Instant(nanoseconds: 2_001_000_000)))
        #expect(answers.count == 1 && answers[0].final && !answers[0].poll)
        #expect(answers[0].state == .up && answers[0].yourDiscriminator == 9)
    }

    @Test func `a Required Min RX under a millisecond silences it`() {
        let peer = up()
        _ = peer.receive(packet(.up, rx: 999), at: Instant(nanoseconds: 2_001_000_000))
        #expect(periodic(peer, from: 2_101, to: 2_300).isEmpty)
    }

    @Test func `Demand seen once while Up silences it for good`() {
        let peer = up()
        _ = peer.receive(packet(.up, demand: true), at: Instant(nanoseconds: 2_001_000_000))
        _ = peer.receive(packet(.up), at: Instant(nanoseconds: 2_002_000_000))
        #expect(periodic(peer, from: 2_003, to: 60_000).isEmpty)
    }

    @Test func `in AdminDown it is silent and deaf`() {
        let peer = up()
        peer.setDisabled(true, at: Instant(nanoseconds: 2_100_000_000))
        #expect(peer.nextWake == .distantFuture)
        #expect(peer.receive(packet(.up), at: Instant(nanoseconds: 2_200_000_000)).isEmpty)
    }

    @Test func `a packet already scheduled is not moved by a faster request`() {
        let peer = up()
        let slow = packet(.up, rx: 1_000_000)
        _ = peer.receive(slow, at: Instant(nanoseconds: 2_001_000_000))
        let first = peer.nextWake
        _ = peer.wake(at: first)
        let scheduled = peer.nextWake
        #expect(scheduled - first >= .milliseconds(750))
        _ = peer.receive(packet(.up), at: first + .milliseconds(10))
        #expect(peer.nextWake == scheduled)
    }

    @Test func `silence is seen when it sends, and the discriminator is forgotten at once`() {
        let peer = up()
        let said = periodic(peer, from: 2_000, to: 3_000)
        let silent = said.first { $0.1.state == .down }
        #expect((2_301...2_401).contains(silent?.0 ?? 0))
        #expect(silent?.1.yourDiscriminator == 0 && peer.remoteDiscriminator == 0)
    }

    @Test func `after AdminDown the old discriminator comes back and stays`() {
        let peer = up()
        _ = peer.receive(packet(.adminDown), at: Instant(nanoseconds: 2_100_000_000))
        #expect(peer.state == .down)
        _ = periodic(peer, from: 0, to: 8_000)
        #expect(peer.remoteDiscriminator == 0)
        _ = peer.receive(packet(.adminDown), at: Instant(nanoseconds: 8_100_000_000))
        let said = periodic(peer, from: 8_200, to: 68_000)
        #expect(!said.isEmpty && said.allSatisfy { $0.1.yourDiscriminator == 9 })
    }
}

@Suite("OVN and our restarts")
struct OVNRestartTests {
    /// We say AdminDown for ten seconds, longer than OVN takes to write it down; then we restart.
    private func restart(_ how: String) throws -> Simulation {
        try run(
            "at 10s disable a/o\nat 20s kill a\nat 20s enable a/o\nat 21s start a \(how)\n"
                + "end 60s")
    }

    @Test func `with its old discriminators a restart is Up within three intervals`() throws {
        let run = try restart("kept")
        #expect(run.state(0) == .up && run.state(1) == .up)
        let up = try #require(run.session(0)).lastStateChange
        #expect(up - Instant(nanoseconds: 21_000_000_000) <= .milliseconds(300))
        #expect(run.checkers.violations == [])
    }

    @Test func `with a new discriminator neither end ever hears the other, by the RFC`() throws {
        let run = try restart("fresh")
        #expect(run.state(0) == .down && run.state(1) == .down)
        #expect(run.session(0)?.counters.received == 0)
    }

    @Test func `a new discriminator is heard where a stale one is known by its addresses`() throws {
        let scenario = try Scenario(
            parsing: "node a\novn o\nlink a o tx=100ms rx=100ms mult=3 lenient\n"
                + "at 10s disable a/o\nat 20s kill a\nat 20s enable a/o\n"
                + "at 21s start a fresh\nat 60s rest\nend 60s")
        let run = Simulation(scenario)
        #expect(run.run() == [])
        let up = try #require(run.session(0)).lastStateChange
        #expect(up - Instant(nanoseconds: 21_000_000_000) <= .milliseconds(300))
    }

    @Test func `a crash leaves nothing behind: a new discriminator is heard`() throws {
        let run = try run("at 10s kill a\nat 11s start a fresh\nend 20s")
        #expect(run.state(0) == .up && run.state(1) == .up)
    }

    @Test func `OVN's timers change unannounced and we follow`() throws {
        let run = try run("at 10s set o/a tx=200ms rx=150ms mult=5\nend 20s")
        let session = try #require(run.session(0))
        #expect(session.state == .up)
        #expect(session.detectionTime == .milliseconds(1_000))
        #expect(session.transmitInterval == Microseconds(150_000))
        #expect(session.pollSequence == .idle)
    }

    @Test func `a passive end comes up too: OVN speaks first`() throws {
        let run = Simulation(
            try Scenario(
                parsing: head + "set a/o role=passive\nend 10s"))
        #expect(run.run() == [])
        #expect(run.state(0) == .up && run.state(1) == .up)
    }
}

@Suite("Reciting peers")
struct RecitingPeerTests {
    @Test func `a peer that only ever says Up brings nobody Up`() throws {
        let scenario = try Scenario(parsing: "node a\nscript s\nlink a s\nend 20s")
        let up = ControlPacket(
            diagnostic: .none, state: .up, detectMultiplier: 3, myDiscriminator: 5,
            yourDiscriminator: 0, desiredMinTxInterval: Microseconds(300_000),
            requiredMinRxInterval: Microseconds(300_000))
        let lines = (1...60).map { (at: Nanoseconds.milliseconds($0 * 300), packet: up) }
        let peer = RecitingPeer(localDiscriminator: 5, lines)
        let run = Simulation(scenario, scripts: [1: peer])
        #expect(run.run() == [])
        #expect(run.session(0)?.state == .down)
        #expect(run.session(0)?.counters.received == 60)
        #expect(peer.heard.count >= 20 && peer.heard.allSatisfy { $0.state == .down })
    }
}
