import Testing

/// The packets are worth nothing when their own description is wrong: this reads them by hand.
@Suite("Packet vectors")
struct PacketVectorFileTests {
    @Test func `the file holds 113 packets, 48 of them good, under names used once`() throws {
        let vectors = try PacketVectors.load()
        #expect(vectors.count == 113)
        #expect(vectors.count { $0.isAccepted } == 48)
        #expect(Set(vectors.map(\.name)).count == 113)
    }

    @Test func `every packet is about a requirement that is listed`() throws {
        let listed = try PacketVectors.requirements()
        #expect(listed.count == 273)
        for vector in try PacketVectors.load() {
            #expect(!vector.requirements.isEmpty, "\(vector.name)")
            #expect(listed.isSuperset(of: vector.requirements), "\(vector.name)")
        }
    }

    @Test(arguments: PacketVectors.all)
    func `hex is whole octets, and the fields beside it say what it holds`(
        _ vector: PacketVector
    ) throws {
        let bytes = vector.bytes
        #expect(vector.hex.count == bytes.count * 2)
        #expect(hex(bytes) == vector.hex)
        #expect((vector.fields == nil) == (bytes.count < 24))
        guard let expected = vector.fields else { return }
        #expect(fields(of: bytes) == expected)
    }

    /// Reads a packet after the drawing in RFC 5880 §4.1, sharing nothing with the codec.
    private func fields(of bytes: [UInt8]) -> PacketVector.Fields {
        let states = ["adminDown", "down", "initializing", "up"]
        let flags = bytes[1] & 0x3f
        var found = PacketVector.Fields(
            version: bytes[0] / 32, diagnostic: bytes[0] % 32,
            state: states[Int(bytes[1] / 64)],
            poll: flags & 32 != 0, final: flags & 16 != 0,
            controlPlaneIndependent: flags & 8 != 0, authenticationPresent: flags & 4 != 0,
            demand: flags & 2 != 0, multipoint: flags & 1 != 0,
            detectMultiplier: bytes[2], length: bytes[3],
            myDiscriminator: number(bytes[4..<8]), yourDiscriminator: number(bytes[8..<12]),
            desiredMinTxInterval: number(bytes[12..<16]),
            requiredMinRxInterval: number(bytes[16..<20]),
            requiredMinEchoRxInterval: number(bytes[20..<24]),
            trailingByteCount: 0, authenticationSection: nil)
        let end = min(Int(found.length), bytes.count)
        found.trailingByteCount = bytes.count - max(end, 24)
        if found.authenticationPresent, end >= 26 {
            found.authenticationSection = authenticationSection(Array(bytes[24..<end]))
        }
        return found
    }

    /// Everything up to Length is digest or password, whatever the section says of its length.
    private func authenticationSection(_ bytes: [UInt8]) -> PacketVector.AuthenticationSection {
        var section = PacketVector.AuthenticationSection(type: bytes[0], length: bytes[1])
        guard bytes.count > 2 else { return section }
        section.keyID = bytes[2]
        if (2...5).contains(section.type) {
            section.reserved = bytes[3]
            section.sequence = number(bytes[4..<8])
            section.digest = hex(bytes[8...])
        } else {
            section.password = hex(bytes[3...])
        }
        return section
    }

    private func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 * 256 + UInt32($1) }
    }

    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
