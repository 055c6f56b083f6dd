import BFDAuthentication
import BFDCore
import Testing

/// What makes a packet authentic, and what that is worth.
@Suite("RFC 5880 §6.7: authentication")
struct RuleTests {
    static let secret = Array("the-secret".utf8)
    static let digests = AuthenticationType.allCases.filter { $0.digestByteCount > 0 }

    @Test(arguments: AuthenticationType.allCases)
    func `5880-6.7-01: all five types work, both SHA1 types among them`(
        _ type: AuthenticationType
    ) throws {
        let bench = try Bench.up(type)
        bench.run(for: .seconds(30), hearingEvery: .milliseconds(300))
        #expect(try bench.variables.state == .up)
        #expect(bench.changes.isEmpty && bench.sent.count > 90)
        let signer = try #require(bench.signer)
        #expect(bench.sent.allSatisfy { signer.isRight($0.bytes) })
    }

    @Test func `5880-6.7-02: an authentic packet still meets the later rules`() throws {
        let bench = try Bench.up()
        #expect(bench.hear(.up, poll: true, final: true) == "poll_and_final")
        try bench.engine.setAdministrativelyDown(true, bench.session, at: bench.now)
        #expect(bench.hear(.up) == "local_admin_down")
        #expect(try bench.variables.state == .adminDown)
    }

    @Test func `5880-6.7.1-01: no packet switches authentication on or off`() throws {
        let plain = try Bench()
        try plain.bringUp()
        plain.signer = Signer(.keyedSHA1, Self.secret)
        for _ in 0..<100 { #expect(plain.hear(.up) == "auth_unexpected") }
        #expect(plain.engine.authenticationType(of: plain.session) == nil)
        let bench = try Bench.up()
        bench.signer = nil
        for _ in 0..<100 { #expect(bench.hear(.up) == "auth_missing") }
        #expect(bench.engine.authenticationType(of: bench.session) == .keyedSHA1)
    }

    @Test(arguments: AuthenticationType.allCases)
    func `5880-6.7.2-02, 5880-6.7.3-02: a secret of 1 to 16, for SHA1 to 20 octets`(
        _ type: AuthenticationType
    ) throws {
        let maximum = [.keyedSHA1, .meticulousKeyedSHA1].contains(type) ? 20 : 16
        for count in 1...maximum {
            let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let bench = try Bench(try .single(type, octets), signer: Signer(type, octets))
            try bench.bringUp()
        }
        for count in [0, maximum + 1, 300] {
            let octets = [UInt8](repeating: 1, count: count)
            #expect(
                throws: KeyChainError.secretByteCount(id: 1, count: count, maximum: maximum)
            ) { try KeyChain.single(type, octets) }
        }
    }

    @Test func `a chain has one to eight keys of different ids`() throws {
        let keys = (0..<9).map { Key(id: $0, secret: Secret([1])) }
        #expect(throws: KeyChainError.keyCount(0)) { try KeyChain(type: .keyedSHA1, keys: []) }
        #expect(throws: KeyChainError.keyCount(9)) { try KeyChain(type: .keyedSHA1, keys: keys) }
        #expect(throws: KeyChainError.duplicateID(0)) {
            try KeyChain(type: .keyedSHA1, keys: [keys[0], keys[0]])
        }
        let eight = try KeyChain(type: .keyedSHA1, keys: Array(keys.prefix(8)))
        #expect(eight.rules.type == .keyedSHA1)
    }

    @Test func `5880-6.7.2-04, 5880-6.7.3-04: every type but the session's is refused`() throws {
        for ours in AuthenticationType.allCases {
            let bench = try Bench.up(ours)
            for type: UInt8 in 0...255 where type != ours.rawValue {
                let right = try #require(bench.signer)
                var bytes = right.signed(bench.peer, sequence: bench.peerSequence)
                bytes.replaceSubrange(8..<12, with: [0xa1, 0xb2, 0xc3, 0xd4])
                bytes[24] = type
                #expect(bench.hear(bytes) == "auth_type_mismatch")
            }
        }
    }

    @Test(arguments: AuthenticationType.allCases)
    func `5880-6.7.2-05, 5880-6.7.3-05: of several keys each is accepted, no other`(
        _ type: AuthenticationType
    ) throws {
        let ids: [UInt8] = [0, 9, 255]
        let keys = ids.map { Key(id: $0, secret: Secret([$0, 1, 2])) }
        let bench = try Bench(
            try KeyChain(type: type, keys: keys), signer: Signer(type, key: 0, [0, 1, 2]))
        try bench.bringUp()
        for id: UInt8 in 0...255 {
            bench.signer = Signer(type, key: id, [id, 1, 2])
            let isKnown = ids.contains(id)
            let number = bench.peerSequence
            #expect(bench.hear(.up) == (isKnown ? "accept" : "auth_key_unknown"))
            if !isKnown { bench.peerSequence = number }
        }
        bench.signer = Signer(type, key: 9, [255, 1, 2])
        #expect(bench.hear(.up) == "auth_mismatch", "one key's secret under another's id")
    }

    @Test(arguments: AuthenticationType.allCases)
    func `5880-6.7.2-06, 5880-6.7.3-06: every other Auth Len is refused`(
        _ type: AuthenticationType
    ) throws {
        let bench = try Bench.up(type)
        bench.peer.yourDiscriminator = 0xa1b2_c3d4
        bench.peer.state = .up
        let right = try #require(bench.signer).signed(bench.peer, sequence: bench.peerSequence)
        for length: UInt8 in 0...255 where length != right[25] {
            var bytes = right
            bytes[25] = length
            #expect(bench.hear(bytes) == "auth_len_bad")
        }
        #expect(bench.hear(right) == "accept")
    }

    @Test(arguments: AuthenticationType.allCases)
    func `5880-6.7.2-07, 5880-6.7.3-03: one bit of difference anywhere is a difference`(
        _ type: AuthenticationType
    ) throws {
        let bench = try Bench.up(type)
        bench.peer.yourDiscriminator = 0xa1b2_c3d4
        bench.peer.state = .up
        let right = try #require(bench.signer).signed(bench.peer, sequence: bench.peerSequence)
        // The diagnostic and the intervals, which only a digest covers, and the secret part.
        let covered = type == .simplePassword ? Array(27..<right.count) : [0] + Array(12..<24)
        let proof = type == .simplePassword ? [] : Array(32..<right.count)
        for index in covered + proof {
            for bit in 0..<(index == 0 ? 5 : 8) {
                var bytes = right
                bytes[index] ^= 1 << UInt8(bit)
                #expect(bench.hear(bytes) == "auth_mismatch", "octet \(index), bit \(bit)")
            }
        }
        #expect(bench.hear(right) == "accept")
    }

    @Test(arguments: digests)
    func `5880-6.7.3-01, 5880-4.1-10: type, length, key and number are where they belong`(
        _ type: AuthenticationType
    ) throws {
        let bench = try Bench.up(type)
        bench.run(for: .seconds(1), hearingEvery: .milliseconds(300))
        let sent = try #require(bench.sent.last)
        let length = [.keyedMD5, .meticulousKeyedMD5].contains(type) ? 24 : 28
        #expect(sent.bytes.count == 24 + length && Int(sent.bytes[3]) == 24 + length)
        #expect(sent.bytes[24..<28].elementsEqual([type.rawValue, UInt8(length), 1, 0]))
        #expect(sequence(of: sent.bytes) == sent.header?.sequence)
    }

    @Test func `5880-4.1-10: a password of n octets makes a packet of 27 + n`() throws {
        for count in 1...16 {
            let secret = [UInt8](repeating: 7, count: count)
            let bench = try Bench(
                try .single(.simplePassword, secret), signer: Signer(.simplePassword, secret))
            try bench.bringUp()
            bench.run(for: .milliseconds(500))
            let sent = try #require(bench.sent.last)
            #expect(Int(sent.bytes[3]) == 27 + count && sent.bytes.count == 27 + count)
        }
    }
}
