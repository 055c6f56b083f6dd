import BFDCore
import Testing

@testable import BFDSimulation

@Suite("Every check of the other kinds of nodes bites")
struct KindNodeTests {
    private func run(_ link: String, at moment: String = "1s") throws -> Simulation {
        let run = Simulation(
            try Scenario(parsing: "node a\nnode b\nlink a b \(link)\nend \(moment)"))
        #expect(run.run() == [])
        return run
    }

    private func flight(_ run: Simulation, hopLimit: UInt8) -> Flight {
        let packet = ControlPacket(
            diagnostic: .none, state: .down, detectMultiplier: 3, myDiscriminator: 1,
            yourDiscriminator: 0, desiredMinTxInterval: .second, requiredMinRxInterval: .second)
        var flight = Flight(
            arrival: run.now, order: 0, sentAt: run.now, end: 0, isForged: false,
            datagram: Datagram(packet))
        flight.hopLimit = hopLimit
        return flight
    }

    @Test(arguments: [(UInt8(249), true), (250, false), (251, false)])
    func `hop limit: what came too far counts`(_ hopLimit: UInt8, _ isBroken: Bool) throws {
        let run = try run("multihop ttl=250")
        let handle = try #require(run.ends[0].handle)
        run.checkHopLimit(flight(run, hopLimit: hopLimit), .accepted(handle))
        #expect(run.checkers.violations.map(\.rule) == (isBroken ? [.hopLimit] : []))
    }

    @Test(arguments: [(UInt8(249), false), (250, true), (255, true)])
    func `hop limit: what came from near is refused`(_ hopLimit: UInt8, _ isBroken: Bool) throws {
        let run = try run("multihop ttl=250")
        run.checkHopLimit(flight(run, hopLimit: hopLimit), .discarded(.ttlBelowMinimum))
        #expect(run.checkers.violations.map(\.rule) == (isBroken ? [.hopLimit] : []))
    }

    @Test func `unsolicited: a peer that asks gets nothing`() throws {
        let run = try run("unsolicited")
        run.ends[0].handle = nil
        run.checkAsking(flight(run, hopLimit: 255), .discarded(.noSession))
        #expect(run.checkers.violations.map(\.rule) == [.unsolicited])
    }

    @Test func `unsolicited: a session goes while it is Up`() throws {
        let run = try run("unsolicited")
        run.checkers.noteRemoval(0, at: run.now)
        #expect(run.checkers.violations.map(\.rule) == [.unsolicited])
    }

    @Test func `unsolicited: a session goes too early`() throws {
        let run = try run("unsolicited")
        run.observe(0, .changed(from: .up, to: .down, .peerDown))
        run.checkers.noteRemoval(0, at: run.now + .seconds(2))
        #expect(run.checkers.violations.map(\.rule) == [.unsolicited])
    }
}
