import BFDCore
import Testing

@Suite("Adding, changing and removing sessions")
struct AdministrationTests {
    @Test func `5880-6.8.16-01: disabling and enabling are told at once`() throws {
        let bench = try Bench.up()
        try bench.disable()
        let disabled = try #require(bench.sent.last)
        #expect(disabled.at == bench.now)
        #expect(Array(disabled.bytes[..<2]) == [0x27, 0x20])
        bench.forget()
        try bench.enable()
        let enabled = try #require(bench.sent.last)
        #expect(enabled.at == bench.now && enabled.packet.state == .down)
        #expect(enabled.packet.diagnostic == .administrativelyDown)
    }

    @Test func `5880-6.8.16-03: AdminDown goes on being told slowly`() throws {
        let bench = try Bench.up()
        bench.setPeerInterval(1_000_000)
        try bench.disable()
        try bench.run(for: .seconds(20), hearing: .down, every: .seconds(1))
        #expect(bench.sent.count >= 20 && bench.sent.count <= 28)
        #expect(bench.sent.allSatisfy { $0.packet.state == .adminDown })
    }

    @Test func `5882-8-01: a removed session says AdminDown, then is gone`() throws {
        let bench = try Bench.up()
        try bench.remove()
        bench.run(for: .milliseconds(2_999))
        #expect(bench.sent.first?.at == bench.now - .milliseconds(2_999))
        #expect(bench.sent.count >= 3)
        #expect(bench.sent.allSatisfy { $0.packet.state == .adminDown })
        #expect(bench.node.removed.isEmpty)
        bench.run(for: .milliseconds(1))
        #expect(bench.node.removed == [bench.session])
        #expect(bench.node.engine.sessionCount == 0)
        bench.forget()
        bench.run(for: .seconds(10))
        #expect(bench.sent.isEmpty)
        #expect(throws: Bench.Gone.self) { _ = try bench.variables }
    }

    @Test func `a patient peer is told for its whole detection time`() throws {
        let bench = try Bench.up(interval: 1_000_000, multiplier: 50)
        try bench.remove()
        bench.run(for: .milliseconds(49_999))
        #expect(bench.node.removed.isEmpty)
        bench.run(for: .milliseconds(1))
        #expect(bench.node.removed.count == 1)
    }

    @Test func `a passive session nobody spoke to is removed in silence`() throws {
        let bench = try Bench(.toBeta(role: .passive))
        try bench.remove()
        #expect(bench.sent.isEmpty && bench.node.removed == [bench.session])
    }

    @Test func `a session being removed makes room for its successor`() throws {
        let bench = try Bench.up()
        try bench.remove()
        var again = SessionConfiguration.toBeta()
        again.localDiscriminator = 0x1234_5678
        let handle = try bench.node.engine.addSession(again, at: bench.now)
        bench.node.timeOut(at: bench.now)
        #expect(handle != bench.session)
        #expect(bench.node.removed == [bench.session])
        #expect(bench.node.engine.session(handle)?.localDiscriminator == 0x1234_5678)
        #expect(bench.node.engine.session(handle)?.state == .down)
    }

    @Test func `a handle never names a later session`() throws {
        let node = Node(capacity: 1)
        let now = Instant(nanoseconds: 1)
        let first = try node.engine.addSession(.toBeta(role: .passive), at: now)
        try node.engine.removeSession(first, at: now)
        let second = try node.engine.addSession(.toBeta(role: .passive), at: now)
        #expect(first.index == second.index && first != second)
        #expect(throws: EngineError.unknownSession) {
            try node.engine.removeSession(first, at: now)
        }
        #expect(node.engine.sessionCount == 1)
    }

    @Test func `a full engine says so`() throws {
        let node = Node(capacity: 2)
        let now = Instant(nanoseconds: 1)
        for index in UInt32(1)...2 {
            let path = Path(destination: IPAddress(ipv4: index))
            _ = try node.engine.addSession(SessionConfiguration(path: path), at: now)
        }
        #expect(throws: EngineError.full) {
            let path = Path(destination: IPAddress(ipv4: 3))
            _ = try node.engine.addSession(SessionConfiguration(path: path), at: now)
        }
        #expect(node.engine.sessionCount == 2)
    }

    @Test func `a kept discriminator is used again, unless another session has it`() throws {
        let node = Node()
        let now = Instant(nanoseconds: 1)
        let handles = try (1...2).map { index in
            var configuration = SessionConfiguration(
                path: Path(destination: IPAddress(ipv4: UInt32(index))))
            configuration.localDiscriminator = 77
            return try node.engine.addSession(configuration, at: now)
        }
        #expect(node.engine.session(handles[0])?.localDiscriminator == 77)
        let other = try #require(node.session(handles[1]))
        #expect(other.localDiscriminator != 77 && other.localDiscriminator != 0)
    }

    @Test func `what the RFC does not allow is refused`() throws {
        func refusal(_ edit: (inout SessionConfiguration) -> Void) -> EngineError? {
            var configuration = SessionConfiguration.toBeta()
            edit(&configuration)
            do throws(EngineError) {
                try configuration.validate()
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.requiredMinRxInterval.count = 0 } == .requiredMinRxIntervalZero)
        #expect(refusal { $0.minimumTTL = 0 } == .minimumTTLZero)
        #expect(refusal { $0.path.source = .linkLocal } == .familyMismatch)
        #expect(refusal { $0.path.interfaceIndex = 3 } == .notBound)
    }

    @Test func `a session follows its interface`() throws {
        var configuration = SessionConfiguration.toBeta()
        configuration.path = Path(destination: .beta, isBoundToInterface: true)
        let bench = try Bench(configuration)
        #expect(try bench.hear(.down, your: 0).reason == .noSession)
        try bench.node.engine.setInterfaceIndex(7, bench.session, at: bench.now)
        #expect(try bench.hear(.down, your: 0).reason == nil)
        try bench.node.engine.setInterfaceIndex(9, bench.session, at: bench.now)
        #expect(try bench.hear(.down, your: 0).reason == .noSession)
        bench.arrival.interfaceIndex = 9
        #expect(try bench.hear(.down, your: 0).reason == nil)
        try bench.node.engine.setInterfaceIndex(0, bench.session, at: bench.now)
        #expect(try bench.hear(.down, your: 0).reason == .noSession)
    }

    @Test(arguments: [true, false])
    func `a session removed without its interface makes room for its successor`(
        _ isGoneFirst: Bool
    ) throws {
        var configuration = SessionConfiguration.toBeta()
        configuration.path = Path(
            destination: .beta, isBoundToInterface: true, interfaceIndex: 7)
        let bench = try Bench(configuration)
        let discriminator = try bench.variables.localDiscriminator
        if isGoneFirst {
            try bench.node.engine.setInterfaceIndex(0, bench.session, at: bench.now)
            try bench.node.engine.removeSession(bench.session, at: bench.now)
        } else {
            try bench.node.engine.removeSession(bench.session, at: bench.now)
            #expect(bench.node.engine.sessionCount == 1)
            try bench.node.engine.setInterfaceIndex(0, bench.session, at: bench.now)
        }
        #expect(bench.node.engine.sessionCount == 0)
        configuration.path.interfaceIndex = 0
        configuration.localDiscriminator = discriminator
        let successor = try bench.node.engine.addSession(configuration, at: bench.now)
        #expect(bench.node.engine.session(successor)?.localDiscriminator == discriminator)
    }

    @Test func `a lower minimum TTL opens the gate for its own session only`() throws {
        let bench = try Bench.up()
        let path = Path(destination: .stranger)
        let other = try bench.node.engine.addSession(
            SessionConfiguration(path: path, minimumTTL: 64), at: bench.now)
        bench.arrival.hopLimit = 254
        #expect(try bench.hear(.up).reason == .ttlNot255)
        #expect(try bench.variables.counters.discards.count(of: .ttlNot255) == 1)
        bench.arrival.source = .stranger
        #expect(try bench.hear(.down, your: 0).reason == nil)
        #expect(bench.node.engine.session(other)?.state == .initializing)
        bench.arrival.hopLimit = 63
        #expect(try bench.hear(.down, your: 0).reason == .ttlBelowMinimum)
    }

    @Test func `the gate follows a minimum TTL that changes`() throws {
        let bench = try Bench.up()
        bench.arrival.hopLimit = 64
        #expect(try bench.hear(.up).reason == .ttlNot255)
        try bench.update { $0.minimumTTL = 64 }
        #expect(try bench.hear(.up).reason == nil)
        bench.arrival.hopLimit = 63
        #expect(try bench.hear(.up).reason == .ttlBelowMinimum)
        try bench.update { $0.minimumTTL = 255 }
        bench.arrival.hopLimit = 64
        #expect(try bench.hear(.up).reason == .ttlNot255)
    }

    @Test func `the next deadline is never in the past once all is done`() throws {
        let bench = try Bench.up(interval: 1_000)
        for _ in 0..<1_000 {
            bench.run(for: Nanoseconds(333_333))
            try bench.hear(.up)
            bench.node.timeOut(at: bench.now)
            let next = try #require(bench.nextDeadline)
            #expect(next > bench.now && next - bench.now <= .seconds(1))
        }
    }

    @Test func `an operator who never fetches what the engine says is refused, not trapped`() throws
    {
        var engine = Engine(capacity: 1, seed: 1)
        let start = Instant(nanoseconds: 0)
        let handle = try engine.addSession(.toBeta(), at: start)
        #expect(throws: EngineError.outputFull) {
            for turn in 0..<1_000 {
                try engine.setAdministrativelyDown(turn.isMultiple(of: 2), handle, at: start)
            }
        }
        while engine.poll() != nil {}
        try engine.setAdministrativelyDown(true, handle, at: start)
    }

    /// Whoever comes on the path of one that is still taking leave ends that one.
    @Test func `peers that come and go, told to nobody, are refused, not trapped`() throws {
        var engine = Engine(capacity: 3, seed: 1)
        let start = Instant(nanoseconds: 0)
        let paths = (UInt32(1)...3).map { Path(destination: IPAddress(ipv4: $0)) }
        #expect(throws: EngineError.outputFull) {
            for _ in 0..<1_000 {
                var handles: [SessionHandle] = []
                for path in paths {
                    let configuration = SessionConfiguration(path: path)
                    handles.append(try engine.addSession(configuration, at: start))
                }
                for handle in handles { try engine.removeSession(handle, at: start) }
            }
        }
        while engine.poll() != nil {}
        #expect(engine.sessionCount <= 3)
    }
}
