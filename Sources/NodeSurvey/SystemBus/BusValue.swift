/// A value in a message of the bus; a variant is what it holds.
enum BusValue: Hashable {
    case number(UInt64)
    case flag(Bool)
    /// A text, an object's path or a signature.
    case text(String)
    case list([BusValue])
    case structure([BusValue])
    case dictionary([BusValue: BusValue])

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var flag: Bool? {
        if case .flag(let flag) = self { flag } else { nil }
    }

    var number: UInt64? {
        if case .number(let number) = self { number } else { nil }
    }

    subscript(_ key: String) -> BusValue? {
        if case .dictionary(let entries) = self { entries[.text(key)] } else { nil }
    }
}

/// Reads the octets of a message by its signature; what does not parse is nil.
struct BusDecoder {
    private let bytes: [UInt8]
    private let isLittleEndian: Bool
    private(set) var position: Int
    /// The protocol allows 32 arrays and 32 structures in each other.
    private static let deepest = 64

    init(_ bytes: [UInt8], from position: Int, isLittleEndian: Bool) {
        self.bytes = bytes
        self.position = position
        self.isLittleEndian = isLittleEndian
    }

    /// The values of all complete types in a signature.
    mutating func values(_ signature: String) -> [BusValue]? {
        var rest = Array(signature.utf8)[...]
        var values: [BusValue] = []
        while !rest.isEmpty {
            guard let value = value(&rest, depth: 0) else { return nil }
            values.append(value)
        }
        return values
    }

    mutating func align(_ count: Int) {
        position = (position + count - 1) / count * count
    }

    private mutating func value(_ type: inout ArraySlice<UInt8>, depth: Int) -> BusValue? {
        guard depth < Self.deepest, let code = type.popFirst() else { return nil }
        switch code {
        case UInt8(ascii: "y"): return number(1).map(BusValue.number)
        case UInt8(ascii: "n"), UInt8(ascii: "q"): return number(2).map(BusValue.number)
        case UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "h"):
            return number(4).map(BusValue.number)
        case UInt8(ascii: "x"), UInt8(ascii: "t"), UInt8(ascii: "d"):
            return number(8).map(BusValue.number)
        case UInt8(ascii: "b"): return number(4).map { .flag($0 != 0) }
        case UInt8(ascii: "s"), UInt8(ascii: "o"): return text(lengthOctets: 4)
        case UInt8(ascii: "g"): return text(lengthOctets: 1)
        case UInt8(ascii: "v"):
            guard case .text(let signature) = text(lengthOctets: 1) else { return nil }
            var inner = Array(signature.utf8)[...]
            return value(&inner, depth: depth + 1)
        case UInt8(ascii: "a"): return array(&type, depth: depth + 1)
        case UInt8(ascii: "("): return structure(&type, depth: depth + 1)
        default: return nil
        }
    }

    private mutating func array(_ type: inout ArraySlice<UInt8>, depth: Int) -> BusValue? {
        let element = type
        guard Self.skip(&type), let length = number(4), let first = element.first else {
            return nil
        }
        align(Self.alignment(first))
        guard length <= UInt64(max(0, bytes.count - position)) else { return nil }
        let end = position + Int(length)
        let isDictionary = first == UInt8(ascii: "{")
        var list: [BusValue] = []
        var dictionary: [BusValue: BusValue] = [:]
        while position < end {
            let before = position
            var inner = element
            if isDictionary {
                align(8)
                inner.removeFirst()
                guard let key = value(&inner, depth: depth), let value = value(&inner, depth: depth)
                else { return nil }
                dictionary[key] = value
            } else {
                guard let value = value(&inner, depth: depth) else { return nil }
                list.append(value)
            }
            guard position > before else { return nil }
        }
        guard position == end else { return nil }
        return isDictionary ? .dictionary(dictionary) : .list(list)
    }

    private mutating func structure(_ type: inout ArraySlice<UInt8>, depth: Int) -> BusValue? {
        align(8)
        var fields: [BusValue] = []
        while let code = type.first, code != UInt8(ascii: ")") {
            guard let field = value(&type, depth: depth) else { return nil }
            fields.append(field)
        }
        return type.popFirst() == nil ? nil : .structure(fields)
    }

    private mutating func number(_ width: Int) -> UInt64? {
        align(width)
        guard position + width <= bytes.count else { return nil }
        let octets = bytes[position..<(position + width)]
        position += width
        let ordered = isLittleEndian ? Array(octets.reversed()) : Array(octets)
        return ordered.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func text(lengthOctets: Int) -> BusValue? {
        // A zero octet follows every text.
        guard let length = number(lengthOctets), length < UInt64(max(0, bytes.count - position))
        else { return nil }
        let octets = bytes[position..<(position + Int(length))]
        position += Int(length) + 1
        return .text(String(decoding: octets, as: UTF8.self))
    }

    /// Passes over one complete type.
    private static func skip(_ type: inout ArraySlice<UInt8>) -> Bool {
        var open = 0
        while let code = type.popFirst() {
            switch code {
            case UInt8(ascii: "a"): continue
            case UInt8(ascii: "("), UInt8(ascii: "{"): open += 1
            case UInt8(ascii: ")"), UInt8(ascii: "}"): open -= 1
            default: break
            }
            if open <= 0 { return open == 0 }
        }
        return false
    }

    private static func alignment(_ code: UInt8) -> Int {
        switch code {
        case UInt8(ascii: "y"), UInt8(ascii: "g"), UInt8(ascii: "v"): 1
        case UInt8(ascii: "n"), UInt8(ascii: "q"): 2
        case UInt8(ascii: "x"), UInt8(ascii: "t"), UInt8(ascii: "d"), UInt8(ascii: "("),
            UInt8(ascii: "{"):
            8
        default: 4
        }
    }
}
