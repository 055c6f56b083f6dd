import BFDCore
import Testing

@Suite("RFC 9468: sessions that peers start")
struct UnsolicitedTests {
    /// An engine that lets peers start sessions, and what they send.
    private final class Doors {
        let node: Node
        var now = Instant(nanoseconds: 1_000_000_000_000)
        var source = IPAddress(ipv4: 0x0a05_cc07)
        var destination = IPAddress(ipv4: 0x0a05_cc01)
        var interfaceIndex: UInt32 = 7
        var hopLimit: UInt8 = 255
        var packet = ControlPacket(
            diagnostic: .none, state: .down, detectMultiplier: 3, myDiscriminator: 0x1122_3344,
            yourDiscriminator: 0, desiredMinTxInterval: .second, requiredMinRxInterval: .second)

        init(_ templates: [UnsolicitedTemplate] = [.net204()], capacity: Int = 8) throws {
            node = Node(capacity: capacity)
            for template in templates { try node.engine.addTemplate(template) }
        }

        @discardableResult
        func hear(_ state: SessionState, your: UInt32 = 0, poll: Bool = false) -> Reception {
            packet.state = state
            packet.yourDiscriminator = your
            packet.poll = poll
            let arrival = Arrival(
                source: source, destination: destination, interfaceIndex: interfaceIndex,
                hopLimit: hopLimit, receivedAt: now)
            return node.receive(encoded(packet), arrival, at: now)
        }

        func run(for span: Nanoseconds) {
            let end = now + span
            while let deadline = node.engine.nextDeadline, deadline <= end {
                now = max(now, deadline)
                node.timeOut(at: now)
            }
            now = end
        }

        /// The session of the latest packet of ours.
        var session: Session {
            get throws { try #require(node.created.last.flatMap { node.session($0) }) }
        }

        /// A peer starts a session and comes up.
        func bringUp() throws {
            #expect(hear(.down).reason == nil)
            packet.desiredMinTxInterval = Microseconds(300_000)
            packet.requiredMinRxInterval = Microseconds(300_000)
            let your = try session.localDiscriminator
            #expect(hear(.up, your: your).reason == nil)
            #expect(try session.state == .up)
        }
    }

    @Test func `9468-2-01: nobody starts a session unless allowed`() throws {
        let doors = try Doors([])
        #expect(doors.hear(.down).reason == .noSession)
        #expect(doors.node.engine.sessionCount == 0)
    }

    @Test func `9468-2-02: a session has the intervals and the multiplier of its template`() throws
    {
        let doors = try Doors([
            .net204 {
                $0.desiredMinTxInterval = Microseconds(50_000)
                $0.requiredMinRxInterval = Microseconds(70_000)
                $0.detectMultiplier = 5
            }
        ])
        try doors.bringUp()
        let packet = try #require(doors.node.sent.last?.packet)
        #expect(packet.desiredMinTxInterval.count == 50_000)
        #expect(packet.requiredMinRxInterval.count == 70_000)
        #expect(packet.detectMultiplier == 5)
    }

    @Test func `9468-2-03: every session has a discriminator of ours`() throws {
        let doors = try Doors()
        doors.hear(.down)
        let first = try doors.session.localDiscriminator
        doors.source = IPAddress(ipv4: 0x0a05_cc08)
        doors.hear(.down)
        let second = try doors.session.localDiscriminator
        #expect(first != 0 && second != 0 && first != second)
    }

    @Test func `9468-2-04: a template of the interface precedes one for all`() throws {
        let doors = try Doors([
            .net204 { $0.detectMultiplier = 2 },
            UnsolicitedTemplate(
                prefix: AddressPrefix(address: IPAddress(ipv4: 0x0a00_0000), bitCount: 8),
                isBoundToInterface: true, interfaceIndex: 7, detectMultiplier: 4),
            UnsolicitedTemplate(
                prefix: AddressPrefix(address: IPAddress(ipv4: 0x0a05_cc07), bitCount: 32),
                detectMultiplier: 6),
        ])
        doors.hear(.down)
        #expect(try doors.session.detectMultiplier == 4)
        doors.interfaceIndex = 8
        doors.hear(.down)
        #expect(try doors.session.detectMultiplier == 6)
        #expect(try doors.session.configuration.role == .passive)
        doors.source = IPAddress(ipv4: 0x0a05_cc08)
        doors.hear(.down)
        #expect(try doors.session.detectMultiplier == 2)
    }

    @Test func `9468-2-04: an interface can be shut out`() throws {
        let doors = try Doors([
            .net204(),
            .net204 {
                $0.isBoundToInterface = true
                $0.interfaceIndex = 7
                $0.maximumSessionCount = 0
            },
        ])
        #expect(doors.hear(.down).reason == .noSession)
        doors.interfaceIndex = 8
        #expect(doors.hear(.down).reason == nil)
        doors.node.engine.setInterfaceIndex(8, ofTemplate: 1)
        doors.source = IPAddress(ipv4: 0x0a05_cc08)
        #expect(doors.hear(.down).reason == .noSession)
    }

    @Test func `9468-2-05: on a numbered link the source must be in one of its subnets`() throws {
        let subnet = { (index: UInt32, bits: UInt32, count: UInt8) in
            InterfaceSubnet(
                interfaceIndex: index,
                prefix: AddressPrefix(address: IPAddress(ipv4: bits), bitCount: count))
        }
        let doors = try Doors()
        doors.node.engine.setSubnets([subnet(7, 0x0a05_ccff, 28), subnet(8, 0x0a05_cc01, 24)])
        #expect(doors.hear(.down).reason == .sourceNotInSubnet)
        #expect(doors.node.engine.sessionCount == 0)
        #expect(doors.node.engine.discards.count(of: .sourceNotInSubnet) == 1)
        // The subnet of another link is no excuse, and a link without addresses asks for none.
        doors.interfaceIndex = 9
        #expect(doors.hear(.down).reason == nil)
        doors.interfaceIndex = 7
        doors.node.engine.setSubnets([subnet(7, 0x0a05_ccff, 28), subnet(7, 0x0a05_cc01, 24)])
        #expect(doors.hear(.down).reason == nil)
    }

    @Test func `9468-2-06: Down without a discriminator of ours starts a passive session`() throws {
        let doors = try Doors()
        #expect(doors.hear(.down).reason == nil)
        #expect(doors.node.changes.map(\.to) == [.initializing])
        #expect(doors.node.sent.map(\.packet.state) == [.initializing])
        #expect(doors.node.sent.first?.packet.yourDiscriminator == 0x1122_3344)
        let session = try doors.session
        #expect(session.isUnsolicited)
        #expect(session.configuration.path.destination == doors.source)
        #expect(session.configuration.path.source == doors.destination)
        #expect(session.configuration.path.interfaceIndex == 7)
        doors.run(for: .seconds(2))
        #expect(doors.node.sent.count >= 2)
        #expect(doors.hear(.up, your: session.localDiscriminator).reason == nil)
        #expect(try doors.session.state == .up)
        #expect(doors.node.engine.sessionCount == 1)
    }

    @Test func `9468-2-06: AdminDown starts a session too, which waits`() throws {
        let doors = try Doors()
        #expect(doors.hear(.adminDown).reason == nil)
        #expect(try doors.session.state == .down)
        doors.hear(.down)
        #expect(try doors.session.state == .initializing)
    }

    @Test(arguments: [SessionState.initializing, .up])
    func `9468-2-06: no other state starts a session`(_ state: SessionState) throws {
        let doors = try Doors()
        #expect(doors.hear(state).reason == .yourDiscriminatorZeroBadState)
        #expect(doors.hear(.down, your: 9).reason == .unknownYourDiscriminator)
        #expect(doors.node.engine.sessionCount == 0)
    }

    @Test func `9468-2-08: when the peer vanishes, nothing more is sent`() throws {
        let doors = try Doors()
        try doors.bringUp()
        doors.run(for: .milliseconds(899))
        #expect(try doors.session.state == .up)
        doors.node.forget()
        doors.run(for: .milliseconds(1))
        #expect(doors.node.changes.map(\.to) == [.down])
        doors.run(for: .seconds(60))
        #expect(doors.node.sent.isEmpty)
    }

    @Test func `9468-2-08: when the peer says Down, nothing is sent until it speaks again`() throws
    {
        let doors = try Doors()
        try doors.bringUp()
        doors.node.forget()
        let your = try doors.session.localDiscriminator
        doors.hear(.down, your: your, poll: true)
        #expect(try doors.session.state == .down)
        doors.run(for: .milliseconds(500))
        #expect(doors.node.sent.isEmpty)
        doors.hear(.down, your: your)
        #expect(doors.node.sent.map(\.packet.state) == [.initializing])
        doors.hear(.up, your: your)
        #expect(try doors.session.state == .up)
    }

    @Test func `9468-2-08: a peer that does not come up in time is given up`() throws {
        let doors = try Doors()
        for _ in 0..<10 {
            #expect(doors.hear(.down).reason == nil)
            doors.run(for: .seconds(1))
        }
        // Ten seconds are over, though the peer is still heard: it cannot hear us.
        #expect(try doors.session.state == .down)
        #expect(doors.node.changes.last?.cause == .notUpInTime)
        doors.node.forget()
        for _ in 0..<8 {
            doors.hear(.down, poll: true)
            doors.run(for: .seconds(1))
        }
        #expect(doors.node.sent.isEmpty && doors.node.changes.isEmpty)
        #expect(doors.node.created.count == 1)
    }

    @Test func `9468-2-09: a session that went down is gone after three detection times`() throws {
        let doors = try Doors()
        try doors.bringUp()
        doors.run(for: .milliseconds(900))
        #expect(try doors.session.state == .down)
        doors.run(for: .milliseconds(2_699))
        #expect(doors.node.engine.sessionCount == 1)
        doors.run(for: .milliseconds(1))
        #expect(doors.node.engine.sessionCount == 0)
        #expect(doors.node.removed == doors.node.created)
        #expect(doors.hear(.down).reason == nil)
        #expect(doors.node.created.count == 2)
    }

    @Test func `9468-6.1-01: only from next door, and only who is on the list`() throws {
        let doors = try Doors()
        doors.hopLimit = 254
        #expect(doors.hear(.down).reason == .ttlNot255)
        doors.hopLimit = 255
        doors.source = IPAddress(ipv4: 0x0a05_cd07)
        #expect(doors.hear(.down).reason == .noSession)
        doors.source = IPAddress(ipv6High: 0x0a05_cc07_0000_0000, low: 0)
        #expect(doors.hear(.down).reason == .noSession)
        #expect(doors.node.engine.sessionCount == 0)
    }

    @Test func `9468-6.1-01: a configured session that tolerates routers opens no door`() throws {
        let doors = try Doors()
        _ = try doors.node.engine.addSession(
            SessionConfiguration(path: Path(destination: .beta), minimumTTL: 64), at: doors.now)
        doors.hopLimit = 254
        #expect(doors.hear(.down).reason == .ttlNot255)
        #expect(doors.node.created.isEmpty)
    }

    @Test func `9468-6.1-02: ten thousand forged sources make few sessions, and harm none`() throws
    {
        let doors = try Doors([.wide { $0.maximumSessionCount = 64 }], capacity: 66)
        let configured = try doors.node.engine.addSession(.toBeta(), at: doors.now)
        doors.node.timeOut(at: doors.now)
        let your = try #require(doors.node.session(configured)?.localDiscriminator)
        doors.source = .beta
        doors.hear(.down)
        doors.hear(.up, your: your)
        #expect(doors.node.engine.state(of: configured) == .up)
        var accepted = 0
        for index in UInt32(0)..<10_000 {
            doors.source = IPAddress(ipv4: 0x0a06_0000 + index)
            if doors.hear(.down).reason == nil { accepted += 1 }
            // A burst of 32 and the one of the first tenth of a second.
            if index == 99 { #expect(accepted == 33) }
            if index % 100 == 0 {
                doors.run(for: .milliseconds(100))
                doors.source = .beta
                doors.hear(.up, your: your)
            }
            #expect(doors.node.engine.sessionCount <= 65)
        }
        #expect(doors.node.engine.state(of: configured) == .up)
        #expect(
            doors.node.changes.filter { $0.session == configured }.map(\.to)
                == [.initializing, .up])
        #expect(accepted <= 32 + 100)
        // There is room for one more that is configured, and for the peers themselves later on.
        let other = SessionConfiguration(path: Path(destination: .stranger))
        #expect(throws: Never.self) { _ = try doors.node.engine.addSession(other, at: doors.now) }
        doors.run(for: .seconds(60))
        #expect(doors.node.engine.sessionCount == 2)
        doors.source = IPAddress(ipv4: 0x0a06_0001)
        #expect(doors.hear(.down).reason == nil)
    }

    @Test func `9468-6.1-02: a detection time of days is not granted`() throws {
        let doors = try Doors()
        doors.packet.desiredMinTxInterval = Microseconds(.max)
        doors.packet.detectMultiplier = 255
        #expect(doors.hear(.down).reason == .noSession)
    }

    @Test func `9468-6.2-01: who authenticates gets no session without authentication`() throws {
        let doors = try Doors()
        let header: [UInt8] = [0x20, 0x44, 3, 28, 0, 0, 0, 9] + [UInt8](repeating: 0, count: 16)
        let arrival = Arrival(
            source: doors.source, destination: doors.destination, interfaceIndex: 7,
            hopLimit: 255, receivedAt: doors.now)
        let reception = doors.node.receive(header + [1, 4, 1, 65], arrival, at: doors.now)
        #expect(reception.reason == .authenticationUnexpected)
        #expect(doors.node.engine.sessionCount == 0)
    }

    @Test(arguments: [
        (UInt8(0), true, true, true), (63, true, true, true), (64, true, true, false),
        (65, true, true, false), (127, true, true, false), (128, true, false, false),
    ])
    func `a prefix is as long as it says`(
        _ bitCount: UInt8, _ same: Bool, _ lastBit: Bool, _ middleBit: Bool
    ) {
        let prefix = AddressPrefix(
            address: IPAddress(ipv6High: 0x2001_0db8_0000_0000, low: 0), bitCount: bitCount)
        let contains = { (high: UInt64, low: UInt64) in
            prefix.contains(IPAddress(ipv6High: high, low: low))
        }
        #expect(contains(0x2001_0db8_0000_0000, 0) == same)
        #expect(contains(0x2001_0db8_0000_0000, 1) == lastBit)
        #expect(contains(0x2001_0db8_0000_0001, 0) == middleBit)
        #expect(prefix.contains(IPAddress(ipv4: 0x2001_0db8)) == false)
    }

    @Test func `a configured session takes the place of one that the peer has started`() throws {
        let doors = try Doors()
        try doors.bringUp()
        let configuration = SessionConfiguration(path: Path(destination: doors.source))
        let configured = try doors.node.engine.addSession(configuration, at: doors.now)
        doors.node.timeOut(at: doors.now)
        #expect(doors.node.removed == doors.node.created)
        #expect(doors.hear(.down).reason == nil)
        #expect(doors.node.engine.state(of: configured) == .initializing)
    }

    @Test func `a session goes with its interface`() throws {
        let doors = try Doors()
        try doors.bringUp()
        let handle = try #require(doors.node.created.last)
        try doors.node.engine.setInterfaceIndex(0, handle, at: doors.now)
        doors.node.fetch(at: doors.now)
        #expect(doors.node.removed == [handle])
    }
}

extension UnsolicitedTemplate {
    /// Peers of 10.5.204.0/24.
    static func net204(_ edit: (inout Self) -> Void = { _ in }) -> Self {
        var template = UnsolicitedTemplate(
            prefix: AddressPrefix(address: IPAddress(ipv4: 0x0a05_cc00), bitCount: 24))
        edit(&template)
        return template
    }

    /// Peers of 10.0.0.0/8.
    static func wide(_ edit: (inout Self) -> Void) -> Self {
        var template = net204()
        template.prefix = AddressPrefix(address: IPAddress(ipv4: 0x0a00_0000), bitCount: 8)
        edit(&template)
        return template
    }
}
