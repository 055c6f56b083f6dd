import BFDCore
import Testing

@Suite("RFC 5881: single hop")
struct SingleHopTests {
    static let ours6 = IPAddress(ipv6High: 0x2001_0db8_0000_0000, low: 10)
    static let theirs6 = IPAddress(ipv6High: 0x2001_0db8_0000_0000, low: 1)

    /// An engine with sessions on some paths, and what arrives there.
    private struct Paths {
        let node = Node()
        var handles: [SessionHandle] = []
        var now = Instant(nanoseconds: 1_000_000_000)

        init(_ paths: [Path]) throws {
            for path in paths {
                let configuration = SessionConfiguration(path: path)
                handles.append(try node.engine.addSession(configuration, at: now))
            }
            node.timeOut(at: now)
        }

        func hear(
            _ state: SessionState, your: UInt32 = 0, from source: IPAddress, to own: IPAddress,
            by interface: UInt32, hopLimit: UInt8? = 255, transport: Transport = .singleHop
        ) -> Reception {
            let packet = ControlPacket(
                diagnostic: .none, state: state, detectMultiplier: 3, myDiscriminator: 99,
                yourDiscriminator: your, desiredMinTxInterval: .second,
                requiredMinRxInterval: .second)
            let arrival = Arrival(
                source: source, destination: own, interfaceIndex: interface, hopLimit: hopLimit,
                transport: transport, receivedAt: now)
            return node.receive(encoded(packet), arrival, at: now)
        }

        var states: [SessionState?] {
            handles.map { node.engine.session($0)?.state }
        }

        func discriminator(_ index: Int) -> UInt32 {
            node.engine.session(handles[index])?.localDiscriminator ?? 0
        }
    }

    @Test func `5881-2-01: the families have a session each`() throws {
        var paths = try Paths([Path(destination: .beta), Path(destination: Self.theirs6)])
        _ = paths.hear(.initializing, your: paths.discriminator(0), from: .beta, to: .alpha, by: 7)
        for _ in 0..<10 {
            _ = paths.hear(
                .initializing, your: paths.discriminator(1), from: Self.theirs6, to: Self.ours6,
                by: 7)
            paths.now = paths.now + .milliseconds(500)
            paths.node.timeOut(at: paths.now)
        }
        #expect(paths.states == [.down, .up])
        #expect(paths.node.changes.map(\.to) == [.up, .up, .down])
    }

    @Test func `5881-3-01: a path has one session`() throws {
        let bound = Path(destination: .beta, isBoundToInterface: true, interfaceIndex: 7)
        let paths = try Paths([bound])
        #expect(throws: EngineError.pathInUse) {
            _ = try paths.node.engine.addSession(SessionConfiguration(path: bound), at: paths.now)
        }
        var other = bound
        other.interfaceIndex = 8
        _ = try paths.node.engine.addSession(SessionConfiguration(path: other), at: paths.now)
        #expect(paths.node.engine.sessionCount == 2)
    }

    @Test func `5881-3-02: the interface is part of where a first packet belongs`() throws {
        let paths = try Paths([
            Path(destination: .beta, isBoundToInterface: true, interfaceIndex: 7)
        ])
        #expect(paths.hear(.down, from: .beta, to: .alpha, by: 8).reason == .noSession)
        #expect(paths.states == [.down])
        #expect(paths.hear(.down, from: .beta, to: .alpha, by: 7).reason == nil)
        #expect(paths.states == [.initializing])
    }

    @Test func `5881-4-01: Control packets go to port 3784, those of members to 6784`() {
        #expect(Transport.singleHop.destinationPort == 3784)
        #expect(Transport.microBFD.destinationPort == 6784)
    }

    @Test(arguments: [UInt8?.none, 0, 1, 64, 254])
    func `5881-5-02: any TTL or hop limit but 255 is refused`(_ hopLimit: UInt8?) throws {
        let paths = try Paths([Path(destination: .beta), Path(destination: Self.theirs6)])
        for (source, own) in [(IPAddress.beta, IPAddress.alpha), (Self.theirs6, Self.ours6)] {
            let reception = paths.hear(.down, from: source, to: own, by: 7, hopLimit: hopLimit)
            #expect(reception.reason == .ttlNot255)
        }
        #expect(paths.states == [.down, .down])
        #expect(paths.node.engine.discards.count(of: .ttlNot255) == 2)
    }

    @Test func `5881-6-04: another source leaves our destination as it was`() throws {
        let bench = try Bench.up()
        try bench.update { $0.strictSource = false }
        bench.arrival.source = .stranger
        try bench.hear(.up)
        #expect(try bench.variables.configuration.path.destination == .beta)
    }

    @Test func `5881-v6-01: link-local peers are told apart by interface`() throws {
        let paths = try Paths(
            [7, 8].map {
                Path(destination: .linkLocal, isBoundToInterface: true, interfaceIndex: $0)
            })
        let own = IPAddress(ipv6High: 0xfe80_0000_0000_0000, low: 2)
        #expect(paths.hear(.down, from: .linkLocal, to: own, by: 8).reason == nil)
        #expect(paths.states == [.down, .initializing])
        #expect(paths.hear(.initializing, from: .linkLocal, to: own, by: 9).reason != nil)
    }

    @Test func `7130-2.2-05: a member's session is reached by its port only`() throws {
        try PacketVectorTests.check(requirement: "7130-2.2-05", count: 1)
        let paths = try Paths([
            Path(
                destination: .beta, isBoundToInterface: true, interfaceIndex: 7,
                transport: .microBFD)
        ])
        #expect(paths.hear(.down, from: .beta, to: .alpha, by: 7).reason == .noSession)
        let your = paths.discriminator(0)
        #expect(
            paths.hear(.down, your: your, from: .beta, to: .alpha, by: 7).reason
                == .unknownYourDiscriminator)
    }

    @Test func `7130-2.2-07: a member's session insists on its link`() throws {
        try PacketVectorTests.check(requirement: "7130-2.2-07", count: 1)
    }

    @Test func `the most specific path gets a first packet`() throws {
        let any = Path(destination: .beta)
        let own = Path(destination: .beta, source: .alpha)
        let bound = Path(destination: .beta, isBoundToInterface: true, interfaceIndex: 7)
        let both = Path(
            destination: .beta, source: .alpha, isBoundToInterface: true, interfaceIndex: 7)
        let all = [any, own, bound, both]
        // From the most specific down: each is preferred to all that come before it in `all`.
        for count in (1...4).reversed() {
            let paths = try Paths(Array(all.prefix(count)))
            #expect(paths.hear(.down, from: .beta, to: .alpha, by: 7).reason == nil)
            let expected = (0..<count).map { $0 == count - 1 ? SessionState.initializing : .down }
            #expect(paths.states == expected)
        }
    }

    @Test func `a packet by another interface is accepted and counted`() throws {
        var configuration = SessionConfiguration.toBeta()
        configuration.path = Path(
            destination: .beta, isBoundToInterface: true, interfaceIndex: 7)
        let bench = try Bench(configuration)
        try bench.bringUp()
        #expect(try bench.variables.counters.foreignInterface == 0)
        bench.arrival.interfaceIndex = 8
        #expect(try bench.hear(.up).reason == nil)
        #expect(try bench.variables.counters.foreignInterface == 1)
    }
}
