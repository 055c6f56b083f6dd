import BFDCore
import Testing

/// Bugs of others about finding, making and removing sessions.
@Suite("Bugs that others had: sessions and paths")
struct PastTableBugTests {
    private static let now = Instant(nanoseconds: 1_000_000_000)

    @Test func `bug 30: a right discriminator is enough when sources are not strict`() throws {
        let bench = try Bench.up()
        try bench.update { $0.strictSource = false }
        bench.arrival.source = .stranger
        #expect(try bench.hear(.up).reason == nil)
        #expect(try bench.variables.state == .up)
    }

    @Test func `bug 33: a path is found by all of its parts`() throws {
        let node = Node()
        let path = Path(
            destination: .beta, source: .alpha, isBoundToInterface: true, interfaceIndex: 7)
        _ = try node.engine.addSession(SessionConfiguration(path: path), at: Self.now)
        let good = Self.arrival()
        var strangers = [Arrival](repeating: good, count: 4)
        strangers[0].source = .stranger
        strangers[1].destination = .stranger
        strangers[2].interfaceIndex = 8
        strangers[3].transport = .microBFD
        for arrival in strangers {
            let reason = node.receive(Self.first, arrival, at: Self.now).reason
            #expect(reason == .noSession)
        }
        #expect(node.receive(Self.first, good, at: Self.now).reason == nil)
    }

    @Test func `bug 35, bug 38: one link-local peer on two links is two sessions`() throws {
        let node = Node()
        let handles = try [UInt32(7), 8].map { index in
            let path = Path(
                destination: .linkLocal, isBoundToInterface: true, interfaceIndex: index)
            return try node.engine.addSession(SessionConfiguration(path: path), at: Self.now)
        }
        var arrival = Self.arrival(from: .linkLocal)
        arrival.destination = IPAddress(ipv6High: 0xfe80_0000_0000_0000, low: 2)
        arrival.interfaceIndex = 8
        _ = node.receive(Self.first, arrival, at: Self.now)
        #expect(node.session(handles[0])?.state == .down)
        #expect(node.session(handles[1])?.state == .initializing)
        arrival.interfaceIndex = 9
        #expect(node.receive(Self.first, arrival, at: Self.now).reason == .noSession)
    }

    @Test func `bug 41: a session without its interface waits, and starts when it comes`() throws {
        let node = Node()
        let path = Path(destination: .beta, isBoundToInterface: true)
        let handle = try node.engine.addSession(SessionConfiguration(path: path), at: Self.now)
        #expect(node.receive(Self.first, Self.arrival(), at: Self.now).reason == .noSession)
        try node.engine.setInterfaceIndex(7, handle, at: Self.now)
        #expect(node.receive(Self.first, Self.arrival(), at: Self.now).reason == nil)
        #expect(node.session(handle)?.state == .initializing)
    }

    @Test func `bug 43: sessions that come and go leave no timer behind`() throws {
        let node = Node(capacity: 2)
        var now = Self.now
        for _ in 0..<1_000 {
            let handle = try node.engine.addSession(.toBeta(), at: now)
            node.timeOut(at: now)
            try node.engine.removeSession(handle, at: now)
            now = now + .seconds(10)
            node.timeOut(at: now)
            #expect(node.engine.sessionCount == 0 && node.engine.nextDeadline == nil)
            node.forget()
        }
    }

    @Test func `bug 48: a change of one session that is refused leaves the others alone`() throws {
        let node = Node()
        let handles = try [IPAddress.beta, .stranger].map { peer in
            let path = Path(destination: peer)
            return try node.engine.addSession(SessionConfiguration(path: path), at: Self.now)
        }
        for (index, handle) in handles.enumerated() {
            var configuration = try #require(node.session(handle)).configuration
            configuration.detectMultiplier = index == 0 ? 0 : 9
            try? node.engine.update(handle, to: configuration, at: Self.now)
        }
        #expect(node.session(handles[0])?.detectMultiplier == 3)
        #expect(node.session(handles[1])?.detectMultiplier == 9)
    }

    private static func arrival(from source: IPAddress = .beta) -> Arrival {
        Arrival(
            source: source, destination: .alpha, interfaceIndex: 7, hopLimit: 255, receivedAt: now)
    }

    /// The first packet of a peer.
    private static let first: [UInt8] = {
        var packet = Bench.anyPacket
        packet.state = .down
        packet.yourDiscriminator = 0
        return encoded(packet)
    }()
}
