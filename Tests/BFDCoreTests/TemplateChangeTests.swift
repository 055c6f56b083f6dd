import BFDCore
import Testing

/// Those who may start sessions change while sessions run.
@Suite struct TemplateChangeTests {
    private static let now = Instant(nanoseconds: 1_000_000_000_000)

    private func packet(_ state: SessionState, your: UInt32) -> ControlPacket {
        ControlPacket(
            diagnostic: .none, state: state, detectMultiplier: 3, myDiscriminator: 0x1122_3344,
            yourDiscriminator: your, desiredMinTxInterval: .second, requiredMinRxInterval: .second)
    }

    private func hear(
        _ node: Node, _ state: SessionState, your: UInt32 = 0, from last: UInt32 = 7,
        at now: Instant = now
    ) -> Reception {
        let arrival = Arrival(
            source: IPAddress(ipv4: 0x0a05_cc00 | last),
            destination: IPAddress(ipv4: 0x0a05_cc01), interfaceIndex: 7, hopLimit: 255,
            receivedAt: now)
        return node.receive(encoded(packet(state, your: your)), arrival, at: now)
    }

    /// A node with a session that a peer has started, and that is Up.
    private func up() throws -> (node: Node, handle: SessionHandle) {
        let node = Node(capacity: 8)
        try node.engine.addTemplate(.net204())
        #expect(hear(node, .down).reason == nil)
        let handle = try #require(node.created.last)
        let your = try #require(node.session(handle)).localDiscriminator
        #expect(hear(node, .up, your: your).reason == nil)
        #expect(node.session(handle)?.state == .up)
        return (node, handle)
    }

    @Test func `5880-6.8.3-03: sessions of a template that changes follow by a Poll Sequence`()
        throws
    {
        let (node, handle) = try up()
        let changed = UnsolicitedTemplate.net204 {
            $0.desiredMinTxInterval = Microseconds(100_000)
            $0.detectMultiplier = 5
        }
        try node.engine.updateTemplate(0, to: changed, at: Self.now)
        let session = try #require(node.session(handle))
        #expect(session.state == .up)
        #expect(session.detectMultiplier == 5)
        #expect(session.configuration.desiredMinTxInterval == Microseconds(100_000))
        #expect(session.pollSequence != .idle)
        #expect(hear(node, .down, from: 8).reason == nil)
        let next = try #require(node.created.last.flatMap { node.session($0) })
        #expect(next.detectMultiplier == 5)
    }

    @Test func `9468-2-01: a template that is gone lets nobody in, and its sessions go on`() throws
    {
        let (node, handle) = try up()
        node.engine.removeTemplate(0)
        #expect(hear(node, .down, from: 8).reason == .noSession)
        #expect(node.session(handle)?.state == .up)
        // Its number is somebody's as long as the session lives.
        #expect(try node.engine.addTemplate(.wide { _ in }) == 1)
        try node.engine.removeSession(handle, at: Self.now)
        let later = Self.now + .seconds(60)
        node.timeOut(at: later)
        #expect(node.session(handle) == nil)
        #expect(try node.engine.addTemplate(.net204()) == 0)
        #expect(hear(node, .down, from: 9, at: later).reason == nil)
    }

    @Test func `A template that no session can be made of is refused and changes nothing`() throws {
        let (node, _) = try up()
        #expect(throws: EngineError.self) {
            let broken = UnsolicitedTemplate.net204 { $0.detectMultiplier = 0 }
            try node.engine.updateTemplate(0, to: broken, at: Self.now)
        }
        #expect(hear(node, .down, from: 8).reason == nil)
        let next = try #require(node.created.last.flatMap { node.session($0) })
        #expect(next.detectMultiplier == 3)
    }
}
