import RouteCore
import Testing

@Suite struct PrefixTests {
    @Test(arguments: ["0.0.0.0/0", "10.0.0.0/8", "10.1.2.3/32", "::/0", "2001:db8::/32"])
    func `a prefix is read and printed`(text: String) throws {
        #expect(try Prefix(parsing: text).description == text)
    }

    @Test func `host bits are an error that names the network`() {
        #expect(throws: PrefixError.hostBitsSet(given: "10.1.2.3/8", network: "10.0.0.0/8")) {
            try Prefix(parsing: "10.1.2.3/8")
        }
        #expect(throws: PrefixError.hostBitsSet(given: "::1/0", network: "::/0")) {
            try Prefix(parsing: "::1/0")
        }
    }

    @Test(arguments: ["10.0.0.0", "10.0.0.0/", "/8", "10.0.0.0/8/8", "10.0.0.0/+8", "x/1"])
    func `what is no prefix is refused`(text: String) {
        #expect(throws: PrefixError.malformed(text)) { try Prefix(parsing: text) }
    }

    @Test func `a length beyond the family is refused with the range`() {
        #expect(throws: PrefixError.lengthOutOfRange(33, maximum: 32)) {
            try Prefix(parsing: "10.0.0.0/33")
        }
        #expect(throws: PrefixError.lengthOutOfRange(129, maximum: 128)) {
            try Prefix(parsing: "::/129")
        }
    }

    @Test func `a prefix contains its addresses and no others`() throws {
        let prefix = try Prefix(parsing: "10.1.0.0/16")
        #expect(prefix.contains(try #require(HostAddress("10.1.255.255"))))
        #expect(!prefix.contains(try #require(HostAddress("10.2.0.0"))))
        #expect(!prefix.contains(try #require(HostAddress("::10.1.0.0"))))
        #expect(Prefix.all(.ipv6).contains(try #require(HostAddress("ffff::1"))))
    }
}
