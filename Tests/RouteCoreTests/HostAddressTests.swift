import RouteCore
import Testing

@Suite struct HostAddressTests {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("10.9.0.1", "10.9.0.1"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("FE80::1", "fe80::1"),
        ("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
    ])
    func `an address is read and printed canonically`(text: String, printed: String) throws {
        let address = try #require(HostAddress(text))
        #expect(address.description == printed)
        #expect(HostAddress(bytes: address.bytes) == address)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.+4", "1.2.3.4 ", "1..2.3",
        ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1::", "12345::",
        "g::", "fe80::1%eth0", "[::1]", "::1.2.3", "1.2.3.4::", ":1:2:3:4:5:6:7:8", "1::2:", "+1::",
    ])
    func `what is no address is refused`(text: String) {
        #expect(HostAddress(text) == nil)
    }

    @Test func `any number survives printing and reading`() throws {
        var generator = SeededGenerator(seed: 5952)
        for _ in 0..<2000 {
            // Few random groups, so that runs of zeros of every length appear.
            let bits = (0..<8).reduce(UInt128(0)) { bits, _ in
                let group = Bool.random(using: &generator) ? 0 : generator.next() & 0xffff
                return bits << 16 | UInt128(group)
            }
            let address = HostAddress(ipv6: bits)
            #expect(HostAddress(address.description) == address)
        }
    }

    @Test func `kinds of address are told apart`() throws {
        #expect(HostAddress("fe80::1")?.isLinkLocal == true)
        #expect(HostAddress("febf::1")?.isLinkLocal == true)
        #expect(HostAddress("fec0::1")?.isLinkLocal == false)
        #expect(HostAddress("169.254.3.4")?.isLinkLocal == true)
        #expect(HostAddress("127.0.0.9")?.isLoopback == true)
        #expect(HostAddress("::1")?.isLoopback == true)
        #expect(HostAddress("239.1.1.1")?.isMulticast == true)
        #expect(HostAddress("ff02::1")?.isMulticast == true)
        #expect(HostAddress(bytes: [1, 2, 3]) == nil)
    }
}
