import BFDCore
import Testing

@Suite("RFC 5880 §6.4 and §6.8.9: the Echo function")
struct EchoTests {
    @Test func `5880-5-01: what comes back is credited to its session, once`() throws {
        let echo = try EchoBench()
        try echo.run(for: .seconds(2))
        let counters = try echo.bench.variables.counters
        #expect(counters.echoesSent > 40)
        #expect(counters.echoesReturned + 1 >= counters.echoesSent)
        let roundTrip = try #require(counters.lastEchoRoundTrip)
        #expect(roundTrip >= .milliseconds(2) && roundTrip <= .milliseconds(3))
        #expect(echo.refusals.isEmpty && echo.state == .up)
        let last = try #require(echo.echoes.dropLast().last)
        #expect(echo.receiveEcho(last.bytes).reason == .authenticationSequenceOutsideWindow)
    }

    @Test(arguments: [[UInt8](), [0x20], [UInt8](repeating: 0x11, count: 40)])
    func `5880-5-01, bug 36: payload of others is counted and not sent on`(_ bytes: [UInt8]) throws
    {
        let echo = try EchoBench()
        echo.forget()
        let reason = try #require(echo.receiveEcho(bytes).reason)
        #expect(echo.echoes.isEmpty && echo.bench.sent.isEmpty)
        #expect(echo.bench.node.engine.discards.count(of: reason) == 1)
        #expect(try echo.bench.variables.counters.echoesReturned == 0)
    }

    @Test func `5880-5-02: with any bit flipped nothing is credited`() throws {
        let echo = try EchoBench()
        echo.isLooping = false
        try echo.run(for: .milliseconds(50))
        let good = try #require(echo.echoes.last).bytes
        let before = try echo.bench.variables.counters.echoesReturned
        #expect(good.count == 40)
        for bit in 0..<320 {
            var bytes = good
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(echo.receiveEcho(bytes).reason != nil, "bit \(bit)")
        }
        #expect(try echo.bench.variables.counters.echoesReturned == before)
        #expect(echo.receiveEcho(good, hopLimit: 253).reason == .ttlNot254)
        #expect(echo.receiveEcho(good).reason == nil)
    }

    @Test func `5880-5-02: another engine's Echo is not ours`() throws {
        let secret = EchoSecret(1, 2, 3, 4)
        let echo = try EchoBench()
        echo.isLooping = false
        try echo.run(for: .milliseconds(50))
        let good = try #require(echo.echoes.last).bytes
        echo.bench.node.engine.setEchoSecret(secret)
        #expect(echo.receiveEcho(good).reason == .authenticationMismatch)
    }

    @Test func `5880-6.1-04: Echo stops where Up ends, and the slow rate is back`() throws {
        let echo = try EchoBench()
        try echo.run(for: .seconds(1))
        try echo.bench.hear(.down)
        echo.isTalking = false
        echo.forget()
        try echo.run(for: .seconds(10))
        #expect(echo.echoes.isEmpty)
        #expect(echo.bench.gaps.allSatisfy { $0 >= .milliseconds(750) })
    }

    @Test func `5880-6.4-01: we send Echo and loop none, or the other way round`() throws {
        let sending = try EchoBench()
        try sending.run(for: .seconds(1))
        let packets = sending.bench.sent.map(\.packet)
        #expect(packets.allSatisfy { $0.requiredMinEchoRxInterval == Microseconds(0) })
        #expect(sending.echoes.count > 15)
        let looping = try EchoBench(interval: 0) {
            $0.requiredMinEchoRxInterval = Microseconds(20_000)
        }
        try looping.run(for: .seconds(1))
        let others = looping.bench.sent.map(\.packet)
        #expect(others.allSatisfy { $0.requiredMinEchoRxInterval == Microseconds(20_000) })
        #expect(looping.echoes.isEmpty && looping.state == .up)
    }

    @Test func `5880-6.8.3-07: with Echo a second between Control packets is enough, told by Poll`()
        throws
    {
        let echo = try EchoBench(peerInterval: 0)
        try echo.run(for: .seconds(2))
        #expect(try echo.bench.variables.requiredMinRxInterval == Microseconds(300_000))
        echo.forget()
        echo.bench.peer.requiredMinEchoRxInterval = Microseconds(50_000)
        try echo.run(for: .seconds(1))
        let first = try #require(echo.bench.sent.first { $0.packet.poll }).packet
        #expect(first.requiredMinRxInterval == .second)
        #expect(try echo.bench.variables.detectionTime == .seconds(3))
        echo.forget()
        echo.bench.peer.requiredMinEchoRxInterval = Microseconds(0)
        try echo.run(for: .seconds(1))
        let second = try #require(echo.bench.sent.first { $0.packet.poll }).packet
        #expect(second.requiredMinRxInterval == Microseconds(300_000))
        #expect(echo.state == .up && echo.bench.changes.isEmpty)
    }

    @Test(arguments: [UInt8(1), 2, 3, 10])
    func `5880-6.8.5-01, 5880-6.2-04: that many Echo packets lost is Down with diagnostic 2`(
        _ multiplier: UInt8
    ) throws {
        let echo = try EchoBench(multiplier: multiplier)
        try echo.run(for: .seconds(1))
        echo.forget()
        echo.isLooping = false
        let cut = echo.bench.now
        try echo.run(for: .seconds(5)) { echo.state != .up }
        let change = try #require(echo.bench.changes.first)
        #expect(change.to == .down && change.cause == .echoFailed)
        #expect(change.localDiagnostic == .echoFunctionFailed)
        #expect(echo.echoes.count >= Int(multiplier) - 1)
        #expect(change.at - cut <= .milliseconds(50 * Int64(multiplier) + 2))
        let told = try #require(echo.bench.sent.last).packet
        #expect(told.state == .down && told.diagnostic == .echoFunctionFailed)
    }

    @Test func `bug 20: an Echo that never once came back is lost, too`() throws {
        let echo = try EchoBench(isLooping: false)
        try echo.run(for: .seconds(2)) { echo.state != .up }
        #expect(try echo.bench.variables.counters.echoesReturned == 0)
        #expect(echo.bench.changes.last?.cause == .echoFailed)
    }

    @Test func `5880-6.8.6-17: Echo RX of zero ends it at once`() throws {
        let echo = try EchoBench()
        try echo.run(for: .seconds(1))
        echo.bench.peer.requiredMinEchoRxInterval = Microseconds(0)
        try echo.bench.hear(.up)
        echo.forget()
        try echo.run(for: .seconds(10))
        #expect(echo.echoes.isEmpty && echo.state == .up && echo.bench.changes.isEmpty)
    }

    @Test func `5880-6.8.7-19: Echo RX is what we loop, and zero unless configured`() throws {
        #expect(try EchoBench().bench.variables.configuration.requiredMinEchoRxInterval.count == 0)
        let echo = try EchoBench { $0.requiredMinEchoRxInterval = Microseconds(7_000) }
        let sent = echo.bench.sent.map(\.packet.requiredMinEchoRxInterval.count)
        #expect(!sent.isEmpty && sent.allSatisfy { $0 == 7_000 })
    }

    @Test func `5880-6.8.8-01: of two sessions only the one whose Echo is lost fails`() throws {
        let node = Node()
        let start = Instant(nanoseconds: 1_000_000_000_000)
        let peers = [IPAddress.beta, .stranger]
        var now = start
        let sessions = try peers.map { peer in
            var configuration = SessionConfiguration(path: Path(destination: peer))
            configuration.desiredMinEchoTxInterval = Microseconds(50_000)
            return try node.engine.addSession(configuration, at: now)
        }
        func say(_ state: SessionState) {
            for (peer, session) in zip(peers, sessions) {
                let own = node.session(session)?.localDiscriminator ?? 0
                let packet = ControlPacket(
                    diagnostic: .none, state: state, detectMultiplier: 3,
                    myDiscriminator: own &+ 1, yourDiscriminator: own,
                    desiredMinTxInterval: .second, requiredMinRxInterval: .second,
                    requiredMinEchoRxInterval: Microseconds(50_000))
                let arrival = Arrival(
                    source: peer, destination: .alpha, interfaceIndex: 7, hopLimit: 255,
                    receivedAt: now)
                node.receive(encoded(packet), arrival, at: now)
            }
        }
        say(.initializing)
        var seen = 0
        for step in 0..<2_000 {
            now = now + .milliseconds(1)
            node.timeOut(at: now)
            let loops = node.echoes[seen...]
            seen = node.echoes.count
            for echo in loops where step < 1_000 || echo.session == sessions[1] {
                let arrival = Arrival(
                    source: .alpha, destination: .alpha, interfaceIndex: 7, hopLimit: 254,
                    transport: .unaffiliatedEcho, receivedAt: now)
                node.receiveEcho(echo.bytes, arrival, at: now)
            }
            if step % 500 == 0 { say(.up) }
        }
        #expect(node.changes.filter { $0.cause == .echoFailed }.map(\.session) == [sessions[0]])
        #expect(node.session(sessions[1])?.state == .up)
    }

    @Test(arguments: [SessionState.down, .initializing, .adminDown])
    func `5880-6.8.9-01, 5880-6.8.16-01: no Echo unless Up`(_ state: SessionState) throws {
        var configuration = SessionConfiguration.toBeta()
        configuration.desiredMinEchoTxInterval = Microseconds(50_000)
        let bench = try Bench(configuration)
        bench.peer.requiredMinEchoRxInterval = Microseconds(50_000)
        switch state {
        case .down: try bench.hear(.adminDown)
        case .initializing: try bench.hear(.down, your: 0)
        case .up, .adminDown:
            try bench.hear(.initializing)
            bench.run(for: .milliseconds(1))
            #expect(bench.node.echoes.count == 1)
            try bench.disable()
        }
        #expect(try bench.variables.state == state)
        bench.forget()
        bench.run(for: .seconds(2))
        #expect(bench.node.echoes.isEmpty)
    }

    @Test(arguments: [UInt64](1...5))
    func `5880-6.8.9-02, 5880-6.8.9-03: gaps keep to the peer's value, less up to a quarter`(
        _ seed: UInt64
    ) throws {
        let vector = try PacketVectors.named("echo-rx-50ms")
        let echo = try EchoBench(
            peerInterval: try #require(vector.fields).requiredMinEchoRxInterval, seed: seed)
        try echo.run(for: .seconds(10))
        #expect(echo.gaps.count >= 200)
        for gap in echo.gaps {
            #expect(gap.count >= 37_500_000 && gap <= .milliseconds(50))
        }
        let mean = echo.gaps.reduce(0) { $0 + $1.count } / Int64(echo.gaps.count)
        #expect((43_000_000...44_500_000).contains(mean))
    }

    @Test func `5880-6.8.13-01: sending and looping are switched without a change of state`()
        throws
    {
        let echo = try EchoBench()
        for round in 0..<10 {
            let isOn = round % 2 == 0
            try echo.bench.update {
                $0.desiredMinEchoTxInterval = Microseconds(isOn ? 60_000 : 0)
                $0.requiredMinEchoRxInterval = Microseconds(isOn ? 70_000 : 0)
            }
            echo.forget()
            try echo.run(for: .seconds(2))
            #expect(echo.echoes.isEmpty == !isOn)
            let last = try #require(echo.bench.sent.last).packet
            #expect(last.requiredMinEchoRxInterval.count == (isOn ? 70_000 : 0))
            #expect(echo.bench.changes.isEmpty && echo.state == .up)
        }
    }

    @Test func `5883-3-01: Echo over anything but one hop is refused`() {
        var configuration = SessionConfiguration.toBeta()
        configuration.path.transport = .microBFD
        configuration.desiredMinEchoTxInterval = .second
        #expect(throws: EngineError.echoNotSingleHop) { try configuration.validate() }
        configuration.desiredMinEchoTxInterval = Microseconds(0)
        configuration.requiredMinEchoRxInterval = .second
        #expect(throws: EngineError.echoNotSingleHop) { try configuration.validate() }
    }
}
