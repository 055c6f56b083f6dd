/// Refuses a text whose keys could be aliases before a YAML package sees it.
///
/// A package that compares keys walks through them, and a key made of aliases of aliases is
/// exponentially large. As values such aliases do no harm: they are shared, and expanded only up
/// to a limit. So where there are anchors, a key has to be a word. The scan is coarse: it does not
/// know YAML, only what such a key has to look like.
enum AliasGuard {
    /// The first place of an alias or a list or mapping as a key, in a text with anchors; else nil.
    static func firstHazard(in bytes: [UInt8]) -> Int? {
        guard hasAnchor(bytes) else { return nil }
        var isQuoted = false
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "\n"): isQuoted = false
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "]") where !isQuoted, UInt8(ascii: "}") where !isQuoted:
                if isColon(bytes, after: index + 1) { return index }
            case UInt8(ascii: "*") where !isQuoted && startsToken(bytes, index):
                var end = index + 1
                while end < bytes.count, isNameOctet(bytes[end]) { end += 1 }
                if isColon(bytes, after: end) { return index }
            case UInt8(ascii: "?") where !isQuoted && startsToken(bytes, index):
                if index + 1 == bytes.count || isBlank(bytes[index + 1]) { return index }
            default: break
            }
        }
        return nil
    }

    private static func hasAnchor(_ bytes: [UInt8]) -> Bool {
        bytes.indices.contains { index in
            bytes[index] == UInt8(ascii: "&") && startsToken(bytes, index)
                && index + 1 < bytes.count && isNameOctet(bytes[index + 1])
        }
    }

    private static func startsToken(_ bytes: [UInt8], _ index: Int) -> Bool {
        index == 0 || isBlank(bytes[index - 1]) || "[{,:".utf8.contains(bytes[index - 1])
    }

    private static func isColon(_ bytes: [UInt8], after start: Int) -> Bool {
        var index = start
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        return index < bytes.count && bytes[index] == UInt8(ascii: ":")
    }

    private static func isBlank(_ octet: UInt8) -> Bool {
        octet == 0x20 || octet == 0x09 || octet == 0x0a || octet == 0x0d
    }

    private static func isNameOctet(_ octet: UInt8) -> Bool {
        !isBlank(octet) && !"[]{},:".utf8.contains(octet)
    }
}
