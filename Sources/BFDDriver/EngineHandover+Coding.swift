internal import BFDCore
internal import LinuxSystem

// The octets that go with the descriptors, little-endian. They begin with what tells whether the
// reader can make anything of them:
//
//     "GWHO"  format  Session.octetsVersion  Session.octetCount  EngineTotals.octetCount
//     namespace inode  earlier drops  drops until the standstill  totals
//     count of listeners:  transport, role, family, drained until
//     count of sessions:   interface, numbers, port, source, whether there is a socket, session

/// Why a handover cannot be read.
public enum HandoverError: Error, Sendable, Hashable {
    /// The octets are of another version, or of none.
    case otherVersion
    /// The octets end too early, or there are too many or too few descriptors.
    case incomplete
}

extension EngineHandover {
    private static let magic: UInt32 = 0x4f48_5747
    private static let format: UInt32 = 2

    /// The handover without its descriptors.
    public func octets() -> [UInt8] {
        var writer = OctetWriter()
        writer.octets.reserveCapacity(4_096 + members.count * (Session.octetCount + 96))
        writer.octets += Self.greeting
        writer.write(namespaceInode)
        writer.write(earlierDropCount)
        writer.write(lastDropCount)
        totals.appendOctets(to: &writer.octets)
        writer.write(UInt32(listeners.count))
        for listener in listeners {
            writer.write(listener.transport.rawOctet)
            writer.write(listener.role.rawOctet)
            writer.write(UInt8(listener.isIPv6 ? 1 : 0))
            writer.write(listener.drainedUntil)
        }
        writer.write(UInt32(members.count))
        for member in members { write(member, &writer) }
        return writer.octets
    }

    private func write(_ member: Member, _ writer: inout OctetWriter) {
        let name = Array((member.interface ?? "").utf8.prefix(255))
        writer.write(UInt8(name.count))
        writer.octets += name
        let numbers = member.session.authentication
        writer.write(UInt8(numbers == nil ? 0 : numbers?.receiveSequence == nil ? 1 : 2))
        writer.write(numbers?.transmitSequence ?? 0)
        writer.write(numbers?.receiveSequence ?? 0)
        let source = member.sender?.source
        writer.write(UInt8(member.sender == nil ? 0 : source == nil ? 1 : 2))
        writer.write(member.sender?.port ?? 0)
        writer.write(source?.high ?? 0)
        writer.write(source?.low ?? 0)
        writer.write(UInt8(source?.isIPv6 == true ? 1 : 0))
        member.session.session.appendOctets(to: &writer.octets)
    }

    /// What all octets of this version begin with, and no others.
    public static var greeting: [UInt8] {
        var writer = OctetWriter()
        for number in [
            magic, format, Session.octetsVersion, UInt32(Session.octetCount),
            UInt32(EngineTotals.octetCount),
        ] {
            writer.write(number)
        }
        return writer.octets
    }

    /// Puts together what `octets()` and `descriptors` gave in another process.
    public init(octets: [UInt8], descriptors: [Int32]) throws(HandoverError) {
        var reader = OctetReader(octets)
        let greeting = Self.greeting
        guard octets.starts(with: greeting) else { throw .otherVersion }
        _ = try reader.take(greeting.count)
        let inode = try reader.read(UInt64.self)
        let earlierDropCount = try reader.read(UInt64.self)
        let lastDropCount = try reader.read(UInt64.self)
        guard let totals = EngineTotals(octets: try reader.take(EngineTotals.octetCount)) else {
            throw .incomplete
        }
        var rest = descriptors[...]
        var listeners: [Listener] = []
        for _ in 0..<(try reader.read(UInt32.self)) {
            listeners.append(try Self.listener(&reader, &rest))
        }
        var members: [Member] = []
        for _ in 0..<(try reader.read(UInt32.self)) {
            members.append(try Self.member(&reader, &rest))
        }
        guard rest.isEmpty, reader.isAtEnd else { throw .incomplete }
        self.init(totals: totals, members: members)
        self.listeners = listeners
        namespaceInode = inode
        self.earlierDropCount = earlierDropCount
        self.lastDropCount = lastDropCount
    }

    private static func listener(
        _ reader: inout OctetReader, _ descriptors: inout ArraySlice<Int32>
    ) throws(HandoverError) -> Listener {
        guard let transport = Transport(rawOctet: try reader.read(UInt8.self)),
            let role = SharedPort.Role(rawOctet: try reader.read(UInt8.self))
        else { throw .incomplete }
        let isIPv6 = try reader.read(UInt8.self) == 1
        let drainedUntil = try reader.read(Int64.self)
        guard let descriptor = descriptors.popFirst() else { throw .incomplete }
        return Listener(
            descriptor: descriptor, transport: transport, role: role, isIPv6: isIPv6,
            drainedUntil: drainedUntil)
    }

    private static func member(
        _ reader: inout OctetReader, _ descriptors: inout ArraySlice<Int32>
    ) throws(HandoverError) -> Member {
        let length = Int(try reader.read(UInt8.self))
        let name = String(decoding: try reader.take(length), as: UTF8.self)
        let numbering = try reader.read(UInt8.self)
        let transmitSequence = try reader.read(UInt32.self)
        let receiveSequence = try reader.read(UInt32.self)
        let numbers = AuthenticationNumbers(
            transmitSequence: transmitSequence,
            receiveSequence: numbering == 2 ? receiveSequence : nil)
        let sending = try reader.read(UInt8.self)
        let port = try reader.read(UInt16.self)
        let (high, low) = (try reader.read(UInt64.self), try reader.read(UInt64.self))
        let isIPv6 = try reader.read(UInt8.self) == 1
        guard let session = Session(octets: try reader.take(Session.octetCount)) else {
            throw .incomplete
        }
        var sender: Sender?
        if sending > 0 {
            guard let descriptor = descriptors.popFirst() else { throw .incomplete }
            let source = SocketAddress(high: high, low: low, isIPv6: isIPv6)
            sender = Sender(descriptor: descriptor, port: port, source: sending == 2 ? source : nil)
        }
        return Member(
            session: SessionHandover(
                session: session, authentication: numbering == 0 ? nil : numbers),
            interface: name.isEmpty ? nil : name, sender: sender)
    }
}

/// Appends numbers, the least octet first.
private struct OctetWriter {
    var octets: [UInt8] = []

    mutating func write(_ number: some FixedWidthInteger) {
        for place in 0..<(number.bitWidth / 8) {
            octets.append(UInt8(truncatingIfNeeded: number >> (8 * place)))
        }
    }
}

/// Takes off what `OctetWriter` has appended.
private struct OctetReader {
    private var rest: ArraySlice<UInt8>

    init(_ octets: [UInt8]) {
        rest = octets[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ count: Int) throws(HandoverError) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw .incomplete }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func read<Number: FixedWidthInteger>(
        _ type: Number.Type
    ) throws(HandoverError) -> Number {
        var number: Number = 0
        for (place, octet) in try take(Number.bitWidth / 8).enumerated() {
            number |= Number(truncatingIfNeeded: octet) << (8 * place)
        }
        return number
    }
}

extension Transport {
    fileprivate var rawOctet: UInt8 {
        switch self {
        case .singleHop: 0
        case .microBFD: 1
        case .multihop: 2
        case .unaffiliatedEcho: 3
        }
    }

    fileprivate init?(rawOctet: UInt8) {
        let all: [Transport] = [.singleHop, .microBFD, .multihop, .unaffiliatedEcho]
        guard let found = all.first(where: { $0.rawOctet == rawOctet }) else { return nil }
        self = found
    }
}

extension SharedPort.Role {
    fileprivate var rawOctet: UInt8 {
        switch self {
        case .urgent: 0
        case .routine: 1
        case .invalid: 2
        }
    }

    fileprivate init?(rawOctet: UInt8) {
        guard let found = SharedPort.roles.first(where: { $0.rawOctet == rawOctet }) else {
            return nil
        }
        self = found
    }
}
