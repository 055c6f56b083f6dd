import BFDAuthentication
import BFDCore
import Testing

/// Where a secret must not be found.
@Suite("Secrets stay secret")
struct SecrecyTests {
    static let secret = Array("p4ssw0rd-of-ours".utf8)

    @Test(arguments: RuleTests.digests)
    func `5880-6.7.3-14: the key is in no packet`(_ type: AuthenticationType) throws {
        let bench = try Bench(
            try .single(type, Self.secret), signer: Signer(type, Self.secret))
        try bench.bringUp()
        bench.run(for: .seconds(30), hearingEvery: .milliseconds(300))
        for part in 0..<(Self.secret.count - 3) {
            let piece = Self.secret[part..<(part + 4)]
            #expect(!bench.sent.contains { $0.bytes.contains(piece) })
        }
    }

    @Test func `5880-6.7.3-14: no description, dump or mirror shows the key`() throws {
        let text = String(decoding: Self.secret, as: UTF8.self)
        let key = Key(id: 1, secret: Secret(Self.secret))
        let chain = try KeyChain(type: .meticulousKeyedSHA1, keys: [key])
        var shown: [String] = []
        for value in [chain, key, key.secret, chain.rules, [chain]] as [Any] {
            var dumped = ""
            dump(value, to: &dumped)
            shown += [dumped, "\(value)", String(reflecting: value), String(describing: value)]
        }
        for one in shown {
            #expect(!one.contains(text) && !one.contains("p4ss"))
            // Nor as a list of octets.
            #expect(!one.contains("112, 52") && !one.contains("- 112"))
        }
    }

    @Test func `a mistake about a key names its id and length, not the key`() throws {
        let long = Self.secret + Self.secret
        do throws(KeyChainError) {
            _ = try KeyChain.make(.keyedSHA1, long)
            Issue.record("accepted")
        } catch {
            #expect("\(error)".contains("32") && !"\(error)".contains("p4ss"))
        }
    }
}

extension KeyChain {
    fileprivate static func make(
        _ type: AuthenticationType, _ secret: [UInt8]
    ) throws(KeyChainError) -> KeyChain {
        try KeyChain(type: type, keys: [Key(id: 1, secret: Secret(secret))])
    }
}
