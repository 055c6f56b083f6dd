import BFDCore
import BFDDriver
import Glibc
import LinuxSystem
import Testing

extension RouteTests {
    /// Which of the sockets that share a port the kernel gives a packet to.
    @Suite("Packets find their socket by what they say")
    struct SteeringTests {}
}

extension RouteTests.SteeringTests {
    /// What is said, and who gets it.
    struct Saying: Sendable, CustomTestStringConvertible {
        let name: String
        let role: SharedPort.Role
        let octets: [UInt8]
        var testDescription: String { name }

        init(
            _ name: String, _ role: SharedPort.Role, _ state: SessionState = .up, your: UInt32 = 9,
            poll: Bool = false, final: Bool = false, edit: (inout [UInt8]) -> Void = { _ in }
        ) {
            let packet = ControlPacket(
                diagnostic: .none, state: state, poll: poll, final: final, detectMultiplier: 3,
                myDiscriminator: 7, yourDiscriminator: your,
                desiredMinTxInterval: .second, requiredMinRxInterval: .second)
            var octets = [UInt8](repeating: 0, count: 24)
            var span = octets.mutableSpan
            var raw = unsafe span.mutableBytes
            packet.encode(into: &raw)
            edit(&octets)
            self.name = name
            self.role = role
            self.octets = octets
        }
    }

    static let sayings = [
        Saying("Up", .routine),
        Saying("Up, with a diagnostic", .routine) { $0[0] |= 5 },
        Saying("Up, padded", .routine) { $0 += [UInt8](repeating: 0, count: 100) },
        Saying("Up, authenticated", .routine) { octets in
            octets[1] |= 4
            octets[3] = 52
            octets += [UInt8](repeating: 1, count: 28)
        },
        Saying("Up, C and D", .routine) { $0[1] |= 0x0a },
        Saying("Up, Poll", .urgent, poll: true),
        Saying("Up, Final", .urgent, final: true),
        Saying("Init", .urgent, .initializing),
        Saying("Down", .urgent, .down),
        Saying("Down, unasked", .urgent, .down, your: 0),
        Saying("AdminDown", .urgent, .adminDown),
        Saying("AdminDown, unasked", .urgent, .adminDown, your: 0),
        Saying("Down, unasked, Poll", .urgent, .down, your: 0, poll: true),
        Saying("Up to nobody", .invalid, your: 0),
        Saying("Up to nobody, Poll", .invalid, your: 0, poll: true),
        Saying("Init to nobody", .invalid, .initializing, your: 0),
        Saying("version 0", .invalid) { $0[0] &= 0x1f },
        Saying("version 2", .invalid) { $0[0] = 0x40 },
        Saying("multipoint", .invalid) { $0[1] |= 1 },
        Saying("Detect Mult 0", .invalid) { $0[2] = 0 },
        Saying("My Discriminator 0", .invalid) { $0[7] = 0 },
        Saying("Length 23", .invalid) { $0[3] = 23 },
        Saying("Length beyond the datagram", .invalid) { $0[3] = 25 },
        Saying("23 octets", .invalid) { $0.removeLast() },
        Saying("one octet", .invalid) { $0 = [0x20] },
    ]
}

extension RouteTests.SteeringTests {
    @Test(arguments: [false, true])
    func `each packet reaches the socket for what it says`(_ isIPv6: Bool) throws {
        try RouteLab.run { lab in
            let port = try Sockets(isIPv6: isIPv6, floor: 255)
            let speaker = try Speaker(lab, isIPv6: isIPv6, hopLimit: 255)
            for saying in Self.sayings {
                speaker.say(saying.octets)
                let got = try port.next(in: lab)
                #expect(got == saying.role, "\(saying.name)")
            }
            #expect(port.isEmpty())
        }
    }

    @Test(arguments: [false, true])
    func `5881-5-02: below the floor a packet is invalid, and the floor moves`(
        _ isIPv6: Bool
    ) throws {
        try RouteLab.run { lab in
            let port = try Sockets(isIPv6: isIPv6, floor: 255)
            let up = Saying("Up", .routine).octets
            let poll = Saying("Poll", .urgent, poll: true).octets
            for floor: UInt8 in [255, 254, 64, 1, 0, 255] {
                try port.steer(floor: floor)
                for hopLimit: UInt8 in [255, 254, 253, 64, 63, 1] {
                    let speaker = try Speaker(lab, isIPv6: isIPv6, hopLimit: hopLimit)
                    let isLow = hopLimit < floor
                    speaker.say(up)
                    #expect(try port.next(in: lab) == (isLow ? .invalid : .routine))
                    speaker.say(poll)
                    #expect(try port.next(in: lab) == (isLow ? .invalid : .urgent))
                }
            }
        }
    }

    /// Packets of a sender that changes its processor may overtake each other: each processor has a
    /// queue of its own for what a cable brings.
    private static func stayOnOneProcessor() throws {
        try Scheduling.setAffinity(processor: 0)
    }

    /// A socket that has the kernel stamp packets on arrival as long as it is open.
    ///
    /// It begins some time after the first socket on the machine has asked for it; until then a
    /// packet has the time at which it is read.
    private static func stamping(_ lab: RouteLab) throws -> DatagramSocket {
        let keeper = try DatagramSocket(isIPv6: false)
        let port = try Sockets(isIPv6: false, floor: 255)
        let speaker = try Speaker(lab, isIPv6: false, hopLimit: 255)
        try lab.waitUntil("the kernel stamps what arrives") {
            let late = Clock.realtimeNanoseconds() - 500_000
            let stamps = port.read(.routine).compactMap(\.self)
            if stamps.contains(where: { $0 < late }) { return true }
            speaker.say(Saying("Up", .routine).octets)
            return false
        }
        return keeper
    }

    @Test(arguments: [false, true])
    func `stamps put packets of two sockets into the order of arrival`(_ isIPv6: Bool) throws {
        try RouteLab.run { lab in
            try Self.stayOnOneProcessor()
            defer { try? Scheduling.clearAffinity() }
            let keeper = try Self.stamping(lab)
            defer { withExtendedLifetime(keeper) {} }
            let port = try Sockets(isIPv6: isIPv6, floor: 255)
            let speaker = try Speaker(lab, isIPv6: isIPv6, hopLimit: 255)
            let up = Saying("Up", .routine).octets
            let poll = Saying("Poll", .urgent, poll: true).octets
            // Which is said when: neither alternating nor in blocks.
            let order = (0..<32).map { [0, 3, 4, 7].contains($0 * 5 % 9) }
            for isUrgent in order { speaker.say(isUrgent ? poll : up) }
            var stamps: [(at: Int64, isUrgent: Bool)] = []
            try lab.waitUntil("all have arrived") {
                stamps += try port.read(.urgent).map { (try #require($0), true) }
                stamps += try port.read(.routine).map { (try #require($0), false) }
                return stamps.count == order.count
            }
            #expect(Set(stamps.map(\.at)).count == order.count)
            #expect(stamps.sorted { $0.at < $1.at }.map(\.isUrgent) == order)
        }
    }

    @Test func `what changes the state is taken between what does not, in order of arrival`() throws
    {
        try RouteLab.run { lab in
            try Self.stayOnOneProcessor()
            defer { try? Scheduling.clearAffinity() }
            let keeper = try Self.stamping(lab)
            defer { withExtendedLifetime(keeper) {} }
            let far = try FarEnd(lab)
            let engine = try engine(in: lab)
            defer { engine.stop() }
            let own = try engine.add(
                DriverSession(
                    peer: PeerID(rawValue: 0),
                    configuration: SessionConfiguration(
                        path: Path(destination: IPAddress(ipv4: 0x0a63_0002))), interface: nil))
            let say = { (state: SessionState) in
                let packet = ControlPacket(
                    diagnostic: .none, state: state, detectMultiplier: 50, myDiscriminator: 7,
                    yourDiscriminator: own, desiredMinTxInterval: .second,
                    requiredMinRxInterval: .second)
                far.say(packet, to: .node)
            }
            // Down and Up by one socket each, all there before the first is read: in any other
            // order the session would end Down, or would not have gone Down so often.
            _ = try engine.freeze()
            say(.down)
            say(.up)
            for _ in 0..<20 {
                say(.up)
                say(.down)
                say(.down)
                say(.up)
            }
            // A kernel thread may have to bring them first.
            usleep(100_000)
            engine.thaw()
            try lab.waitUntil("all are taken") {
                try engine.snapshot().sessions.first?.session.counters.received == 82
            }
            let session = try #require(try engine.snapshot().sessions.first).session
            #expect(session.state == .up && session.counters.downs == 20)
        }
    }

    @Test func `5881-4-01: a second daemon is refused the port that the first one's sockets share`()
        throws
    {
        try RouteLab.run { lab in
            let first = try engine(in: lab)
            do {
                let second = try engine(in: lab)
                second.stop()
                Issue.record("the port was given twice")
            } catch {
                guard case .system(let refusal) = error as? DriverError else { throw error }
                #expect(refusal.errno == .addressInUse)
            }
            for isIPv6 in [false, true] {
                // Nor does somebody get in who would not share.
                let socket = try DatagramSocket(isIPv6: isIPv6)
                #expect(throws: SystemError.self) { try socket.bind(nil, port: 3784) }
            }
            first.stop()
            try lab.waitUntil("the port is free") { (try? engine(in: lab))?.stop() != nil }
        }
    }

    private func engine(in lab: RouteLab) throws -> EngineThread {
        try EngineThread(
            DriverConfiguration(
                sessionCapacity: 4, namespacePath: NetworkNamespace.path(named: lab.nodeName),
                realTime: RealTimeSettings(locksMemory: false), seed: 1))
    }

    /// The three sockets of a port, bound as the driver binds them.
    private final class Sockets {
        private let urgent: DatagramSocket
        private let routine: DatagramSocket
        private let invalid: DatagramSocket
        private var batch: DatagramBatch

        init(isIPv6: Bool, floor: UInt8) throws {
            batch = try DatagramBatch(capacity: 64, byteCapacity: 256)
            urgent = try DatagramSocket(isIPv6: isIPv6)
            routine = try DatagramSocket(isIPv6: isIPv6)
            invalid = try DatagramSocket(isIPv6: isIPv6)
            try urgent.bind(nil, port: 3784)
            try SharedPort.open(urgent.descriptor)
            try SharedPort.open(routine.descriptor)
            try routine.bind(nil, port: 3784)
            try steer(floor: floor)
            try SharedPort.open(invalid.descriptor)
            try invalid.bind(nil, port: 3784)
        }

        func steer(floor: UInt8) throws {
            try SharedPort.steer(
                urgent.descriptor, isIPv6: urgent.isIPv6, minimumHopLimit: floor)
        }

        /// The stamps of what waits in one socket.
        func read(_ role: SharedPort.Role) -> [Int64?] {
            let descriptor =
                switch role {
                case .urgent: urgent.descriptor
                case .routine: routine.descriptor
                case .invalid: invalid.descriptor
                }
            let count = batch.read(from: descriptor)
            return (0..<count).map { batch.realtimeNanoseconds($0) }
        }

        /// Which socket gets the next packet; `nil` when several do, or none.
        func next(in lab: RouteLab) throws -> SharedPort.Role? {
            var got: [SharedPort.Role] = []
            try lab.waitUntil("a socket has it") {
                for role in SharedPort.roles { got += read(role).map { _ in role } }
                return !got.isEmpty
            }
            return got.count == 1 ? got[0] : nil
        }

        func isEmpty() -> Bool {
            SharedPort.roles.allSatisfy { read($0).isEmpty }
        }
    }

    /// Says octets from the router's namespace.
    private struct Speaker: ~Copyable {
        private let socket: OwnedDescriptor
        private let isIPv6: Bool

        init(_ lab: RouteLab, isIPv6: Bool, hopLimit: UInt8) throws {
            self.isIPv6 = isIPv6
            socket = try FarEnd.speaker(in: lab, port: 0, hopLimit: hopLimit, isIPv6: isIPv6)
        }

        func say(_ octets: [UInt8]) {
            var buffer = TransmitBuffer()
            buffer.fill(octets.count) { bytes in
                for (place, octet) in octets.enumerated() {
                    bytes.storeBytes(of: octet, toByteOffset: place, as: UInt8.self)
                }
            }
            let refusal = DatagramSocket.send(
                buffer, byteCount: octets.count, from: socket.rawValue,
                to: isIPv6 ? .node6 : .node, port: 3784, interfaceIndex: 0)
            #expect(refusal == nil)
        }
    }
}
