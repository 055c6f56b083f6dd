extension HostAddress: LosslessStringConvertible {
    /// An address from its text: dotted decimal without leading zeros, or any IPv6 form of RFC 4291
    /// §2.2. No zone (`%eth0`), no port, no brackets.
    public init?(_ text: String) {
        let octets = Array(text.utf8)
        if octets.contains(UInt8(ascii: ":")) {
            guard let bits = Self.parseIPv6(octets[...]) else { return nil }
            self.init(ipv6: bits)
        } else {
            guard let bits = Self.parseIPv4(octets[...]) else { return nil }
            self.init(ipv4: bits)
        }
    }

    /// Dotted decimal, or the canonical text of RFC 5952.
    public var description: String {
        switch family {
        case .ipv4: Self.dottedDecimal(bits)
        case .ipv6: ipv6Text
        }
    }

    private static func parseIPv4(_ octets: ArraySlice<UInt8>) -> UInt32? {
        let parts = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var result: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count) else { return nil }
            // "010" is eight to some readers and ten to others.
            guard part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var value: UInt32 = 0
            for digit in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                value = value * 10 + UInt32(digit - UInt8(ascii: "0"))
            }
            guard value <= 255 else { return nil }
            result = result << 8 | value
        }
        return result
    }

    /// Reads the groups before and after a `::`, which stands for at least one group of zeros.
    private static func parseIPv6(_ octets: ArraySlice<UInt8>) -> UInt128? {
        let colon = UInt8(ascii: ":")
        let gap = octets.indices.first { index in
            octets[index] == colon && index + 1 < octets.endIndex && octets[index + 1] == colon
        }
        guard let gap else {
            guard let groups = groups(of: octets, mayEndInIPv4: true), groups.count == 8 else {
                return nil
            }
            return number(of: groups)
        }
        let head = octets[..<gap]
        let tail = octets[(gap + 2)...]
        guard let leading = head.isEmpty ? [] : groups(of: head, mayEndInIPv4: false),
            let trailing = tail.isEmpty ? [] : groups(of: tail, mayEndInIPv4: true),
            leading.count + trailing.count <= 7
        else { return nil }
        let zeros = [UInt16](repeating: 0, count: 8 - leading.count - trailing.count)
        return number(of: leading + zeros + trailing)
    }

    private static func groups(of octets: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> [UInt16]? {
        let parts = octets.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var result: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let ipv4 = parseIPv4(part) else { return nil }
                result.append(UInt16(truncatingIfNeeded: ipv4 >> 16))
                result.append(UInt16(truncatingIfNeeded: ipv4))
            } else {
                guard let group = hexadecimal(part) else { return nil }
                result.append(group)
            }
        }
        return result
    }

    private static func hexadecimal(_ part: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(part.count) else { return nil }
        var value: UInt16 = 0
        for digit in part {
            let lowered = digit | 0x20
            switch (digit, lowered) {
            case (UInt8(ascii: "0")...UInt8(ascii: "9"), _):
                value = value << 4 | UInt16(digit - UInt8(ascii: "0"))
            case (_, UInt8(ascii: "a")...UInt8(ascii: "f")):
                value = value << 4 | UInt16(lowered - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }

    private static func number(of groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func dottedDecimal(_ bits: UInt128) -> String {
        [24, 16, 8, 0].map { "\(UInt8(truncatingIfNeeded: bits >> UInt128($0)))" }
            .joined(separator: ".")
    }

    private var ipv6Text: String {
        if bits >> 32 == 0xffff { return "::ffff:" + Self.dottedDecimal(bits) }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128(16 * (7 - $0))) }
        let text = { (part: ArraySlice<UInt16>) in
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let zeros = Self.longestZeroRun(groups) else { return text(groups[...]) }
        return text(groups[..<zeros.lowerBound]) + "::" + text(groups[zeros.upperBound...])
    }

    /// The first of the longest runs of two or more zero groups (RFC 5952 §4.2).
    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var longest: Range<Int>?
        var start = 0
        while start < groups.count {
            guard groups[start] == 0 else {
                start += 1
                continue
            }
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start >= 2, end - start > longest?.count ?? 0 { longest = start..<end }
            start = end
        }
        return longest
    }
}
