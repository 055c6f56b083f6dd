import BFDCore
import RouteCore
import Testing

@testable import BFDSimulation

@Suite("What is looked at from both ends bites too")
struct NodeBiteTests {
    private func pair() throws -> Simulation {
        let scenario = try Scenario(parsing: "node a\nnode b\nlink a b\nend 10s")
        return Simulation(scenario)
    }

    @Test func `agreement: nobody is Up yet`() throws {
        let run = try pair()
        run.checkRest()
        #expect(run.checkers.violations.map(\.rule) == [.agreement, .agreement])
    }

    @Test func `agreement: ends that are Up and of one opinion pass`() throws {
        let run = try pair()
        #expect(run.run() == [])
        run.checkRest()
        #expect(run.checkers.violations == [])
    }

    @Test(arguments: [
        SessionSettings(desiredMinTxInterval: Microseconds(400_000)),
        SessionSettings(requiredMinRxInterval: Microseconds(400_000)),
        SessionSettings(detectMultiplier: 4),
    ])
    func `agreement: an end that did not take over its settings`(_ settings: SessionSettings) throws
    {
        let run = try pair()
        _ = run.run()
        run.ends[0].settings = settings
        run.checkRest()
        #expect(!run.checkers.violations.isEmpty)
        #expect(run.checkers.violations.allSatisfy { $0.rule == .agreement })
    }

    @Test func `agreement: an end that knows another peer`() throws {
        let run = try pair()
        _ = run.run()
        run.nodes[1]?.kill()
        run.nodes[1]?.start(at: run.now)
        run.checkRest()
        #expect(run.checkers.violations.contains { $0.rule == .agreement })
    }

    @Test func `routes: a node whose route does not follow`() throws {
        let run = try pair()
        _ = run.run()
        run.nodes[0]?.routes = NodeRoutes(count: 1, policy: RoutePolicy())
        run.checkRest()
        #expect(Set(run.checkers.violations.map(\.rule)) == [.routes])
        #expect(run.checkers.violations.first?.text == "members [], Up [0]")
    }

    @Test func `the two encoders agree, whatever the packet`() {
        var draw = Draw(seed: 1)
        for _ in 0..<2_000 {
            let (one, other) = (draw.bits(), draw.bits())
            var packet = ControlPacket(
                diagnostic: Diagnostic(rawValue: UInt8(one & 0x1f)),
                state: SessionState.allCases[Int(one >> 8 & 3)], poll: one >> 10 & 1 == 1,
                final: one >> 11 & 1 == 1, controlPlaneIndependent: one >> 12 & 1 == 1,
                demand: one >> 13 & 1 == 1, detectMultiplier: UInt8(one >> 16 & 0xff),
                myDiscriminator: UInt32(one >> 32),
                yourDiscriminator: UInt32(truncatingIfNeeded: other),
                desiredMinTxInterval: Microseconds(UInt32(other >> 32)),
                requiredMinRxInterval: Microseconds(UInt32(truncatingIfNeeded: draw.bits())))
            packet.requiredMinEchoRxInterval = Microseconds(
                UInt32(truncatingIfNeeded: draw.bits()))
            var bytes = [UInt8](repeating: 0, count: 24)
            var span = bytes.mutableSpan
            var raw = unsafe span.mutableBytes
            packet.encode(into: &raw)
            let datagram = Datagram(packet)
            #expect(bytes.indices.allSatisfy { datagram.bytes[$0] == bytes[$0] })
        }
    }

    @Test func `flights land in order of time, and of sending within a moment`() {
        var queue = FlightQueue()
        var draw = Draw(seed: 2)
        let packet = ControlPacket(
            diagnostic: .none, state: .down, detectMultiplier: 3, myDiscriminator: 1,
            yourDiscriminator: 0, desiredMinTxInterval: .second, requiredMinRxInterval: .second)
        for order in 0..<500 {
            let arrival = Instant(nanoseconds: Int64(draw.number(in: 0...40)))
            queue.insert(
                Flight(
                    arrival: arrival, order: UInt64(order), sentAt: arrival, end: 0,
                    isForged: false, datagram: Datagram(packet)))
        }
        var last: Flight?
        var count = 0
        while let flight = queue.popFirst() {
            if let last {
                #expect(
                    last.arrival < flight.arrival
                        || (last.arrival == flight.arrival && last.order < flight.order))
            }
            last = flight
            count += 1
        }
        #expect(count == 500)
    }
}
