/// A key of the terminal, as far as one means something.
enum TopKey: Equatable {
    case up, down, pageUp, pageDown, home, end
    case enter, escape, backspace
    case character(Character)

    /// The keys whose octets these are; what is not understood is left out.
    static func keys(_ octets: [UInt8]) -> [TopKey] {
        var keys: [TopKey] = []
        var rest = octets[...]
        while let first = rest.first {
            if first == 0x1b {
                keys.append(contentsOf: sequence(&rest))
                continue
            }
            let text = rest.prefix { $0 != 0x1b }
            rest = rest.dropFirst(text.count)
            for character in String(decoding: text, as: UTF8.self) {
                if let key = key(character) { keys.append(key) }
            }
        }
        return keys
    }

    private static func key(_ character: Character) -> TopKey? {
        switch character {
        case "\r", "\n", "\r\n": return .enter
        case "\u{7f}", "\u{8}": return .backspace
        default:
            let isControl = character.unicodeScalars.contains { $0.value < 0x20 }
            return isControl ? nil : .character(character)
        }
    }

    /// Takes what begins with an escape: alone, or as the beginning of a longer key.
    private static func sequence(_ rest: inout ArraySlice<UInt8>) -> [TopKey] {
        rest = rest.dropFirst()
        guard let second = rest.first, second == 0x5b || second == 0x4f else { return [.escape] }
        rest = rest.dropFirst()
        let parameters = rest.prefix { (0x30...0x3f).contains($0) }
        rest = rest.dropFirst(parameters.count)
        guard let last = rest.popFirst() else { return [] }
        switch (String(decoding: parameters, as: UTF8.self), last) {
        case (_, UInt8(ascii: "A")): return [.up]
        case (_, UInt8(ascii: "B")): return [.down]
        case (_, UInt8(ascii: "H")), ("1", 0x7e), ("7", 0x7e): return [.home]
        case (_, UInt8(ascii: "F")), ("4", 0x7e), ("8", 0x7e): return [.end]
        case ("5", 0x7e): return [.pageUp]
        case ("6", 0x7e): return [.pageDown]
        default: return []
        }
    }
}
