internal import BFDCore
internal import BFDDriver
internal import Foundation

// Two files that are written by turns, each over what it had: whoever is killed while he writes
// one of them leaves the other. Numbers are little-endian.
//
//     "GWSM"  format  check  octets of the rest  moment  its complement
//     boot  count of sessions: namespace inode, discriminators, intervals, multipliers, moments,
//     port, source
//
// The check is over the second and third line; the moment is written anew by itself.

/// Reads and writes what is kept of the sessions.
struct SessionMemoryFile {
    /// Why nothing is recalled.
    enum Refusal: Error, Equatable {
        /// Another version wrote it.
        case otherVersion(UInt32)
        /// It is not what was written.
        case damaged
        /// It is of another boot of the kernel: the clock is another one.
        case otherBoot
    }

    private static let magic: UInt32 = 0x4d53_5747
    private static let format: UInt32 = 1
    /// Octets before those that the check is made over.
    private static let headByteCount = 40
    private static let momentPlace: UInt64 = 24
    /// Octets of a session.
    private static let sessionByteCount = 82

    private let paths: [String]
    private var handles: [FileHandle?]
    private var turn = 0

    init(directory: String) {
        paths = ["0", "1"].map { "\(directory)/sessions-\($0).bin" }
        handles = [nil, nil]
    }

    /// The path of the first of the files.
    var name: String { paths[0] }

    /// The later of the two that is whole; nil where there is none.
    ///
    /// Throws what is wrong with them when neither can be used.
    func read(boot: String) throws(Refusal) -> KeptSessions? {
        var best: KeptSessions?
        var refusal: Refusal?
        for path in paths {
            guard let data = FileManager.default.contents(atPath: path), !data.isEmpty else {
                continue
            }
            do throws(Refusal) {
                let found = try Self.decode([UInt8](data), boot: boot)
                if found.moment > best?.moment ?? .min { best = found }
            } catch {
                refusal = error
            }
        }
        if best == nil, let refusal { throw refusal }
        return best
    }

    /// Writes the one whose turn it is.
    mutating func write(_ kept: KeptSessions, boot: String) throws {
        turn = 1 - turn
        let data = Data(Self.encode(kept, boot: boot))
        let handle = try handles[turn] ?? open(paths[turn])
        handles[turn] = handle
        try handle.seek(toOffset: 0)
        try handle.write(contentsOf: data)
    }

    /// Writes that what was written last still holds; nothing where nothing was written.
    func write(moment: Int64) throws {
        guard let handle = handles[turn] else { return }
        try handle.seek(toOffset: Self.momentPlace)
        try handle.write(contentsOf: Data(Self.encode(moment)))
    }

    private static func encode(_ moment: Int64) -> [UInt8] {
        var octets: [UInt8] = []
        octets.append(number: moment)
        octets.append(number: ~moment)
        return octets
    }

    private func open(_ path: String) throws -> FileHandle {
        let manager = FileManager.default
        try manager.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        // What stood there is of no use to whoever writes, and others have no business with it.
        guard
            manager.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path]) }
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    /// Takes both away: nothing of what they say will be so.
    mutating func erase() {
        for path in paths { try? FileManager.default.removeItem(atPath: path) }
        handles = [nil, nil]
    }

    /// The octets of a file.
    static func encode(_ kept: KeptSessions, boot: String) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(64 + kept.sessions.count * sessionByteCount)
        let name = Array(boot.utf8.prefix(255))
        body.append(UInt8(name.count))
        body += name
        body.append(number: UInt32(kept.sessions.count))
        for session in kept.sessions { append(session, to: &body) }
        var octets: [UInt8] = []
        octets.append(number: magic)
        octets.append(number: format)
        octets.append(number: check(body[...]))
        octets.append(number: UInt64(body.count))
        return octets + encode(kept.moment) + body
    }

    private static func append(_ kept: KeptSession, to body: inout [UInt8]) {
        let memory = kept.memory
        body.append(number: kept.namespaceInode)
        body.append(number: memory.localDiscriminator)
        body.append(number: memory.remoteDiscriminator)
        for interval in memory.intervals { body.append(number: interval.count) }
        body.append(memory.detectMultiplier)
        body.append(memory.remoteDetectMultiplier)
        body.append(number: memory.up.nanoseconds)
        body.append(number: memory.heard.nanoseconds)
        body.append(number: kept.port)
        body.append(kept.source.map { $0.isIPv6 ? 2 : 1 } ?? 0)
        body.append(0)
        body.append(number: kept.source?.high ?? 0)
        body.append(number: kept.source?.low ?? 0)
    }

    /// What a file of these octets has kept.
    static func decode(_ octets: [UInt8], boot: String) throws(Refusal) -> KeptSessions {
        var reader = OctetReader(octets[...])
        guard octets.count >= headByteCount, reader.take(UInt32.self) == magic else {
            throw .damaged
        }
        let version = reader.take(UInt32.self)
        guard version == format else { throw .otherVersion(version) }
        let sum = reader.take(UInt64.self)
        let count = reader.take(UInt64.self)
        let moment = reader.take(Int64.self)
        guard reader.take(Int64.self) == ~moment else { throw .damaged }
        // What follows may be left from a longer one before.
        guard count <= UInt64(octets.count - headByteCount) else { throw .damaged }
        let body = octets[headByteCount...].prefix(Int(count))
        guard check(body) == sum else { throw .damaged }
        reader = OctetReader(body)
        let name = reader.take(octets: Int(reader.take(UInt8.self)))
        guard String(decoding: name, as: UTF8.self) == boot else { throw .otherBoot }
        var kept = KeptSessions(moment: moment, sessions: [])
        let sessions = Int(reader.take(UInt32.self))
        guard reader.count == sessions * sessionByteCount else { throw .damaged }
        for _ in 0..<sessions { kept.sessions.append(session(&reader)) }
        return kept
    }

    private static func session(_ reader: inout OctetReader) -> KeptSession {
        let inode = reader.take(UInt64.self)
        var memory = SessionMemory()
        memory.localDiscriminator = reader.take(UInt32.self)
        memory.remoteDiscriminator = reader.take(UInt32.self)
        memory.intervals = memory.intervals.map { _ in Microseconds(reader.take(UInt32.self)) }
        memory.detectMultiplier = reader.take(UInt8.self)
        memory.remoteDetectMultiplier = reader.take(UInt8.self)
        memory.up = Instant(nanoseconds: reader.take(Int64.self))
        memory.heard = Instant(nanoseconds: reader.take(Int64.self))
        let port = reader.take(UInt16.self)
        let family = reader.take(UInt16.self) & 0xff
        let (high, low) = (reader.take(UInt64.self), reader.take(UInt64.self))
        let source: IPAddress? =
            switch family {
            case 1: IPAddress(ipv4: UInt32(truncatingIfNeeded: high >> 32))
            case 2: IPAddress(ipv6High: high, low: low)
            default: nil
            }
        return KeptSession(memory: memory, port: port, source: source, namespaceInode: inode)
    }

    /// FNV-1a: against what is half written, not against who wants to deceive.
    private static func check(_ octets: ArraySlice<UInt8>) -> UInt64 {
        octets.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 }
    }
}

extension SessionMemory {
    /// All of its intervals, in the order of the file.
    fileprivate var intervals: [Microseconds] {
        get {
            [
                desiredMinTxInterval, requiredMinRxInterval, transmitIntervalInEffect,
                receiveIntervalInEffect, remoteMinRxInterval, remoteDesiredMinTxInterval,
                remoteMinEchoRxInterval,
            ]
        }
        set {
            desiredMinTxInterval = newValue[0]
            requiredMinRxInterval = newValue[1]
            transmitIntervalInEffect = newValue[2]
            receiveIntervalInEffect = newValue[3]
            remoteMinRxInterval = newValue[4]
            remoteDesiredMinTxInterval = newValue[5]
            remoteMinEchoRxInterval = newValue[6]
        }
    }
}

extension [UInt8] {
    /// Appends a number, the least octet first.
    fileprivate mutating func append(number: some FixedWidthInteger) {
        for place in 0..<(number.bitWidth / 8) {
            append(UInt8(truncatingIfNeeded: number >> (8 * place)))
        }
    }
}

/// Takes numbers off; beyond the end there are zeros.
private struct OctetReader {
    private var rest: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) {
        rest = octets
    }

    var count: Int { rest.count }

    mutating func take(octets count: Int) -> ArraySlice<UInt8> {
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func take<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
        var number: Number = 0
        for (place, octet) in take(octets: Number.bitWidth / 8).enumerated() {
            number |= Number(truncatingIfNeeded: octet) << (8 * place)
        }
        return number
    }
}
