import Daemon
import Testing

/// Input that is no configuration, or one made to hurt.
@Suite struct HostileInputTests {
    private func onlyLine(_ bytes: [UInt8]) -> String {
        let lines = ConfigurationFile.read(bytes, name: "test.yaml").lines
        #expect(lines.count == 1)
        return lines.first ?? ""
    }

    @Test func `A NUL octet is named with its position`() {
        #expect(
            onlyLine(Array("peers: []\nname: \u{0}".utf8))
                == "test.yaml:2:7: error: a NUL octet; is this a text file?")
    }

    @Test func `What is not UTF-8 is named with its position`() {
        #expect(
            onlyLine(Array("# ü\n".utf8) + [0x61, 0xff])
                == "test.yaml:2:2: error: not UTF-8 from here on")
    }

    @Test(arguments: [[UInt8(0xff), 0xfe, 0x70, 0], [0xfe, 0xff, 0, 0x70]])
    func `UTF-16 is recognised`(_ bytes: [UInt8]) {
        #expect(onlyLine(bytes).contains("UTF-16"))
    }

    @Test func `A byte order mark and Windows line ends are fine`() {
        let text = "\u{feff}peers:\r\n  - {dest-addr: 10.9.0.1, role: x}\r\n"
        #expect(onlyLine(Array(text.utf8)).hasPrefix("test.yaml:2:33: error: role"))
    }

    @Test func `A file beyond the limit is refused unread`() {
        #expect(onlyLine([UInt8](repeating: 0x23, count: (16 << 20) + 1)).contains("16 MiB"))
    }

    @Test(arguments: ["[", "- ", "{a: ", "? ", "[{a: "])
    func `Deep nesting is refused`(_ opening: String) {
        let text = "peers: " + String(repeating: opening, count: 20_000)
        #expect(Fixtures.read(text: text).errorCount > 0)
    }

    /// Nine levels of nine aliases each: 3.5 × 10⁸ values when expanded.
    private var bomb: String {
        let items = { (item: String) in Array(repeating: item, count: 9).joined(separator: ",") }
        return "a0: &a0 [\(items("x"))]\n"
            + (1...9).map { "a\($0): &a\($0) [\(items("*a\($0 - 1)"))]\n" }.joined()
    }

    @Test(arguments: ["", "peers: *a9\n", "peers: [{dest-addr: *a9}]\n"])
    func `An alias bomb is refused`(_ rest: String) {
        #expect(Fixtures.read(text: bomb + rest).errorCount > 0)
    }

    @Test(arguments: ["? *a9\n: 1\n", "*a9 : 1\n", "[*a9]: 1\n", "{*a9: 1}: 1\n", "x: {*a9 : 1}\n"])
    func `An alias bomb as a key is refused before keys are compared`(_ rest: String) {
        #expect(onlyLine(Array((bomb + rest).utf8)).hasSuffix("error: a key must be a word"))
    }

    @Test func `Brackets and a colon in quotes are no key`() {
        let report = Fixtures.read(
            text: """
                peers: [{dest-addr: &a 10.9.0.1}]
                sbfd: {listen: "[::1]:9470"}
                """)
        #expect(report.lines.count == 1)
        #expect(report.lines.first?.contains("sbfd is not supported yet") == true)
    }

    @Test func `Very many duplicate keys cost bounded time`() {
        let peers = (0..<10_000).map { "  - {name: a, dest-addr: 10.9.0.1, name: b\($0)}\n" }
        #expect(Fixtures.read(text: "peers:\n" + peers.joined()).errorCount > 1)
    }

    @Test func `Ten thousand peers are accepted and one more is refused`() {
        let peers = { (count: Int) in
            "peers:\n"
                + (0..<count).map { index in
                    "  - {dest-addr: 10.\(index >> 16).\(index >> 8 & 255).\(index & 255)}\n"
                }.joined().replacing("10.0.0.0}", with: "10.255.0.0}")
        }
        #expect(Fixtures.read(text: peers(10_000)).configuration?.peers.count == 10_000)
        #expect(
            onlyLine(Array(peers(10_001).utf8))
                == "test.yaml:10002:5: error: 10001 peers are more than one daemon serves "
                + "(allowed: at most 10000)")
    }

    @Test func `A route has at most 256 next hops`() {
        let list = (0..<257).map { "  - {name: p\($0), dest-addr: 10.\($0 >> 8).\($0 & 255).1}\n" }
        let hops = (0..<257).map { "{peer: p\($0)}" }.joined(separator: ", ")
        let text =
            "peers:\n\(list.joined())routes:\n  - {prefix: 0.0.0.0/0, next-hops: [\(hops)]}\n"
        #expect(
            onlyLine(Array(text.utf8)).contains("257 next hops are too many (allowed: 1 to 256)"))
    }

    @Test func `Control characters of a file do not reach the terminal`() {
        let report = Fixtures.read(text: "\"a\\e[31m\\nb\": 1\npeers: [{dest-addr: \"\\e[2J\"}]\n")
        #expect(report.errorCount == 2)
        #expect(
            report.lines.allSatisfy { line in
                line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            })
    }

    @Test func `A file that cannot be read says why`() {
        let report = ConfigurationFile.read(path: "/nonexistent/gatewatch.yaml")
        #expect(
            report.lines == [
                "/nonexistent/gatewatch.yaml: error: cannot be read: No such file or directory"
            ])
        #expect(ConfigurationFile.read(path: "/").lines.first?.contains("directory") == true)
    }
}
