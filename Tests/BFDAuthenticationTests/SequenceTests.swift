import BFDAuthentication
@testable import BFDCore
import Testing

/// Numbers that keep old packets from being played again.
@Suite("RFC 5880 §6.7.3 and §6.7.4: sequence numbers")
struct SequenceTests {
    static let keyed: [AuthenticationType] = [.keyedMD5, .keyedSHA1]
    static let meticulous: [AuthenticationType] = [.meticulousKeyedMD5, .meticulousKeyedSHA1]

    @Test(arguments: keyed + meticulous, [1, 3, 255] as [UInt8])
    func `5880-6.7.3-07: the window is three times the packet's Detect Mult, D-08`(
        _ type: AuthenticationType, _ multiplier: UInt8
    ) throws {
        let widest = 3 * UInt32(multiplier)
        let least: UInt32 = Self.meticulous.contains(type) ? 1 : 0
        let steps: [UInt32] = [0, 1, widest, widest + 1, .max, .max / 2, .max / 2 + 2]
        for start: UInt32 in [1_000, .max, .max - 1, .max - widest, 0] {
            for step in steps {
                let bench = try Bench.up(type)
                bench.peer.detectMultiplier = multiplier
                // The window starts anew with the keys.
                try bench.use(bench.keyChain)
                #expect(bench.hear(.up, sequence: start) == "accept")
                let isInside = (least...widest).contains(step)
                let verdict = bench.hear(.up, sequence: start &+ step)
                #expect(verdict == (isInside ? "accept" : "auth_seq_window"), "\(start) + \(step)")
            }
        }
    }

    @Test func `5880-6.7.3-07: the number is looked at before the digest`() throws {
        let bench = try Bench.up()
        bench.signer?.secret = [1]
        #expect(bench.hear(.up, sequence: 1) == "auth_seq_window")
        #expect(bench.hear(.up) == "auth_mismatch")
    }

    @Test(arguments: keyed + meticulous)
    func `5880-6.7.3-08: while no number is known, any is right`(
        _ type: AuthenticationType
    ) throws {
        for first: UInt32 in [0, 0xdead_beef, .max] {
            let secret = Array("the-secret".utf8)
            let bench = try Bench(try .single(type, secret), signer: Signer(type, secret))
            #expect(bench.hear(.down, your: 0, sequence: first) == "accept")
            #expect(bench.hear(.initializing, sequence: first &+ 1) == "accept")
            #expect(bench.hear(.up, sequence: first &+ 100) == "auth_seq_window")
        }
    }

    @Test(arguments: keyed + meticulous)
    func `5880-6.7.3-09: a wrong digest leaves the known number alone`(
        _ type: AuthenticationType
    ) throws {
        let bench = try Bench.up(type)
        let right = bench.signer
        bench.signer?.secret = [1]
        let next = bench.peerSequence
        for step: UInt32 in 0..<9 {
            #expect(bench.hear(.up, sequence: next + step) == "auth_mismatch")
        }
        bench.signer = right
        #expect(bench.hear(.up, sequence: next) == "accept")
    }

    @Test func `5880-6.7.3-09: a wrong digest makes no number known`() throws {
        let secret = Array("the-secret".utf8)
        let bench = try Bench(try .single(.keyedSHA1, secret), signer: Signer(.keyedSHA1, [1]))
        #expect(bench.hear(.down, your: 0, sequence: 5_000) == "auth_mismatch")
        bench.signer = Signer(.keyedSHA1, secret)
        #expect(bench.hear(.down, your: 0, sequence: 1_001) == "accept")
        #expect(bench.hear(.initializing, sequence: 1_000) == "auth_seq_window")
    }

    @Test(arguments: keyed)
    func `5880-6.7.3-10: a keyed number moves with what is said, and once a second, D-11`(
        _ type: AuthenticationType
    ) throws {
        let bench = try Bench.up(type)
        bench.run(for: .seconds(30), hearingEvery: .milliseconds(300))
        let steady = bench.sent
        var chosen = try #require(steady.first).at
        for (one, next) in zip(steady, steady.dropFirst()) {
            let step = sequence(of: next.bytes) &- sequence(of: one.bytes)
            #expect(step == (next.at - chosen >= .seconds(1) ? 1 : 0))
            if step == 1 { chosen = next.at }
        }
        let last = sequence(of: try #require(steady.last).bytes)
        #expect((27...31).contains(last &- sequence(of: try #require(steady.first).bytes)))
        bench.forget()
        bench.hear(.down)
        let down = try #require(bench.sent.first)
        #expect(down.packet.state == .down && sequence(of: down.bytes) == last &+ 1)
    }

    @Test func `5880-6.7.3-10: an answer to a Poll has a number of its own`() throws {
        let bench = try Bench.up()
        bench.run(for: .milliseconds(301), hearingEvery: .milliseconds(300))
        let before = sequence(of: try #require(bench.sent.last).bytes)
        bench.forget()
        bench.hear(.up, poll: true)
        let final = try #require(bench.sent.first)
        #expect(final.packet.final && sequence(of: final.bytes) == before &+ 1)
        #expect(try #require(bench.signer).isRight(final.bytes))
    }

    @Test(arguments: meticulous)
    func `5880-6.7.3-11: a meticulous number moves by one with every packet, Finals included`(
        _ type: AuthenticationType
    ) throws {
        let bench = try Bench.up(type)
        bench.peerStep = 1
        for round in 0..<1_000 {
            bench.run(for: .milliseconds(310))
            bench.hear(.up, poll: round % 3 == 0)
        }
        #expect(bench.sent.count > 1_300 && bench.sent.contains { $0.packet.final })
        for (one, next) in zip(bench.sent, bench.sent.dropFirst()) {
            #expect(sequence(of: next.bytes) == sequence(of: one.bytes) &+ 1)
        }
        #expect(bench.changes.isEmpty)
    }

    @Test(arguments: keyed + meticulous)
    func `5880-6.7.3-11: a number wraps, and the peer goes on`(_ type: AuthenticationType) throws {
        let bench = try Bench.up(type)
        let chain = try #require(bench.keyChain)
        bench.engine.authentications.insert(
            AuthenticatedSession(chain.rules, transmitSequence: .max - 2),
            at: bench.session.index)
        let far = try Bench(chain, discriminator: 0x1122_3344)
        bench.peerSequence = .max - 3
        bench.run(for: .seconds(6), hearingEvery: .milliseconds(300))
        #expect(bench.changes.isEmpty)
        let numbers = bench.sent.map { sequence(of: $0.bytes) }
        #expect(numbers.contains(.max) && numbers.contains(0))
        for sent in bench.sent { #expect(far.hear(sent.bytes) == "accept") }
    }

    @Test func `5880-6.7.3-12: the first number is random`() throws {
        let first = try (1...64 as ClosedRange<UInt64>).map { seed in
            let bench = try Bench(try .single(.keyedSHA1, [1]), seed: seed)
            bench.run(for: .milliseconds(1))
            return sequence(of: try #require(bench.sent.first).bytes)
        }
        #expect(Set(first).count == 64)
        #expect(Set(first.map { $0 >> 28 }).count > 8)
    }

    @Test func `5880-6.8.1-14: the numbers go on through Down and Up`() throws {
        let bench = try Bench.up(.meticulousKeyedSHA1)
        bench.run(for: .milliseconds(400))
        let last = sequence(of: try #require(bench.sent.last).bytes)
        bench.forget()
        bench.hear(.down)
        bench.hear(.initializing)
        let next = bench.sent.map { sequence(of: $0.bytes) }
        #expect(next.first == last &+ 1)
        #expect(next == next.indices.map { last &+ 1 &+ UInt32($0) })
    }

    @Test(arguments: keyed + meticulous)
    func `5880-6.7.3-13: the number is forgotten after two detection times, D-07`(
        _ type: AuthenticationType
    ) throws {
        // Detect Mult 3 at 300 ms: 900 ms.
        let bench = try Bench.up(type)
        bench.run(for: .milliseconds(1_799))
        #expect(bench.hear(.down, your: 0, sequence: 7) == "auth_seq_window")
        bench.run(for: .milliseconds(1))
        #expect(bench.hear(.down, your: 0, sequence: 7) == "accept")
        #expect(bench.hear(.down, your: 0, sequence: 900) == "auth_seq_window")
    }

    @Test func `5880-6.7.3-13: a packet we come to late was in time`() throws {
        let bench = try Bench.up()
        bench.signer?.secret = Array("the-secret".utf8)
        var packet = bench.peer
        packet.state = .up
        packet.yourDiscriminator = 0xa1b2_c3d4
        let old = try #require(bench.signer).signed(packet, sequence: 7)
        bench.run(for: .milliseconds(100))
        #expect(bench.hear(old, lateBy: .seconds(10)) == "auth_seq_window")
    }

    @Test func `D-07: other keys start the numbers of the peer anew, ours go on`() throws {
        let bench = try Bench.up(.meticulousKeyedSHA1)
        bench.run(for: .milliseconds(400), hearingEvery: .milliseconds(200))
        let last = sequence(of: try #require(bench.sent.last).bytes)
        bench.forget()
        try bench.use(try .single(.meticulousKeyedSHA1, key: 2, [2]))
        bench.signer = Signer(.meticulousKeyedSHA1, key: 2, [2])
        #expect(bench.hear(.up, sequence: 1) == "accept")
        bench.run(for: .milliseconds(301))
        #expect(sequence(of: try #require(bench.sent.first).bytes) == last &+ 1)
        #expect(bench.changes.isEmpty)
    }
}
