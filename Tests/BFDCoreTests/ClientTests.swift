import BFDCore
import Testing

@Suite("RFC 5882: what clients are told, and how they share sessions")
struct ClientTests {
    /// Follows a session for one client.
    private final class Client {
        let bench: Bench
        private(set) var view: ClientView
        private(set) var told: [(at: Instant, event: ClientEvent)] = []
        private var seen = 0

        init(_ bench: Bench, _ policy: ClientPolicy = ClientPolicy()) {
            self.bench = bench
            view = ClientView(policy)
        }

        /// Hears of all changes so far.
        func follow() {
            for change in bench.changes.dropFirst(seen) {
                wake(at: change.at)
                if let event = view.apply(change, at: change.at) { told.append((change.at, event)) }
            }
            seen = bench.changes.count
            wake(at: bench.now)
        }

        private func wake(at now: Instant) {
            guard let due = view.nextDeadline, due <= now else { return }
            if let event = view.handleTimeout(at: due) { told.append((due, event)) }
        }

        var words: [String] {
            told.map { one in
                switch one.event {
                case .up: "up"
                case .down: "down"
                case .adminDown: "admin-down"
                }
            }
        }

        func change(_ index: Int) throws -> StateChange {
            switch try #require(told.dropFirst(index).first).event {
            case .up(let change), .down(let change), .adminDown(let change): return change
            }
        }
    }

    /// A session that has just come up, and its client.
    private func up(
        _ policy: ClientPolicy = ClientPolicy(), controlPlaneIndependent: Bool = false
    ) throws -> Client {
        var configuration = SessionConfiguration.toBeta()
        configuration.controlPlaneIndependent = controlPlaneIndependent
        let bench = try Bench(configuration)
        let client = Client(bench, policy)
        bench.peer.controlPlaneIndependent = controlPlaneIndependent
        try bench.hear(.down, your: 0)
        bench.setPeerInterval(300_000)
        try bench.hear(.up)
        client.follow()
        #expect(client.words == ["up"])
        return client
    }

    private func comeUp(_ client: Client) throws {
        try client.bench.hear(.down)
        try client.bench.hear(.up)
        client.follow()
    }

    @Test func `5882-3.1-01: a failure shorter than the hold time is not told`() throws {
        let client = try up(ClientPolicy(holdTime: .milliseconds(500)))
        try client.bench.hear(.down)
        client.follow()
        client.bench.run(for: .milliseconds(300))
        try comeUp(client)
        client.bench.run(for: .milliseconds(600))
        client.follow()
        #expect(client.words == ["up"])
    }

    @Test func `5882-3.1-01: one that lasts is told when the hold time ends`() throws {
        let client = try up(ClientPolicy(holdTime: .milliseconds(500)))
        try client.bench.hear(.down)
        let failed = client.bench.now
        client.follow()
        client.bench.run(for: .milliseconds(600))
        client.follow()
        #expect(client.words == ["up", "down"])
        #expect(client.told.last?.at == failed + .milliseconds(500))
        #expect(try client.change(1).cause == .peerDown)
        try comeUp(client)
        #expect(client.words == ["up", "down", "up"])
    }

    @Test func `5882-3.1-01: without a hold time every failure is told at once`() throws {
        let client = try up()
        client.bench.run(for: .seconds(1))
        client.follow()
        #expect(client.words == ["up", "down"])
        #expect(try client.told[1].at == client.change(1).at)
    }

    @Test(arguments: [false, true])
    func `5882-3.2-01, 5882-4.2-01: AdminDown at either end is no failure`(
        _ isLocal: Bool
    ) throws {
        let client = try up(ClientPolicy(holdTime: .milliseconds(500)))
        if isLocal { try client.bench.disable() } else { try client.bench.hear(.adminDown) }
        client.follow()
        #expect(client.words == ["up", "admin-down"])
        #expect(
            try client.change(1).cause == (isLocal ? .administrativelyDisabled : .peerAdminDown))
        #expect(try !client.change(1).isFailure)
        // Nor is what follows until the session is Up again.
        if isLocal { try client.bench.enable() }
        client.bench.run(for: .seconds(60))
        client.follow()
        #expect(client.words == ["up", "admin-down"])
        try comeUp(client)
        #expect(client.words == ["up", "admin-down", "up"])
    }

    @Test(arguments: [false, true])
    func `5882-3.2-02: without liveness of its own a client takes AdminDown for Down`(
        _ isLocal: Bool
    ) throws {
        let client = try up(ClientPolicy(hasOwnLiveness: false))
        if isLocal { try client.bench.disable() } else { try client.bench.hear(.adminDown) }
        client.follow()
        #expect(client.words == ["up", "down"])
        #expect(try client.change(1).isAdministrative)
    }

    @Test func `5882-3.3-01: a session that comes up, or does not, is no failure`() throws {
        let silent = Client(try Bench())
        silent.bench.run(for: .seconds(60))
        silent.follow()
        #expect(silent.words.isEmpty)
        let failing = Client(try Bench())
        for _ in 0..<3 {
            try failing.bench.hear(.down, your: 0)
            failing.bench.run(for: .seconds(10))
            failing.follow()
        }
        #expect(failing.bench.changes.count == 6 && failing.words.isEmpty)
    }

    @Test func `5882-4.1-01: AdminDown at either end allows an adjacency`() throws {
        let here = try Bench.up()
        try here.disable()
        #expect(try here.variables.allowsAdjacency(isPeerWilling: true))
        let there = try Bench.up()
        try there.hear(.adminDown)
        #expect(try there.variables.state == .down)
        #expect(try there.variables.allowsAdjacency(isPeerWilling: true))
    }

    @Test func `5882-4.1-02: a session that is not Up blocks an adjacency of two willing ends`()
        throws
    {
        let bench = try Bench()
        #expect(try bench.variables.allowsAdjacency())
        #expect(try bench.variables.allowsAdjacency(isPeerWilling: false))
        #expect(try !bench.variables.allowsAdjacency(isPeerWilling: true))
        try bench.hear(.down, your: 0)
        #expect(try !bench.variables.allowsAdjacency())
        #expect(try bench.variables.allowsAdjacency(isPeerWilling: false))
        try bench.hear(.up)
        #expect(try bench.variables.allowsAdjacency(isPeerWilling: true))
    }

    @Test func `5882-4.2-02: a failure carries its diagnostic and its data protocol`() throws {
        let client = try up()
        client.bench.run(for: .seconds(2))
        client.follow()
        let change = try client.change(1)
        #expect(change.isFailure && change.localDiagnostic == .controlDetectionTimeExpired)
        #expect(!change.isIPv6)
        let path = Path(destination: .linkLocal)
        let node = Node()
        let now = Instant(nanoseconds: 1)
        let handle = try node.engine.addSession(SessionConfiguration(path: path), at: now)
        try node.engine.setPathDown(true, handle, at: now)
        node.fetch(at: now)
        #expect(node.changes.map(\.isIPv6) == [true])
    }

    @Test(arguments: [false, true])
    func `5882-4.3-01, 5882-4.3-02: the C bits of both ends tell what a failure means`(
        _ isIndependent: Bool
    ) throws {
        let client = try up(controlPlaneIndependent: isIndependent)
        client.bench.run(for: .seconds(2))
        client.follow()
        let change = try client.change(1)
        #expect(change.isControlPlaneIndependent == isIndependent)
        #expect(change.isRemoteControlPlaneIndependent == isIndependent)
        #expect(change.abortsGracefulRestart == isIndependent)
        let half = try up(controlPlaneIndependent: true)
        half.bench.peer.controlPlaneIndependent = false
        try half.bench.hear(.down)
        half.follow()
        #expect(try !half.change(1).abortsGracefulRestart)
    }

    @Test func `word from outside BFD is a failure for a session that never was Up`() throws {
        let client = Client(try Bench())
        try client.bench.setPathDown(true)
        client.follow()
        #expect(client.words == ["down"])
    }
}

@Suite("RFC 5882 §2 and §4.1: clients that share a session")
struct ClientRegistryTests {
    private typealias Registry = ClientRegistry<String, Path>

    private func wish(_ interval: UInt32, _ multiplier: UInt8 = 3) -> SessionConfiguration {
        .toBeta(interval: interval, multiplier: multiplier)
    }

    private let path = Path(destination: .beta)

    @Test func `5882-2-01: three clients of one path have one session`() throws {
        var registry = Registry()
        #expect(registry.add("ospf", on: path, wish(300_000)) == .start(session: 1, wish(300_000)))
        #expect(registry.add("bgp", on: path, wish(300_000)) == .adjust(session: 1, wish(300_000)))
        _ = registry.add("static", on: path, wish(300_000))
        #expect(registry.clients(of: 1) == ["ospf", "bgp", "static"])
        #expect(registry.add("bgp", on: path, wish(1_000)) == nil)
        let other = Path(destination: .stranger)
        #expect(registry.add("else", on: other, wish(1_000)) == .start(session: 2, wish(1_000)))
        #expect(registry.clients(of: 2) == ["else"] && registry.session(of: "else") == 2)
    }

    @Test func `5882-2-01: the session goes with its last client`() throws {
        var registry = Registry()
        _ = registry.add("ospf", on: path, wish(300_000))
        _ = registry.add("bgp", on: path, wish(100_000))
        #expect(registry.remove("bgp") == .adjust(session: 1, wish(300_000)))
        #expect(registry.remove("bgp") == nil)
        #expect(registry.remove("ospf") == .end(session: 1))
        #expect(registry.session(of: "ospf") == nil && registry.clients(of: 1).isEmpty)
        #expect(registry.add("ospf", on: path, wish(300_000)) == .start(session: 2, wish(300_000)))
    }

    @Test func `5882-2-01: a session outlives its first client`() throws {
        var registry = ClientRegistry<String, Int>()
        let slow = SessionConfiguration(path: Path(destination: IPAddress(ipv4: 1)))
        var fast = slow
        fast.desiredMinTxInterval = Microseconds(10_000)
        for (name, configuration) in [("a", slow), ("b", fast), ("c", slow)] {
            _ = registry.add(name, on: 1, configuration)
        }
        #expect(registry.remove("a") == .adjust(session: 1, fast))
        #expect(registry.clients(of: 1) == ["b", "c"])
        #expect(registry.configuration(of: "c") == slow && registry.configuration(of: "a") == nil)
        #expect(registry.update("c", fast) == .adjust(session: 1, fast))
        #expect(registry.configuration(of: "c") == fast)
        #expect(registry.remove("c") == .adjust(session: 1, fast))
        #expect(registry.remove("b") == .end(session: 1))
        #expect(registry.clients(of: 1) == [])
    }

    @Test func `5882-4.1-03: of parameters that differ, the fastest detection counts`() throws {
        var registry = Registry()
        _ = registry.add("slow", on: path, wish(300_000, 3))
        #expect(
            registry.add("fast", on: path, wish(100_000, 3))
                == .adjust(
                    session: 1, wish(100_000, 3)))
        #expect(
            registry.add("few", on: path, wish(300_000, 2))
                == .adjust(
                    session: 1, wish(100_000, 2)))
        #expect(
            registry.update("fast", wish(200_000, 5))
                == .adjust(
                    session: 1, wish(200_000, 2)))
        #expect(registry.update("nobody", wish(1)) == nil)
        var mixed = wish(200_000)
        mixed.requiredMinRxInterval = Microseconds(50_000)
        mixed.demandMode = true
        mixed.combine(with: wish(100_000))
        #expect(mixed.desiredMinTxInterval == Microseconds(100_000))
        #expect(mixed.requiredMinRxInterval == Microseconds(50_000))
        #expect(!mixed.demandMode)
    }
}
