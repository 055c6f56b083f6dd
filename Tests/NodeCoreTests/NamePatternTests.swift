import NodeCore
import Testing

/// Which names a pattern means.
@Suite struct NamePatternTests {
    @Test(arguments: [
        ("eth0", "eth0", true), ("eth0", "eth", false), ("eth", "eth0", false),
        ("eth*", "eth", true), ("eth*", "eth12", true), ("eth*", "veth1", false),
        ("*", "", true), ("*.7", "team0.7", true), ("*.7", "team0.70", false),
        ("e?h*0", "eth10", true), ("e?h*0", "eth1", false), ("a*b*c", "aXbYbZc", true),
        ("a*b*c", "aXbYcZ", false), ("", "", true), ("", "x", false), ("???", "ab", false),
    ])
    func `A star is any text, a question mark one character`(
        _ pattern: String, _ name: String, _ expected: Bool
    ) {
        #expect(NamePattern(pattern).matches(name) == expected)
    }

    @Test func `Many stars over a long name take no time`() {
        let pattern = NamePattern(String(repeating: "*a", count: 50) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 4_000)))
    }
}
