import BFDAuthentication
import BFDCore
import Testing

/// Keys that come and go while the session stays.
@Suite("RFC 5880 §6.7: keys and their lifetimes")
struct KeyTests {
    private static let start = Instant(nanoseconds: 1_000_000_000_000)

    private static func key(
        _ id: UInt8, send: ClosedRange<Int64>, accept: ClosedRange<Int64>
    ) -> Key {
        var key = Key(id: id, secret: Secret([id, id, id]))
        key.rules.sentFrom = start + .seconds(send.lowerBound)
        key.rules.sentUntil = start + .seconds(send.upperBound)
        key.rules.acceptedFrom = start + .seconds(accept.lowerBound)
        key.rules.acceptedUntil = start + .seconds(accept.upperBound)
        return key
    }

    @Test(arguments: AuthenticationType.allCases)
    func `D-12: of the keys that may be sent, the one whose time began last is`(
        _ type: AuthenticationType
    ) throws {
        let chain = try KeyChain(
            type: type,
            keys: [
                Self.key(1, send: 0...20, accept: 0...60),
                Self.key(2, send: 10...30, accept: 0...60),
                Self.key(3, send: 25...60, accept: 0...60),
            ])
        let bench = try Bench(chain, signer: Signer(type, key: 1, [1, 1, 1]))
        try bench.bringUp()
        bench.run(for: .seconds(50), hearingEvery: .milliseconds(300))
        #expect(bench.changes.isEmpty)
        for sent in bench.sent {
            let second = (sent.at - Self.start).count / 1_000_000_000
            let expected: UInt8 = second < 10 ? 1 : second < 25 ? 2 : 3
            #expect(sent.header?.keyID == expected, "after \(second) s")
            let signer = Signer(type, key: expected, [expected, expected, expected])
            #expect(signer.isRight(sent.bytes))
        }
    }

    @Test(arguments: AuthenticationType.allCases)
    func `a key is accepted from the first nanosecond of its time to the last`(
        _ type: AuthenticationType
    ) throws {
        let chain = try KeyChain(
            type: type,
            keys: [
                Self.key(1, send: 0...60, accept: 0...60),
                Self.key(2, send: 0...0, accept: 2...4),
            ])
        let bench = try Bench(chain, signer: Signer(type, key: 1, [1, 1, 1]))
        try bench.bringUp()
        let hear = { (bench: Bench, moment: Instant) in
            while bench.now + .milliseconds(300) < moment {
                bench.run(for: .milliseconds(300))
                bench.hear(.up)
            }
            bench.run(for: moment - bench.now)
            bench.signer = Signer(type, key: 2, [2, 2, 2])
            let verdict = bench.hear(.up, sequence: bench.peerSequence)
            if verdict == "accept" { bench.peerSequence &+= 1 }
            bench.signer = Signer(type, key: 1, [1, 1, 1])
            return verdict
        }
        let (from, until) = (Self.start + .seconds(2), Self.start + .seconds(4))
        #expect(hear(bench, from + Nanoseconds(-1)) == "auth_key_unknown")
        #expect(hear(bench, from) == "accept")
        #expect(hear(bench, until + Nanoseconds(-1)) == "accept")
        #expect(hear(bench, until) == "auth_key_unknown")
        #expect(bench.changes.isEmpty)
    }

    @Test(arguments: AuthenticationType.allCases)
    func `two ends whose clocks differ rotate their keys without losing a packet`(
        _ type: AuthenticationType
    ) throws {
        // Sending moves on every 20 s; accepting overlaps by 5 s each way.
        let keys = { (skew: Int64) in
            (0..<3 as Range<Int64>).map { index in
                let from = index * 20 + skew
                return Self.key(
                    UInt8(index), send: from...(from + 20), accept: (from - 5)...(from + 25))
            }
        }
        let near = try Bench(try KeyChain(type: type, keys: keys(0)), discriminator: 1)
        let far = try Bench(
            try KeyChain(type: type, keys: keys(4)), discriminator: 2, seed: 2)
        var refused: [String] = []
        var isUp = false
        for _ in 0..<6_000 {
            near.run(for: .milliseconds(10))
            far.run(for: .milliseconds(10))
            let (fromNear, fromFar) = (near.sent, far.sent)
            near.forgetSent()
            far.forgetSent()
            refused += fromNear.map { far.hear($0.bytes) }.filter { $0 != "accept" }
            refused += fromFar.map { near.hear($0.bytes) }.filter { $0 != "accept" }
            let states = try [near.variables.state, far.variables.state]
            if isUp { #expect(states == [.up, .up]) }
            isUp = states == [.up, .up]
        }
        #expect(isUp && refused == [])
    }

    @Test func `without a key to send, nothing is sent, and that is counted`() throws {
        let chain = try KeyChain(
            type: .keyedSHA1,
            keys: [Self.key(1, send: 0...5, accept: 0...60)])
        let bench = try Bench(chain, signer: Signer(.keyedSHA1, key: 1, [1, 1, 1]))
        try bench.bringUp()
        bench.run(for: .seconds(10), hearingEvery: .milliseconds(300))
        #expect(bench.sent.allSatisfy { $0.at < Self.start + .seconds(5) })
        #expect(try bench.variables.counters.sendFailed > 10)
    }

    @Test(arguments: AuthenticationType.allCases)
    func `D-13: authentication is turned on and off while Up, at once`(
        _ type: AuthenticationType
    ) throws {
        let bench = try Bench()
        try bench.bringUp()
        let secret = Array("the-secret".utf8)
        for _ in 0..<3 {
            try bench.use(try .single(type, secret))
            #expect(bench.hear(.up) == "auth_missing")
            bench.signer = Signer(type, secret)
            bench.run(for: .seconds(5), hearingEvery: .milliseconds(300))
            #expect(bench.sent.allSatisfy { $0.packet.authenticationPresent })
            try bench.use(nil)
            #expect(bench.hear(.up) == "auth_unexpected")
            bench.signer = nil
            bench.forgetSent()
            bench.run(for: .seconds(5), hearingEvery: .milliseconds(300))
            #expect(bench.sent.allSatisfy { $0.bytes.count == 24 && $0.bytes[3] == 24 })
            bench.forgetSent()
        }
        #expect(bench.changes.isEmpty)
    }

    @Test func `D-13: when only one end changes, the session fails by its detection time`() throws {
        let bench = try Bench()
        try bench.bringUp()
        try bench.use(try .single(.keyedSHA1, [1]))
        bench.run(for: .seconds(2), hearingEvery: .milliseconds(300))
        #expect(bench.changes.map(\.cause) == [.detectionTimeExpired])
        #expect(try bench.variables.counters.discards.count(of: .authenticationMissing) == 6)
    }

    @Test func `Chains are the same by what they do, whenever their moments were read`() throws {
        func chain(
            _ secret: UInt8 = 1, late: Int64 = 0, type: AuthenticationType = .keyedSHA1
        ) throws -> KeyChain {
            var key = Key(id: 1, secret: Secret([secret]))
            key.rules.sentUntil = Self.start + Nanoseconds(late)
            return try KeyChain(type: type, keys: [key])
        }
        #expect(try chain().isSame(as: chain()))
        #expect(try chain().isSame(as: chain(late: 900_000_000)))
        #expect(try chain(late: 900_000_000).isSame(as: chain()))
        #expect(try !chain().isSame(as: chain(late: 2_000_000_000)))
        #expect(try !chain().isSame(as: chain(2)))
        #expect(try !chain().isSame(as: chain(type: .meticulousKeyedSHA1)))
    }
}
