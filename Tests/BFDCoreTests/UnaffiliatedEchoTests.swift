import BFDCore
import Testing

@Suite("RFC 9747: unaffiliated Echo")
struct UnaffiliatedEchoTests {
    /// A packet as it comes back from the peer.
    private func looped(_ state: SessionState, your: UInt32 = 0xa1b2_c3d4) -> [UInt8] {
        encoded(
            ControlPacket(
                diagnostic: .none, state: state, detectMultiplier: 3,
                myDiscriminator: 0xa1b2_c3d4, yourDiscriminator: your,
                desiredMinTxInterval: .second, requiredMinRxInterval: .second))
    }

    @Test(arguments: PacketVectors.all.filter { $0.receiver.transport == "unaffiliated-echo" })
    func `the verdict on a looped packet is the one that stands beside it`(
        _ vector: PacketVector
    ) throws {
        let loop = try Loop()
        if vector.receiver.state == "initializing" { loop.hear(looped(.down, your: 0)) }
        #expect("\(try #require(loop.state))" == vector.receiver.state)
        let before = try #require(loop.variables)
        let reception = loop.hear(vector.bytes, hopLimit: vector.ttl)
        let reason = reception.reason.map { "\($0.name)" } ?? "accept"
        #expect(reason == vector.verdict)
        let after = try #require(loop.variables)
        guard vector.isAccepted else {
            #expect(
                PacketVectorTests.variables(of: after) == PacketVectorTests.variables(of: before))
            return
        }
        #expect(after.state == (before.state == .down ? .initializing : .up))
        #expect(encoded(try ControlPacket(decoding: vector.bytes.span)) == vector.bytes)
    }

    @Test func `there are three packets of unaffiliated Echo`() {
        let about = PacketVectors.all.filter { $0.receiver.transport == "unaffiliated-echo" }
        #expect(about.count == 3)
    }

    @Test func `9747-2-01: our own Down gives Init, our own Init gives Up`() throws {
        let loop = try Loop()
        loop.run(for: .seconds(4))
        #expect(loop.node.changes.map(\.to) == [.initializing, .up])
        #expect(loop.refusals.isEmpty)
    }

    @Test func `9747-2-01: there is no AdminDown, disabled is removed`() throws {
        let loop = try Loop.up()
        try loop.node.engine.setAdministrativelyDown(true, loop.session, at: loop.now)
        loop.run(for: .seconds(5))
        #expect(loop.node.removed == [loop.session])
        #expect(loop.node.sent.isEmpty && loop.node.changes.isEmpty)
        var configuration = SessionConfiguration.looped()
        configuration.isAdministrativelyDown = true
        #expect(throws: EngineError.unaffiliatedEchoImpossible) { try configuration.validate() }
    }

    @Test func `9747-2-01: removal tells nobody`() throws {
        let loop = try Loop.up()
        try loop.node.engine.removeSession(loop.session, at: loop.now)
        loop.run(for: .seconds(5))
        #expect(loop.node.removed == [loop.session] && loop.node.sent.isEmpty)
    }

    @Test func `9747-2-02: Control packets to port 3785, from an address of ours`() throws {
        #expect(Transport.unaffiliatedEcho.destinationPort == 3785)
        let loop = try Loop()
        loop.run(for: .seconds(1))
        let first = try #require(loop.node.sent.first)
        #expect(first.bytes.count == 24 && first.packet.state == .down)
        var configuration = SessionConfiguration.looped()
        configuration.path.source = .unspecified(isIPv6: false)
        #expect(throws: EngineError.unaffiliatedEchoImpossible) { try configuration.validate() }
    }

    @Test func `9747-2-02: the checks of asynchronous mode hold, packets mix with no other port`()
        throws
    {
        let loop = try Loop()
        var bytes = looped(.down, your: 0)
        bytes[2] = 0
        #expect(loop.hear(bytes).reason == .detectMultiplierZero)
        let arrival = Arrival(
            source: .alpha, destination: .alpha, interfaceIndex: 7, hopLimit: 255,
            receivedAt: loop.now)
        let reception = loop.node.receive(looped(.down), arrival, at: loop.now)
        #expect(reception.reason == .unknownYourDiscriminator)
        #expect(loop.state == .down)
    }

    @Test func `9747-2-03: a first packet is known by its source, later ones by Your alone`()
        throws
    {
        let loop = try Loop()
        #expect(loop.hear(looped(.down, your: 0), from: .stranger).reason == .noSession)
        #expect(loop.hear(looped(.initializing, your: 0)).reason == .yourDiscriminatorZeroBadState)
        #expect(loop.hear(looped(.down, your: 0)).reason == nil)
        #expect(loop.hear(looped(.initializing, your: 7)).reason == .unknownYourDiscriminator)
        #expect(loop.hear(looped(.initializing), from: .stranger).reason == .sourceMismatch)
        #expect(loop.hear(looped(.initializing)).reason == nil)
        #expect(loop.state == .up)
    }

    @Test func `9747-2-04: Your is 0 first, then what was looped, and 0 again after the loss`()
        throws
    {
        let loop = try Loop()
        loop.run(for: .seconds(4))
        let sent = loop.node.sent.map(\.packet)
        #expect(sent.first?.yourDiscriminator == 0)
        #expect(sent.dropFirst().allSatisfy { $0.yourDiscriminator == 0xa1b2_c3d4 })
        loop.forget()
        loop.isCut = true
        loop.run(for: .seconds(3))
        let late = loop.node.sent.map(\.packet).filter { $0.state == .down }
        #expect(!late.isEmpty && late.allSatisfy { $0.yourDiscriminator == 0 })
    }

    @Test(arguments: [UInt8?.none, 0, 1, 64, 253, 255])
    func `9747-2-05: what was not forwarded exactly once is refused`(_ hopLimit: UInt8?) throws {
        let loop = try Loop()
        let reception = loop.hear(looped(.down, your: 0), hopLimit: hopLimit)
        #expect(reception.reason == .ttlNot254)
        #expect(loop.node.engine.discards.count(of: .ttlNot254) == 1)
        #expect(loop.state == .down)
    }

    @Test func `9747-2-06: intervals are filled, and ignored when they come back`() throws {
        let loop = try Loop.up()
        let before = try #require(loop.variables)
        #expect(before.detectionTime == .milliseconds(300))
        loop.alter = { packet in
            packet.desiredMinTxInterval = Microseconds(10_000)
            packet.requiredMinRxInterval = Microseconds(5_000_000)
        }
        loop.run(for: .seconds(2))
        let after = try #require(loop.variables)
        #expect(after.detectionTime == .milliseconds(300))
        #expect(after.transmitInterval == Microseconds(100_000))
        #expect(loop.state == .up && loop.node.changes.isEmpty)
        for packet in loop.node.sent.map(\.packet) {
            #expect(packet.desiredMinTxInterval == .second)
            #expect(packet.requiredMinRxInterval == .second)
        }
    }

    @Test func `9747-2-07: Echo RX is 0, every octet has a meaning, and P is never set`() throws {
        let loop = try Loop()
        loop.alter = { $0.requiredMinEchoRxInterval = Microseconds(1) }
        loop.run(for: .seconds(5))
        for one in loop.node.sent {
            #expect(one.packet.requiredMinEchoRxInterval == Microseconds(0))
            #expect(!one.packet.poll && !one.packet.final && !one.packet.demand)
            let read = try ControlPacket(decoding: one.bytes.span)
            #expect(encoded(read) == one.bytes)
        }
        #expect(loop.state == .up)
    }

    @Test(arguments: [UInt64](1...20))
    func `9747-2-08: a packet a second until Up and after Down, the provisioned pace while Up`(
        _ seed: UInt64
    ) throws {
        let loop = try Loop(seed: seed)
        loop.isCut = true
        loop.run(for: .seconds(10))
        #expect(loop.gaps.count >= 6 && loop.gaps.allSatisfy { $0 >= .seconds(1) })
        loop.isCut = false
        while loop.state != .up { loop.run(for: .milliseconds(1)) }
        #expect(loop.gaps.dropLast().allSatisfy { $0 >= .seconds(1) })
        loop.run(for: .milliseconds(100))
        loop.forget()
        loop.run(for: .seconds(5))
        #expect(loop.gaps.allSatisfy { $0 >= .milliseconds(75) && $0 <= .milliseconds(100) })
        loop.isCut = true
        while loop.state == .up { loop.run(for: .milliseconds(1)) }
        let last = try #require(loop.node.sent.last)
        loop.forget()
        loop.run(for: .seconds(5))
        let next = try #require(loop.node.sent.first)
        #expect(next.at - last.at >= .seconds(1))
        #expect(loop.gaps.allSatisfy { $0 >= .seconds(1) })
    }

    @Test func `9747-2-10: the provisioned number missing is Down with diagnostic 2`() throws {
        let loop = try Loop.up()
        loop.run(for: .seconds(1))
        loop.isCut = true
        let last = try #require(loop.variables).lastReceived
        loop.run(for: .milliseconds(500))
        let change = try #require(loop.node.changes.first)
        #expect(change.to == .down && change.cause == .echoFailed)
        #expect(change.localDiagnostic == .echoFunctionFailed)
        #expect(change.at - change.lastReceived == .milliseconds(300))
        #expect(change.lastReceived - last <= loop.delay)
    }

    @Test(arguments: [UInt64](1...50))
    func `9747-2-10: another pace takes no packet for lost`(_ seed: UInt64) throws {
        let loop = try Loop(seed: seed)
        loop.run(for: .seconds(4))
        for interval: UInt32 in [1_000_000, 10_000, 3_000_000, 20_000] {
            let configuration = SessionConfiguration.looped(interval: interval)
            try loop.node.engine.update(loop.session, to: configuration, at: loop.now)
            loop.run(for: .milliseconds(Int64(seed) * 77))
        }
        #expect(loop.node.changes.map(\.to) == [.initializing, .up])
    }

    @Test func `9747-4-01: a system has one session, if one is unaffiliated`() throws {
        let loop = try Loop()
        let other = IPAddress(ipv4: 0x0a09_0002)
        #expect(throws: EngineError.remoteInUse) {
            _ = try loop.node.engine.addSession(.looped(), at: loop.now)
        }
        #expect(throws: EngineError.remoteInUse) {
            _ = try loop.node.engine.addSession(.toBeta(), at: loop.now)
        }
        let second = try loop.node.engine.addSession(.looped(to: other), at: loop.now)
        let own = loop.node.session(second)?.localDiscriminator
        #expect(own != 0 && own != loop.variables?.localDiscriminator)
        let plain = try Node().engine.addSession(.toBeta(), at: loop.now)
        #expect(plain.index == 0)
        let bench = try Bench()
        #expect(throws: EngineError.remoteInUse) {
            _ = try bench.node.engine.addSession(.looped(), at: bench.now)
        }
    }

    @Test func `9747-2-03: Your alone is enough when the source is not to be checked`() throws {
        let loop = try Loop()
        #expect(loop.hear(looped(.down, your: 0)).reason == nil)
        var configuration = try #require(loop.variables).configuration
        configuration.strictSource = false
        try loop.node.engine.update(loop.session, to: configuration, at: loop.now)
        #expect(loop.hear(looped(.initializing), from: .stranger).reason == nil)
        #expect(loop.state == .up)
    }

    @Test func `9747-5-01: looped packets are authenticated like any other`() throws {
        let loop = try Loop()
        let key = AuthenticationKey(id: 4, secretByteCount: 6)
        let rules = SessionAuthentication(type: .keyedSHA1, keys: [key])
        try loop.node.engine.setAuthentication(rules, loop.session, at: loop.now)
        loop.node.timeOut(at: loop.now)
        #expect(loop.hear(looped(.down, your: 0)).reason == .authenticationMissing)
        let packet = try #require(loop.node.sent.first).packet
        #expect(packet.authenticationPresent && packet.length == 52)
        let section: [UInt8] = [4, 28, 4, 0, 0, 0, 0, 9] + [UInt8](repeating: 0, count: 20)
        let bytes = encoded(packet) + section
        #expect(loop.hear(bytes).reason == .authenticationMismatch)
        #expect(loop.state == .down)
        let arrival = Arrival(
            source: .alpha, destination: .alpha, interfaceIndex: 7, hopLimit: 254,
            transport: .unaffiliatedEcho, receivedAt: loop.now)
        let reception = loop.node.engine.receive(bytes.span, arrival, at: loop.now)
        guard case .needsDigest(let challenge) = reception else {
            Issue.record("no digest asked for")
            return
        }
        let right = loop.node.engine.finish(challenge, digestMatches: true, at: loop.now)
        #expect(right.reason == nil && loop.state == .initializing)
    }
}
