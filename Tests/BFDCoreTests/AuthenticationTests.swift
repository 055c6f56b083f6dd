import BFDAuthentication
import Testing

@testable import BFDCore

@Suite("RFC 5880 §6.7: authentication")
struct AuthenticationTests {
    private static let secret = Secret(Array("bfd-sha1-key".utf8))

    private static func chain(
        _ type: AuthenticationType, ids: [UInt8] = [4]
    ) throws -> KeyChain {
        try KeyChain(type: type, keys: ids.map { Key(id: $0, secret: secret) })
    }

    /// Up, authenticated, the peer's last sequence number known.
    private static func up(_ type: AuthenticationType, last: UInt32 = 1_000) throws -> Bench {
        let bench = try Bench.up()
        let chain = try chain(type)
        try bench.authenticate(chain)
        #expect(try bench.hear(.up, chain, key: 4, sequence: last).reason == nil)
        bench.forget()
        return bench
    }

    static let written = PacketVectors.all.filter { vector in
        vector.isAccepted && vector.authentication != nil
            && !["sha1-reserved-nonzero", "sha1-length-56"].contains(vector.name)
    }

    @Test(arguments: written)
    func `5880-4.2-01, 5880-4.3-01, 5880-4.4-01: what we write is what stands in the packet`(
        _ vector: PacketVector
    ) throws {
        let chain = try #require(try vector.keyChain)
        let packet = try ControlPacket(decoding: vector.bytes.span)
        let section = try #require(vector.fields?.authenticationSection)
        let header = AuthenticationHeader(
            type: chain.type, keyID: try #require(section.keyID), sequence: section.sequence ?? 0)
        let bytes = encoded(packet) + chain.section(header, packet)
        #expect(bytes == Array(vector.bytes.prefix(Int(packet.length))))
        #expect(Int(packet.length) == bytes.count)
    }

    @Test func `nineteen packets are written again`() {
        #expect(Self.written.count == 19)
    }

    @Test func `5880-4.1-10, 5880-6.8.7-16: Length counts the section`() throws {
        for (type, length) in [
            (AuthenticationType.simplePassword, UInt8(27 + 12)), (.keyedMD5, 48),
            (.meticulousKeyedMD5, 48), (.keyedSHA1, 52), (.meticulousKeyedSHA1, 52),
        ] {
            let bench = try Bench()
            try bench.authenticate(try Self.chain(type))
            let sent = try #require(bench.nextPacket(within: .seconds(1)))
            #expect(sent.bytes[3] == length && sent.bytes.count == Int(length))
            #expect(sent.bytes[1] & 0x04 != 0)
            #expect(sent.bytes[24] == type.code && sent.bytes[25] == length - 24)
            #expect(sent.bytes[26] == 4)
        }
    }

    @Test func `5880-4.4-02: the reserved octet is zero when sent, ignored when received`() throws {
        let bench = try Bench()
        try bench.authenticate(try Self.chain(.keyedSHA1))
        #expect(try #require(bench.nextPacket(within: .seconds(1))).bytes[27] == 0)
        try PacketVectorTests.check(requirement: "5880-4.4-02", count: 1)
    }

    @Test(arguments: AuthenticationType.allCases)
    func `5880-6.7-01: every type brings two ends Up`(_ type: AuthenticationType) throws {
        let pair = try Pair()
        let chain = try Self.chain(type)
        try pair.a.authenticate(pair.sessionA, chain, at: pair.now)
        try pair.b.authenticate(pair.sessionB, chain, at: pair.now)
        #expect(pair.runUntilUp(within: .seconds(4)))
        pair.run(for: .seconds(60))
        #expect(pair.stateA == .up && pair.stateB == .up)
        #expect(pair.variablesA?.counters.receivedInvalid == 0)
        #expect(pair.variablesB?.counters.receivedInvalid == 0)
    }

    @Test func `5880-6.7-02: an authentic packet still meets the later rules`() throws {
        let bench = try Self.up(.keyedSHA1)
        try bench.disable()
        let chain = try Self.chain(.keyedSHA1)
        #expect(try bench.hear(.down, chain, key: 4, sequence: 1_001).reason == .localAdminDown)
    }

    @Test func `5880-6.7.1-01: received packets switch nothing on`() throws {
        let vector = try PacketVectors.named("auth-unexpected")
        var configuration = SessionConfiguration.toBeta()
        configuration.localDiscriminator = vector.receiver.localDiscriminator
        let bench = try Bench(configuration)
        for _ in 0..<100 {
            #expect(bench.hear(vector.bytes).reason == .authenticationUnexpected)
        }
        bench.run(for: .seconds(3))
        #expect(bench.sent.allSatisfy { $0.bytes.count == 24 })
    }

    @Test func `5880-6.7.2-02, 5880-6.7.3-02, bug 25: secrets fit their type`() throws {
        func chain(_ type: AuthenticationType, _ count: Int) throws(KeyChainError) -> KeyChain {
            let secret = Secret([UInt8](repeating: 0, count: count))
            return try KeyChain(type: type, keys: [Key(id: 0, secret: secret)])
        }
        for (type, maximum) in [
            (AuthenticationType.simplePassword, 16), (.keyedMD5, 16), (.meticulousKeyedMD5, 16),
            (.keyedSHA1, 20), (.meticulousKeyedSHA1, 20),
        ] {
            _ = try chain(type, 1)
            _ = try chain(type, maximum)
            for count in [0, maximum + 1] {
                let error = KeyChainError.secretByteCount(id: 0, count: count, maximum: maximum)
                #expect(throws: error) { _ = try chain(type, count) }
            }
        }
        try PacketVectorTests.check(requirement: "5880-6.7.2-02", count: 1)
        try PacketVectorTests.check(requirement: "5880-6.7.3-02", count: 2)
    }

    @Test(arguments: [
        ("5880-6.7.2-04", 3), ("5880-6.7.2-05", 2), ("5880-6.7.2-06", 4), ("5880-6.7.2-07", 2),
        ("5880-6.7.3-03", 3), ("5880-6.7.3-04", 2), ("5880-6.7.3-05", 1), ("5880-6.7.3-06", 3),
        ("5880-6.7.3-07", 12), ("5880-6.7.3-09", 8), ("5880-6.8.6-14", 1),
    ])
    func `the packets of a rule are judged as they should`(
        _ requirement: String, _ count: Int
    ) throws {
        try PacketVectorTests.check(requirement: requirement, count: count)
    }

    @Test func `5880-6.8.6-15: the type is the session's`() throws {
        for ours in AuthenticationType.allCases {
            for theirs in AuthenticationType.allCases {
                let bench = try Bench()
                try bench.authenticate(try Self.chain(ours))
                let chain = try Self.chain(theirs)
                let reason = try bench.hear(.down, chain, key: 4, sequence: 7).reason
                #expect(reason == (ours == theirs ? nil : .authenticationTypeMismatch))
            }
        }
    }

    @Test func `5880-6.7.3-01: type, key and sequence number are those of the session`() throws {
        let bench = try Self.up(.meticulousKeyedSHA1)
        let sent = try #require(bench.nextPacket(within: .milliseconds(300)))
        let header = try #require(sent.authentication)
        #expect(header.type == .meticulousKeyedSHA1 && header.keyID == 4)
        #expect(sent.bytes[28..<32].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } == header.sequence)
    }

    @Test(arguments: [
        (AuthenticationType.keyedSHA1, UInt32(0)), (.meticulousKeyedSHA1, 1), (.keyedMD5, 0),
        (.meticulousKeyedMD5, 1),
    ])
    func `5880-6.7.3-07: the window begins at the last number or behind it, and wraps`(
        _ type: AuthenticationType, _ least: UInt32
    ) throws {
        let chain = try Self.chain(type)
        for last in [UInt32(1_000), .max - 4, .max, 0] {
            for step in [UInt32.max, 0, 1, 8, 9, 10, 1 << 31] {
                let bench = try Self.up(type, last: last)
                let reason = try bench.hear(.up, chain, key: 4, sequence: last &+ step).reason
                let isInside = step >= least && step <= 9
                #expect(reason == (isInside ? nil : .authenticationSequenceOutsideWindow))
            }
        }
    }

    @Test func `5880-6.7.3-08: any number will do while none is known`() throws {
        let bench = try Bench()
        let chain = try Self.chain(.meticulousKeyedSHA1)
        try bench.authenticate(chain)
        #expect(try bench.hear(.down, chain, key: 4, sequence: 0xdead_beef).reason == nil)
    }

    @Test func `5880-6.7.3-09, bug 24: a forged packet moves no window`() throws {
        for known in [false, true] {
            let bench = try Bench.up()
            let chain = try Self.chain(.meticulousKeyedSHA1)
            try bench.authenticate(chain)
            if known { try bench.hear(.up, chain, key: 4, sequence: 1_000) }
            let forged = try KeyChain(
                type: .meticulousKeyedSHA1, keys: [Key(id: 4, secret: Secret([1, 2, 3]))])
            let reason = try bench.hear(.up, forged, key: 4, sequence: 1_005).reason
            #expect(reason == .authenticationMismatch)
            #expect(try bench.hear(.up, chain, key: 4, sequence: 1_001).reason == nil)
            #expect(
                try bench.hear(.up, chain, key: 4, sequence: 1_001).reason
                    == .authenticationSequenceOutsideWindow)
        }
    }

    @Test func `5880-6.7.3-10: a keyed number goes on with the content, and once a second`() throws
    {
        let bench = try Self.up(.keyedSHA1)
        let chain = try Self.chain(.keyedSHA1)
        for step in 0..<100 {
            bench.run(for: .milliseconds(100))
            try bench.hear(.up, chain, key: 4, sequence: 1_001 + UInt32(step))
        }
        let numbers = bench.sent.compactMap(\.authentication?.sequence)
        #expect(numbers.count >= 33)
        let steps = zip(numbers.dropFirst(), numbers).map { $0 &- $1 }
        #expect(steps.allSatisfy { $0 <= 1 })
        let total = steps.reduce(0, +)
        #expect(total >= 7 && total <= 10)
        let last = try #require(numbers.last)
        try bench.hear(.down, chain, key: 4, sequence: 1_101)
        #expect(bench.sent.last?.authentication?.sequence == last &+ 1)
    }

    @Test func `5880-6.7.3-11: a meticulous number goes on with every packet`() throws {
        let bench = try Self.up(.meticulousKeyedMD5)
        let chain = try Self.chain(.meticulousKeyedMD5)
        bench.peer.poll = true
        for step in 0..<300 {
            bench.run(for: .milliseconds(300))
            try bench.hear(.up, chain, key: 4, sequence: 1_001 + UInt32(step))
        }
        let numbers = bench.sent.compactMap(\.authentication?.sequence)
        #expect(bench.sent.contains { $0.packet.final })
        #expect(numbers.count >= 500)
        #expect(zip(numbers.dropFirst(), numbers).allSatisfy { $0 &- $1 == 1 })
    }

    @Test func `5880-6.7.3-11: the number wraps, and the peer follows`() throws {
        var session = AuthenticatedSession(
            try Self.chain(.meticulousKeyedSHA1).rules, transmitSequence: 0xffff_fffd)
        var packet = try ControlPacket(decoding: PacketVectors.named("up-steady").bytes.span)
        let numbers = (0..<4).map { _ in
            session.seal(&packet, at: Instant(nanoseconds: 0))?.sequence
        }
        #expect(numbers == [0xffff_fffe, 0xffff_ffff, 0, 1])
    }

    @Test func `5880-6.7.3-12: the first number is random`() throws {
        let firsts = try (1...20).map { seed in
            let bench = try Bench(seed: UInt64(seed))
            try bench.authenticate(try Self.chain(.meticulousKeyedSHA1))
            return bench.nextPacket(within: .seconds(1))?.authentication?.sequence
        }
        #expect(Set(firsts).count == 20 && !firsts.contains(nil))
    }

    @Test func `5880-6.7.3-13: a known number is forgotten after twice the detection time`() throws
    {
        let chain = try Self.chain(.meticulousKeyedSHA1)
        for (wait, reason) in [
            (Int64(1_799), DiscardReason.authenticationSequenceOutsideWindow), (1_800, nil),
        ] {
            let bench = try Self.up(.meticulousKeyedSHA1)
            bench.run(for: .milliseconds(wait))
            #expect(try bench.hear(.down, chain, key: 4, sequence: 5).reason == reason)
            // From then on the new number counts, lower as it is.
            #expect(try bench.hear(.down, chain, key: 4, sequence: 6).reason == reason)
        }
    }

    @Test func `5880-6.7.3-14: no secret shows in a packet, a text or a mirror`() throws {
        let chain = try Self.chain(.keyedSHA1)
        let bench = try Bench()
        try bench.authenticate(chain)
        let bytes = try #require(bench.nextPacket(within: .seconds(1))).bytes
        let secret = Array("bfd-sha1-key".utf8)
        #expect(!bytes.indices.contains { bytes[$0...].starts(with: secret) })
        var dumped = ""
        dump(chain, to: &dumped)
        for text in ["\(chain)", String(reflecting: chain), dumped] {
            #expect(!text.contains("\(secret[0]), \(secret[1])") && !text.contains("bfd-sha1"))
            #expect(!text.contains("- \(secret[0])"))
        }
    }

    @Test func `5881-5-03, 5881-5-04: the TTL is judged first, whatever the digest`() throws {
        let bench = try Self.up(.keyedSHA1)
        bench.arrival.hopLimit = 254
        #expect(bench.hear(try PacketVectors.named("sha1-hmac").bytes).reason == .ttlNot255)
        #expect(bench.node.engine.discards.count(of: .ttlNot255) == 1)
    }

    @Test func `5880-6.7.2-05: keys have their time`() throws {
        let bench = try Bench.up()
        var (old, new) = (Key(id: 1, secret: Self.secret), Key(id: 2, secret: Self.secret))
        let change = bench.now + .seconds(10)
        old.rules.sentUntil = change
        old.rules.acceptedUntil = change + .seconds(5)
        new.rules.sentFrom = change
        let chain = try KeyChain(type: .keyedSHA1, keys: [old, new])
        try bench.authenticate(chain)
        var sequence: UInt32 = 1
        while bench.now < change + .seconds(4) {
            #expect(try bench.hear(.up, chain, key: 1, sequence: sequence).reason == nil)
            sequence += 1
            bench.run(for: .milliseconds(200))
        }
        #expect(bench.sent.contains { $0.at < change } && bench.sent.contains { $0.at > change })
        for one in bench.sent { #expect(one.bytes[26] == (one.at < change ? 1 : 2)) }
        bench.run(for: .milliseconds(800))
        bench.run(for: .milliseconds(200))
        #expect(
            try bench.hear(.up, chain, key: 1, sequence: sequence).reason
                == .authenticationKeyUnknown)
    }

    @Test func `5880-6.8.1-14: our numbers go on after a pause without authentication`() throws {
        let bench = try Self.up(.meticulousKeyedSHA1)
        let chain = try Self.chain(.meticulousKeyedSHA1)
        let before = try #require(
            bench.nextPacket(within: .milliseconds(300))?.authentication?.sequence)
        try bench.authenticate(nil)
        #expect(try bench.hear(.up).reason == nil)
        try bench.authenticate(chain)
        bench.forget()
        let after = bench.nextPacket(within: .milliseconds(300))?.authentication?.sequence
        #expect(after == before &+ 1)
    }

    @Test func `5880-6.7.3-08: any number will do after a change of keys`() throws {
        let bench = try Self.up(.meticulousKeyedSHA1)
        let chain = try Self.chain(.meticulousKeyedSHA1, ids: [4, 5])
        try bench.authenticate(chain)
        #expect(try bench.hear(.up, chain, key: 5, sequence: 7).reason == nil)
    }

    @Test func `5880-6.5-01: a Poll begins with the first packet that a key lets out`() throws {
        let bench = try Bench.up()
        var key = Key(id: 4, secret: Self.secret)
        key.rules.sentFrom = bench.now + .seconds(1)
        let chain = try KeyChain(type: .keyedSHA1, keys: [key])
        try bench.authenticate(chain)
        try bench.update { $0.requiredMinRxInterval = Microseconds(500_000) }
        for sequence in 1...8 {
            try bench.hear(.up, chain, key: 4, final: true, sequence: UInt32(sequence))
            bench.run(for: .milliseconds(100))
        }
        #expect(bench.sent.isEmpty)
        #expect(try bench.variables.pollSequence == .requested)
        bench.run(for: .milliseconds(500))
        #expect(bench.sent.first?.packet.poll == true)
    }
}
