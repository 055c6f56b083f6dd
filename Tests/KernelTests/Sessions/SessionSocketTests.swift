import BFDCore
import BFDDriver
import Foundation
import Glibc
import LinuxSystem
import Testing

extension RouteTests {
    /// What RFC 5881 asks of UDP and IP, seen from the other end of a link.
    @Suite("Sockets of sessions")
    struct SessionSocketTests {}
}

extension RouteTests.SessionSocketTests {
    @Test func `5881-4-02, 5881-4-04, bug 47: a thousand sessions have a port each`() throws {
        try RouteLab.run { lab in
            let count = 1_000
            try shell("ip", "route", "add", "10.98.0.0/16", "via", "10.99.0.2")
            try shell(
                "ip", "-n", lab.routerName, "route", "add", "local", "10.98.0.0/16", "dev", "lo")
            let far = try FarEnd(lab)
            let engine = try engine(in: lab, capacity: count)
            defer { engine.stop() }
            for index in 0..<count {
                _ = try engine.add(session(index, to: IPAddress(ipv4: 0x0a62_0001 + UInt32(index))))
            }
            var ports: [SocketAddress: Set<UInt16>] = [:]
            try lab.waitUntil("all sessions are heard") {
                for one in try far.hear() {
                    ports[one.destination, default: []].insert(one.sourcePort)
                }
                return ports.count == count
            }
            #expect(ports.values.allSatisfy { $0.count == 1 })
            let all = ports.values.flatMap { $0 }
            #expect(all.allSatisfy { $0 >= 49_152 })
            #expect(Set(all).count == count)
            let told = try engine.snapshot().sessions.compactMap(\.sourcePort)
            #expect(Set(told) == Set(all))
        }
    }

    @Test func `5881-4-03, 5881-4-05: our port is for life, the peer's may be any`() throws {
        try RouteLab.run { lab in
            let far = try FarEnd(lab)
            let speaker = try FarEnd.speaker(in: lab, port: 40_000)
            let engine = try engine(in: lab)
            defer { engine.stop() }
            let own = try engine.add(session(0, to: .router, interval: 20_000))
            var heard: [Heard] = []
            func hear(until what: String, _ isEnough: (Heard) -> Bool) throws {
                try lab.waitUntil(what) {
                    heard += try far.hear()
                    return heard.contains(where: isEnough)
                }
            }
            func say(_ state: SessionState, poll: Bool = false) {
                far.say(
                    .fromRouter(state, your: own, poll: poll), to: .node, from: speaker.rawValue)
            }
            say(.down)
            try hear(until: "Init") { $0.packet.state == .initializing }
            say(.up, poll: true)
            try hear(until: "the answer, Up") { $0.packet.final && $0.packet.state == .up }
            try hear(until: "our own Poll") { $0.packet.poll && $0.packet.state == .up }
            try hear(until: "Down after silence") {
                $0.packet.diagnostic == .controlDetectionTimeExpired
            }
            say(.down)
            try hear(until: "Init again") {
                $0.packet.state == .initializing
                    && $0.packet.diagnostic == .controlDetectionTimeExpired
            }
            #expect(heard.count >= 5)
            #expect(Set(heard.map(\.sourcePort)).count == 1)
            #expect(try engine.snapshot().sessions.map(\.sourcePort) == [heard[0].sourcePort])
        }
    }

    @Test(arguments: [false, true])
    func `5881-5-01: packets leave with TTL and hop limit 255`(_ isIPv6: Bool) throws {
        try RouteLab.run { lab in
            let far = try FarEnd(lab, isIPv6: isIPv6)
            let engine = try engine(in: lab)
            defer { engine.stop() }
            let own = try engine.add(session(0, to: isIPv6 ? .router6 : .router))
            var heard: [Heard] = []
            try lab.waitUntil("the first packet") {
                heard += try far.hear()
                return !heard.isEmpty
            }
            far.say(.fromRouter(.down, your: own, poll: true), to: isIPv6 ? .node6 : .node)
            try lab.waitUntil("the answer") {
                heard += try far.hear()
                return heard.contains { $0.packet.final }
            }
            #expect(heard.allSatisfy { $0.hopLimit == 255 })
        }
    }

    @Test func `5881-6-01: a bound session's packets stay on its interface`() throws {
        try RouteLab.run { lab in
            // The way to the router by the other link is the better one.
            try shell("ip", "route", "add", "10.99.0.2/32", "via", "10.99.1.2", "dev", "g1")
            try shell("ip", "netns", "exec", lab.routerName, "sysctl", "-qw", looseFilter)
            let far = try FarEnd(lab)
            let engine = try engine(in: lab)
            defer { engine.stop() }
            _ = try engine.add(session(0, to: .router))
            _ = try engine.add(session(1, to: .router, interface: "g0"))
            var interfaces: [UInt32: Set<UInt32>] = [:]
            try lab.waitUntil("both are heard") {
                for one in try far.hear() {
                    interfaces[one.packet.myDiscriminator, default: []].insert(one.interfaceIndex)
                }
                return interfaces.count == 2
            }
            var expected: [UInt32: Set<UInt32>] = [:]
            for one in try engine.snapshot().sessions {
                let link = one.peer.rawValue == 0 ? "r1" : "r0"
                expected[one.session.localDiscriminator] = [try FarEnd.index(of: link, in: lab)]
            }
            #expect(interfaces == expected)
        }
    }

    @Test func `5881-5-02: what comes from beyond the link is refused`() throws {
        try RouteLab.run { lab in
            let far = try FarEnd(lab)
            let engine = try engine(in: lab)
            defer { engine.stop() }
            let own = try engine.add(session(0, to: .router))
            let speaker = try FarEnd.speaker(in: lab, port: 50_000, hopLimit: 254)
            far.say(.fromRouter(.down, your: own), to: .node, from: speaker.rawValue)
            try lab.waitUntil("it is counted") {
                try engine.snapshot().discards.count(of: .ttlNot255) == 1
            }
            #expect(try engine.snapshot().sessions.map(\.session.state) == [.down])
            far.say(.fromRouter(.down, your: own), to: .node)
            try lab.waitUntil("a neighbour is heard") {
                try engine.snapshot().sessions.map(\.session.state) == [.initializing]
            }
        }
    }

    private var looseFilter: String { "net.ipv4.conf.all.rp_filter=0" }

    private func engine(in lab: RouteLab, capacity: Int = 8) throws -> EngineThread {
        try EngineThread(
            DriverConfiguration(
                sessionCapacity: capacity,
                namespacePath: NetworkNamespace.path(named: lab.nodeName),
                realTime: RealTimeSettings(locksMemory: false), seed: 1))
    }

    private func session(
        _ number: Int, to destination: IPAddress, interface: String? = nil,
        interval: UInt32 = 300_000
    ) -> DriverSession {
        let path = Path(destination: destination, isBoundToInterface: interface != nil)
        return DriverSession(
            peer: PeerID(rawValue: number),
            configuration: SessionConfiguration(
                path: path, desiredMinTxInterval: Microseconds(interval),
                requiredMinRxInterval: Microseconds(interval)),
            interface: interface)
    }
}

extension IPAddress {
    fileprivate static let router = IPAddress(ipv4: 0x0a63_0002)
    fileprivate static let router6 = IPAddress(ipv6High: 0x2001_0db8_00a0_0000, low: 2)
}

extension SocketAddress {
    static let node = SocketAddress(high: 0x0a63_0001 << 32, low: 0, isIPv6: false)
    static let node6 = SocketAddress(high: 0x2001_0db8_00a0_0000, low: 1, isIPv6: true)
}

extension ControlPacket {
    fileprivate static func fromRouter(
        _ state: SessionState, your: UInt32, poll: Bool = false
    ) -> ControlPacket {
        ControlPacket(
            diagnostic: .none, state: state, poll: poll, detectMultiplier: 3,
            myDiscriminator: 0x1122_3344, yourDiscriminator: your,
            desiredMinTxInterval: Microseconds(20_000), requiredMinRxInterval: Microseconds(20_000))
    }
}
