import Testing

@testable import NodeSurvey

/// Messages of the system bus, octet by octet.
@Suite struct BusMessageTests {
    @Test func `A call is what the protocol says it is`() {
        let call = BusCall(
            destination: "a.b", path: "/", interface: "c.d", member: "E", arguments: ["xy"])
        let expected: [UInt8] = [
            // Least significant first, a call, starts nobody, version 1; 7 octets; number 9.
            0x6c, 1, 2, 1, 7, 0, 0, 0, 9, 0, 0, 0, 78, 0, 0, 0,
            1, 1, 0x6f, 0, 1, 0, 0, 0, 0x2f, 0, 0, 0, 0, 0, 0, 0,
            2, 1, 0x73, 0, 3, 0, 0, 0, 0x63, 0x2e, 0x64, 0, 0, 0, 0, 0,
            3, 1, 0x73, 0, 1, 0, 0, 0, 0x45, 0, 0, 0, 0, 0, 0, 0,
            6, 1, 0x73, 0, 3, 0, 0, 0, 0x61, 0x2e, 0x62, 0, 0, 0, 0, 0,
            8, 1, 0x67, 0, 1, 0x73, 0, 0,
            2, 0, 0, 0, 0x78, 0x79, 0,
        ]
        var bytes = call.encoded(serial: 9)
        #expect(bytes.count == expected.count)
        // The length of the fields leaves the padding behind them out.
        #expect(bytes[12] == 71)
        bytes[12] = 78
        #expect(bytes == expected)
        #expect(BusMessage.length(call.encoded(serial: 9)) == expected.count)
    }

    /// An answer to call 7, in either order of octets, whose body has the signature.
    private func answer(_ signature: String, _ body: [UInt8], bigEndian: Bool = false) -> [UInt8] {
        let number = { (value: Int) -> [UInt8] in
            bigEndian ? [0, 0, 0, UInt8(value)] : [UInt8(value), 0, 0, 0]
        }
        let name = Array(signature.utf8)
        var fields: [UInt8] = [5, 1, 0x75, 0] + number(7)
        fields += [8, 1, 0x67, 0, UInt8(name.count)] + name + [0]
        let padding = [UInt8](repeating: 0, count: (8 - fields.count % 8) % 8)
        return [bigEndian ? 0x42 : 0x6c, 2, 1, 1] + number(body.count) + number(1)
            + number(fields.count) + fields + padding + body
    }

    @Test func `An answer is read in either order of octets`() throws {
        for bigEndian in [false, true] {
            let body: [UInt8] = bigEndian ? [0, 0, 1, 2] : [2, 1, 0, 0]
            let bytes = answer("u", body, bigEndian: bigEndian)
            #expect(BusMessage.length(bytes) == bytes.count)
            let message = try #require(BusMessage(bytes))
            #expect(message.kind == .answer && message.replySerial == 7)
            #expect(message.values == [.number(258)])
        }
    }

    @Test func `Dictionaries, lists, structures and variants are read`() throws {
        // {"A": <true>}, then [1, 2], then (5, "x").
        let body: [UInt8] = [
            16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x41, 0, 1, 0x62, 0, 0, 0, 0, 1, 0, 0, 0,
            4, 0, 0, 0, 1, 0, 2, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0x78, 0,
        ]
        let message = try #require(BusMessage(answer("a{sv}aq(us)", body)))
        #expect(
            message.values == [
                .dictionary([.text("A"): .flag(true)]), .list([.number(1), .number(2)]),
                .structure([.number(5), .text("x")]),
            ])
        #expect(message.values[0]["A"]?.flag == true)
    }

    @Test func `What is cut off or damaged is refused, never a trap`() {
        let body: [UInt8] = [
            16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x41, 0, 1, 0x62, 0, 0, 0, 0, 1, 0, 0, 0,
        ]
        let whole = answer("a{sv}", body)
        #expect(BusMessage(whole) != nil)
        for count in 0..<whole.count { #expect(BusMessage(Array(whole[..<count])) == nil) }
        for place in whole.indices {
            for value: UInt8 in [0, 1, 0x28, 0x61, 0x76, 0x7b, 0x7f, 0xff] {
                var damaged = whole
                damaged[place] = value
                _ = BusMessage(damaged)
                _ = BusMessage.length(damaged)
            }
        }
    }

    @Test(arguments: ["a", "(", "(u", "a{s", "a{", "z", "v)", "aaaaaaaa("])
    func `A signature that is none is refused`(_ signature: String) {
        var decoder = BusDecoder([UInt8](repeating: 0, count: 64), from: 0, isLittleEndian: true)
        #expect(decoder.values(signature) == nil)
    }

    @Test func `Variants in variants end somewhere`() {
        let bytes = [UInt8]((0..<3_000).map { [UInt8](arrayLiteral: 1, 0x76, 0)[$0 % 3] })
        var decoder = BusDecoder(bytes, from: 0, isLittleEndian: true)
        #expect(decoder.values("v") == nil)
    }
}
