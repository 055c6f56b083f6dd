import BFDAuthentication
import BFDCore
import Testing

@Suite("RFC 9764: large packets")
struct LargePacketTests {
    private static let peer6 = IPAddress(ipv6High: 0x2001_0db8_0000_0000, low: 1)

    private func bench(_ pduSize: UInt16, to destination: IPAddress = .beta) throws -> Bench {
        var configuration = SessionConfiguration(path: Path(destination: destination))
        configuration.pduSize = pduSize
        let bench = try Bench(configuration)
        bench.arrival.source = destination
        return bench
    }

    @Test(arguments: [UInt16(1_500), 9_000, 65_535])
    func `9764-3-01: padding fills the IP packet and leaves Length alone`(_ size: UInt16) throws {
        for (destination, headers) in [(IPAddress.beta, 28), (Self.peer6, 48)] {
            let bench = try bench(size, to: destination)
            try bench.bringUp()
            bench.run(for: .seconds(1))
            #expect(!bench.sent.isEmpty)
            #expect(bench.sent.allSatisfy { $0.payloadByteCount == Int(size) - headers })
            #expect(bench.sent.allSatisfy { $0.packet.length == 24 })
        }
    }

    @Test(arguments: [UInt16(0), 24, 30, 51, 52, 53])
    func `9764-3-02: a packet's own size is the least`(_ size: UInt16) throws {
        let bench = try bench(size)
        #expect(bench.sent.first?.payloadByteCount == (size == 53 ? 25 : 24))
    }

    @Test func `9764-3-02: authentication makes a packet's own size larger`() throws {
        let bench = try bench(30)
        let key = Key(id: 1, secret: Secret(Array("secret".utf8)))
        try bench.authenticate(KeyChain(type: .keyedSHA1, keys: [key]))
        bench.run(for: .seconds(1))
        #expect(bench.sent.last?.payloadByteCount == 52)
    }

    @Test func `9764-3-04: the digest ends with Length`() throws {
        try PacketVectorTests.check(requirement: "9764-3-04", count: 1)
    }

    @Test func `9764-3-03: what follows Length is not looked at`() throws {
        try PacketVectorTests.check(requirement: "9764-3-03", count: 2)
        let bench = try Bench.up()
        var packet = bench.peer
        packet.state = .up
        packet.yourDiscriminator = try bench.variables.localDiscriminator
        let jumbo = encoded(packet) + [UInt8](repeating: 0xa5, count: 9_000 - 24)
        #expect(bench.hear(jumbo).reason == nil)
    }

    @Test func `9764-4.2-01: the size in force changes with the configuration, at once`() throws {
        // A session has one client here, its configuration: the largest of its sizes is its size.
        let bench = try bench(1_000)
        try bench.bringUp()
        try bench.update { $0.pduSize = 9_000 }
        bench.run(for: .milliseconds(600))
        #expect(bench.sent.count >= 2)
        #expect(bench.sent.allSatisfy { $0.payloadByteCount == 8_972 })
        #expect(try bench.variables.state == .up)
    }

    @Test func `9764-4.1-01: a peer that our packets do not reach takes the session down`() throws {
        let bench = try bench(9_000)
        try bench.bringUp()
        try bench.hear(.down)
        #expect(try bench.variables.state == .down)
        #expect(try bench.variables.localDiagnostic == .neighborSignaledSessionDown)
    }
}
