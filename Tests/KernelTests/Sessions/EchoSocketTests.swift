import BFDCore
import BFDDriver
import LinuxSystem
import Testing

extension RouteTests {
    /// Echo packets on a real link: out to a router that forwards them, and back.
    @Suite("Echo packets")
    struct EchoSocketTests {}
}

extension RouteTests.EchoSocketTests {
    @Test func `5880-6.8.5-01, 5881-2-03, 5881-4-06, 5881-4-07, 5881-8-01: and back, until cut`()
        throws
    {
        try RouteLab.run { lab in
            try set("net.ipv4.conf.all.accept_local=1", in: lab.nodeName)
            try set("net.ipv4.ip_forward=1", in: lab.routerName)
            try countEchoes(in: lab)
            let far = try FarEnd(lab)
            let engine = try engine(in: lab)
            defer { engine.stop() }
            let own = try engine.add(session)
            try bringUp(far, own, lab)
            try lab.waitUntil("Echo packets come back") {
                far.say(.fromRouter(.up, your: own), to: .node)
                let counters = try snapshot(engine).counters
                return counters.echoesReturned >= 20
                    && counters.echoesReturned + 2 >= counters.echoesSent
            }
            let running = try snapshot(engine)
            #expect(running.isEchoActive && running.requiredMinRxInterval == .second)
            #expect(running.state == .up && running.counters.downs == 0)
            let ruleset = try nft("list ruleset", in: lab)
            #expect(ruleset.contains("ip ttl 255 counter packets "))
            #expect(!ruleset.contains("ip ttl 255 counter packets 0 "))

            _ = try nft("add rule ip gwt forward udp dport 3785 drop", in: lab)
            try lab.waitUntil("the session fails although the peer says Up") {
                far.say(.fromRouter(.up, your: own), to: .node)
                return try snapshot(engine).counters.downs == 1
            }
            #expect(try snapshot(engine).localDiagnostic == .echoFunctionFailed)
            #expect(try snapshot(engine).state == .down)
        }
    }

    @Test func `5880-6.8.13-01: a change switches Echo on and off while the session lives`()
        throws
    {
        try RouteLab.run { lab in
            try set("net.ipv4.conf.all.accept_local=1", in: lab.nodeName)
            try set("net.ipv4.ip_forward=1", in: lab.routerName)
            let far = try FarEnd(lab)
            let engine = try engine(in: lab)
            defer { engine.stop() }
            var silent = session
            silent.configuration.desiredMinEchoTxInterval = Microseconds(0)
            let own = try engine.add(silent)
            try bringUp(far, own, lab)
            let keepUp = { far.say(.fromRouter(.up, your: own), to: .node) }
            try lab.waitUntil("the session is up") { try snapshot(engine).state == .up }
            #expect(!(try shell("ss", "-Hnul").contains(":3785")))

            engine.update(session.peer, to: session.configuration)
            try lab.waitUntil("Echo packets come back") {
                keepUp()
                return try snapshot(engine).counters.echoesReturned >= 10
            }
            #expect(try shell("ss", "-Hnul").contains(":3785"))
            engine.update(session.peer, to: silent.configuration)
            let sent = try snapshot(engine).counters.echoesSent
            for _ in 0..<10 {
                keepUp()
                lab.serve(milliseconds: 30)
            }
            let last = try snapshot(engine)
            #expect(last.counters.echoesSent == sent && !last.isEchoActive)
            #expect(last.state == .up && last.counters.downs == 0)
            #expect(last.localDiscriminator == own)
        }
    }

    @Test func `9747-2-01: a looped session that is disabled can be removed, or enabled anew`()
        throws
    {
        try RouteLab.run { lab in
            // Nothing comes back: the session goes nowhere by itself.
            try set("net.ipv4.ip_forward=0", in: lab.routerName)
            let engine = try engine(in: lab)
            defer { engine.stop() }
            var looped = session
            looped.configuration = SessionConfiguration(
                path: Path(
                    destination: .init(ipv4: 0x0a63_0002), source: .init(ipv4: 0x0a63_0001),
                    transport: .unaffiliatedEcho))
            let own = try engine.add(looped)
            engine.setAdministrativelyDown(true, session.peer)
            #expect(try snapshot(engine).state == .adminDown)
            looped.configuration.desiredMinTxInterval = Microseconds(70_000)
            engine.update(session.peer, to: looped.configuration)
            engine.setAdministrativelyDown(false, session.peer)
            let anew = try snapshot(engine)
            #expect(anew.state == .down && anew.localDiscriminator == own)
            #expect(anew.configuration.desiredMinTxInterval == Microseconds(70_000))
            engine.setAdministrativelyDown(true, session.peer)
            engine.remove(session.peer)
            #expect(try engine.snapshot().sessions.isEmpty)
            var events: [DriverEvent] = []
            _ = engine.takeEvents(into: &events)
            let states = events.compactMap { event in
                if case .stateChanged(_, let change) = event { change.to } else { nil }
            }
            #expect(states == [.adminDown, .down, .adminDown])
            guard case .removed = events.last else {
                Issue.record("the removal is not told")
                return
            }
        }
    }

    @Test func `5881-2-02: IPv6 needs nothing set but forwarding, which is warned of`() throws {
        try RouteLab.run { lab in
            try set("net.ipv6.conf.all.forwarding=0", in: lab.nodeName)
            let engine = try engine(in: lab)
            defer { engine.stop() }
            var session = session
            session.interface = "g0"
            session.configuration.path = Path(
                destination: IPAddress(ipv6High: 0x2001_0db8_00a0_0000, low: 2))
            _ = try engine.add(session)
            #expect(try warnings(of: engine).isEmpty)
            session.configuration.requiredMinEchoRxInterval = Microseconds(50_000)
            engine.update(session.peer, to: session.configuration)
            _ = try engine.snapshot()
            let events = try warnings(of: engine)
            #expect(events.count == 1)
            #expect(events.first?.hasSuffix("set net.ipv6.conf.g0.forwarding=1") == true)
        }
    }

    @Test func `5881-2-02: settings under which Echo packets are dropped are warned of`() throws {
        try RouteLab.run { lab in
            try set("net.ipv4.conf.all.accept_local=0", in: lab.nodeName)
            try set("net.ipv4.conf.g0.rp_filter=1", in: lab.nodeName)
            try set("net.ipv4.ip_forward=0", in: lab.nodeName)
            let engine = try engine(in: lab)
            defer { engine.stop() }
            var session = session
            session.interface = "g0"
            session.configuration.requiredMinEchoRxInterval = Microseconds(50_000)
            _ = try engine.add(session)
            let events = try warnings(of: engine)
            for setting in ["accept_local=1", "rp_filter=0", "forwarding=1"] {
                #expect(events.contains { $0.hasSuffix("set net.ipv4.conf.g0.\(setting)") })
            }
        }
    }

    private var session: DriverSession {
        var configuration = SessionConfiguration(path: Path(destination: .init(ipv4: 0x0a63_0002)))
        configuration.desiredMinEchoTxInterval = Microseconds(20_000)
        return DriverSession(
            peer: PeerID(rawValue: 0), configuration: configuration, interface: nil)
    }

    private func engine(in lab: RouteLab) throws -> EngineThread {
        try EngineThread(
            DriverConfiguration(
                sessionCapacity: 4, namespacePath: NetworkNamespace.path(named: lab.nodeName),
                realTime: RealTimeSettings(locksMemory: false), seed: 1))
    }

    private func snapshot(_ engine: EngineThread) throws -> Session {
        try #require(try engine.snapshot().sessions.first).session
    }

    private func bringUp(_ far: FarEnd, _ own: UInt32, _ lab: RouteLab) throws {
        far.say(.fromRouter(.down, your: own), to: .node)
        try lab.waitUntil("the node is Init") {
            try far.hear().contains { $0.packet.state == .initializing }
        }
        far.say(.fromRouter(.up, your: own), to: .node)
    }

    private func warnings(of engine: EngineThread) throws -> [String] {
        var events: [DriverEvent] = []
        _ = engine.takeEvents(into: &events)
        return events.compactMap { event in
            if case .warning(let text) = event { text } else { nil }
        }
    }

    private func set(_ setting: String, in namespace: String) throws {
        try shell("ip", "netns", "exec", namespace, "sysctl", "-qw", setting)
    }

    /// Has the router count what came from the node for the node, hop limit untouched.
    private func countEchoes(in lab: RouteLab) throws {
        _ = try nft("add table ip gwt", in: lab)
        _ = try nft(
            "add chain ip gwt first { type filter hook prerouting priority -300 ; }", in: lab)
        _ = try nft("add chain ip gwt forward { type filter hook forward priority 0 ; }", in: lab)
        _ = try nft(
            "add rule ip gwt first ip saddr 10.99.0.1 ip daddr 10.99.0.1 udp dport 3785 "
                + "ip ttl 255 counter", in: lab)
    }

    private func nft(_ command: String, in lab: RouteLab) throws -> String {
        try shell("ip", "netns", "exec", lab.routerName, "nft", command)
    }
}

extension ControlPacket {
    fileprivate static func fromRouter(_ state: SessionState, your: UInt32) -> ControlPacket {
        ControlPacket(
            diagnostic: .none, state: state, detectMultiplier: 3, myDiscriminator: 0x1122_3344,
            yourDiscriminator: your, desiredMinTxInterval: Microseconds(300_000),
            requiredMinRxInterval: Microseconds(300_000),
            requiredMinEchoRxInterval: Microseconds(20_000))
    }
}
