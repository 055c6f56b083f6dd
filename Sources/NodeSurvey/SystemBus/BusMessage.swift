/// A question to an object on the bus; its arguments are texts.
struct BusCall {
    let destination: String
    let path: String
    let interface: String
    let member: String
    var arguments: [String] = []

    /// The octets to send, in the order of this text: least significant first.
    func encoded(serial: UInt32) -> [UInt8] {
        var body = BusEncoder()
        for argument in arguments { body.put(argument) }
        var message = BusEncoder()
        // A call, which starts nobody who does not run, in version 1 of the protocol.
        message.bytes = [UInt8(ascii: "l"), 1, 2, 1]
        message.put(UInt32(body.bytes.count))
        message.put(serial)
        var fields = BusEncoder()
        fields.putField(1, type: "o", path)
        fields.putField(2, type: "s", interface)
        fields.putField(3, type: "s", member)
        fields.putField(6, type: "s", destination)
        if !arguments.isEmpty {
            fields.putField(8, type: "g", String(repeating: "s", count: arguments.count))
        }
        message.put(UInt32(fields.bytes.count))
        message.bytes += fields.bytes
        message.align(8)
        return message.bytes + body.bytes
    }
}

/// A message from the bus.
struct BusMessage {
    enum Kind: UInt8 {
        case call = 1
        case answer = 2
        case error = 3
        case signal = 4
    }

    let kind: Kind
    /// The call that it answers.
    let replySerial: UInt32?
    let errorName: String?
    let values: [BusValue]

    /// How much of a stream the next message takes; nil when that is not known yet.
    static func length(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 16 else { return nil }
        var decoder = BusDecoder(bytes, from: 4, isLittleEndian: bytes[0] == UInt8(ascii: "l"))
        guard case .number(let body)? = decoder.values("u")?.first,
            decoder.values("u") != nil,
            case .number(let fields)? = decoder.values("u")?.first
        else { return nil }
        return 16 + (Int(fields) + 7) / 8 * 8 + Int(body)
    }

    /// A whole message; nil when it does not parse.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 16, let kind = Kind(rawValue: bytes[1]) else { return nil }
        self.kind = kind
        let isLittleEndian = bytes[0] == UInt8(ascii: "l")
        var decoder = BusDecoder(bytes, from: 12, isLittleEndian: isLittleEndian)
        guard case .list(let fields)? = decoder.values("a(yv)")?.first else { return nil }
        var found: [UInt64: BusValue] = [:]
        for field in fields {
            guard case .structure(let parts) = field, parts.count == 2,
                let code = parts[0].number
            else { return nil }
            found[code] = parts[1]
        }
        replySerial = found[5]?.number.map { UInt32(truncatingIfNeeded: $0) }
        errorName = found[4]?.text
        decoder.align(8)
        guard let values = decoder.values(found[8]?.text ?? "") else { return nil }
        self.values = values
    }
}

/// Writes what a call is made of.
private struct BusEncoder {
    var bytes: [UInt8] = []

    mutating func align(_ count: Int) {
        while bytes.count % count != 0 { bytes.append(0) }
    }

    mutating func put(_ number: UInt32) {
        align(4)
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    mutating func put(_ text: String) {
        put(UInt32(text.utf8.count))
        bytes += Array(text.utf8) + [0]
    }

    /// A field of the header: its code, and a text as a variant.
    mutating func putField(_ code: UInt8, type: String, _ text: String) {
        align(8)
        bytes += [code, 1] + Array(type.utf8) + [0]
        if type == "g" {
            bytes += [UInt8(text.utf8.count)] + Array(text.utf8) + [0]
        } else {
            put(text)
        }
    }
}
