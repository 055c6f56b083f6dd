import BFDCore
import Testing

@testable import BFDSimulation

@Suite("Authenticated links")
struct AuthenticatedLinkTests {
    private static let types = ["password", "md5", "meticulous-md5", "sha1", "meticulous-sha1"]

    private func run(_ type: String, _ actions: String) throws -> Simulation {
        let scenario = try Scenario(
            parsing: "node a\nnode b\nlink a b tx=100ms rx=100ms mult=3 auth=\(type)\n\(actions)")
        let run = Simulation(scenario)
        #expect(run.run() == [])
        return run
    }

    @Test(arguments: types)
    func `keys rotate at both ends without a loss`(_ type: String) throws {
        var actions = ""
        for key in 2...40 {
            actions += "at +1s key a/b \(key)\nat +\(key * 20)ms key b/a \(key)\n"
        }
        let run = try run(type, actions + "at +10s rest\nend 90s")
        #expect(run.session(0)?.counters.downs == 0 && run.session(1)?.counters.downs == 0)
        #expect(run.session(0)?.counters.receivedInvalid == 0)
    }

    @Test(arguments: types.dropFirst())
    func `a damaged packet never counts`(_ type: String) throws {
        let run = try run(
            type,
            "at 5s net a b corrupt=200\nat 5s net b a corrupt=200\nat 300s heal\n"
                + "at 320s rest\nend 320s")
        let discards = try #require(run.session(0)).counters.discards
        #expect(discards.count(of: .authenticationMismatch) > 100)
    }

    @Test(arguments: types)
    func `a peer that starts again with lower numbers is heard after twice the detection time`(
        _ type: String
    ) throws {
        let run = try run(type, "at 10s kill b\nat 11s start b fresh\nat 20s rest\nend 20s")
        #expect(run.session(0)?.counters.downs == 1)
    }

    @Test(arguments: types)
    func `doubles and stragglers take nobody down`(_ type: String) throws {
        let run = try run(
            type,
            "at 5s net a b duplicate=300 reorder=50 jitter=5ms\n"
                + "at 5s net b a duplicate=300 reorder=50 jitter=5ms\nat 300s heal\n"
                + "at 310s rest\nend 310s")
        #expect(run.session(0)?.counters.downs == 0)
        let outside = run.session(0)?.counters.discards.count(
            of: .authenticationSequenceOutsideWindow)
        // Only a meticulous number is never taken twice.
        if type.hasPrefix("meticulous") { #expect((outside ?? 0) > 0) }
    }

    @Test func `a key that the peer does not have is reported`() throws {
        let scenario = try Scenario(
            parsing: "node a\nnode b\nlink a b auth=sha1\nat 5s key a/b 4\nend 20s")
        let violations = Simulation(scenario).run()
        #expect(!violations.isEmpty)
        #expect(violations.allSatisfy { $0.rule == .authentication })
    }

    @Test func `a damaged packet that counts is reported`() throws {
        let run = Simulation(
            try Scenario(parsing: "node a\nnode b\nlink a b auth=sha1\nend 1s"))
        let packet = ControlPacket(
            diagnostic: .none, state: .down, detectMultiplier: 3, myDiscriminator: 1,
            yourDiscriminator: 0, desiredMinTxInterval: .second, requiredMinRxInterval: .second)
        let handle = try #require(run.ends[0].handle)
        let flight = Flight(
            arrival: run.now, order: 0, sentAt: run.now, end: 0, isForged: true,
            datagram: Datagram(packet))
        run.checkAuthentication(.accepted(handle), flight)
        #expect(run.checkers.violations.map(\.rule) == [.authentication])
    }
}
