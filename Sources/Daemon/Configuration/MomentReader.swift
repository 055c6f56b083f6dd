internal import ControlProtocol

/// Reads wall-clock moments as RFC 3339 writes them.
enum MomentReader {
    /// The moment; nil when the text is none, or no moment of the calendar.
    static func moment(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40, bytes.allSatisfy({ $0 < 0x80 }),
            [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")].contains(bytes[10])
        else { return nil }
        var rest = bytes[19...]
        var fraction: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            fraction = Array(rest.dropFirst().prefix(while: isDigit))
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard let offset = offsetMinutes(Array(rest)) else { return nil }
        let microseconds = Array((fraction + Array("000000".utf8)).prefix(6))
        let date = String(decoding: bytes[..<10], as: UTF8.self)
        let clock = String(decoding: bytes[11..<19], as: UTF8.self)
        let ending = String(decoding: microseconds, as: UTF8.self)
        guard let local = Timestamp("\(date)T\(clock).\(ending)Z") else { return nil }
        return Timestamp(microseconds: local.microseconds - offset * 60_000_000)
    }

    /// `Z`, or hours and minutes east of it.
    private static func offsetMinutes(_ bytes: [UInt8]) -> Int64? {
        if bytes == [UInt8(ascii: "Z")] || bytes == [UInt8(ascii: "z")] { return 0 }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
            [bytes[1], bytes[2], bytes[4], bytes[5]].allSatisfy(isDigit)
        else { return nil }
        let digits = bytes.map { Int64($0) - 48 }
        let (hours, minutes) = (digits[1] * 10 + digits[2], digits[4] * 10 + digits[5])
        guard hours < 24, minutes < 60 else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return -(hours * 60 + minutes)
        default: return nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
