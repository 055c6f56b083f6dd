import BFDCore
import Testing

@Suite("RFC 5880 §4: packet format")
struct CodecTests {
    @Test func `5880-4.1-01: fields stand in the order and width of the header`() throws {
        try PacketVectorTests.check(requirement: "5880-4.1-01", count: 1)
        let packet = ControlPacket(
            diagnostic: Diagnostic(rawValue: 0b10101), state: .initializing, poll: true,
            controlPlaneIndependent: true, demand: true, detectMultiplier: 0xab,
            myDiscriminator: 0x0102_0304, yourDiscriminator: 0x0506_0708,
            desiredMinTxInterval: Microseconds(0x090a_0b0c),
            requiredMinRxInterval: Microseconds(0x0d0e_0f10),
            requiredMinEchoRxInterval: Microseconds(0x1112_1314))
        #expect(encoded(packet) == [0b001_10101, 0b10_101010, 0xab, 24] + Array(1...0x14))
    }

    @Test(arguments: SessionState.allCases, [UInt8](0...31))
    func `5880-4.1-01: what is encoded decodes to itself`(
        _ state: SessionState, _ diagnostic: UInt8
    ) throws {
        for bits in UInt8(0)..<16 {
            let packet = ControlPacket(
                diagnostic: Diagnostic(rawValue: diagnostic), state: state, poll: bits & 1 != 0,
                final: bits & 2 != 0, controlPlaneIndependent: bits & 4 != 0,
                demand: bits & 8 != 0, detectMultiplier: bits + 1, myDiscriminator: .max,
                yourDiscriminator: UInt32(bits), desiredMinTxInterval: Microseconds(.max),
                requiredMinRxInterval: Microseconds(1))
            #expect(try ControlPacket(decoding: encoded(packet).span) == packet)
        }
    }

    @Test func `5880-4.1-03: an unassigned diagnostic is shown as its number`() throws {
        try PacketVectorTests.check(requirement: "5880-4.1-03", count: 1)
        let bench = try Bench.up()
        bench.peer.diagnostic = Diagnostic(rawValue: 31)
        try bench.hear(.up)
        #expect(try bench.variables.state == .up)
        #expect(try bench.variables.remoteDiagnostic.rawValue == 31)
    }

    @Test(arguments: [false, true])
    func `5880-4.1-06: the C bit is what the operator says`(_ isIndependent: Bool) throws {
        try PacketVectorTests.check(requirement: "5880-4.1-06", count: 1)
        var configuration = SessionConfiguration.toBeta()
        configuration.controlPlaneIndependent = isIndependent
        let bench = try Bench(configuration)
        try bench.hear(.down, your: 0)
        try bench.hear(.up, poll: true)
        bench.run(for: .seconds(5))
        #expect(bench.sent.count > 6)
        #expect(bench.sent.allSatisfy { ($0.bytes[1] & 0x08 != 0) == isIndependent })
    }

    @Test func `5880-4.1-09: the M bit is never sent, and refused when received`() throws {
        let bench = try Bench()
        try bench.hear(.down, your: 0)
        try bench.hear(.up, poll: true)
        bench.run(for: .seconds(5))
        #expect(bench.sent.count > 6)
        #expect(bench.sent.allSatisfy { $0.bytes[1] & 0x01 == 0 })
        let vector = try PacketVectors.named("multipoint-set")
        #expect(bench.hear(vector.bytes).reason == .multipointSet)
    }

    @Test func `5880-4.1-10: Length is that of the packet`() throws {
        let bench = try Bench.up()
        bench.run(for: .milliseconds(700))
        #expect(bench.sent.count >= 2)
        #expect(bench.sent.allSatisfy { $0.bytes[3] == 24 })
    }

    @Test func `5880-4.1-14: a Desired Min TX of zero is refused here, tolerated there`() throws {
        var configuration = SessionConfiguration.toBeta()
        configuration.desiredMinTxInterval = Microseconds(0)
        #expect(throws: EngineError.desiredMinTxIntervalZero) { _ = try Bench(configuration) }
        let bench = try Bench.up()
        bench.peer.desiredMinTxInterval = Microseconds(0)
        #expect(try bench.hear(.up).reason == nil)
        #expect(try bench.variables.detectionTime == .milliseconds(900))
    }

    @Test func `5880-4.1-17: the longest detection time is exact`() throws {
        let bench = try Bench.up()
        bench.peer.detectMultiplier = 255
        bench.setPeerInterval(.max)
        bench.peer.myDiscriminator = .max
        try bench.hear(.up)
        let detectionTime = Nanoseconds(1_095_216_660_225_000)
        #expect(try bench.variables.detectionTime == detectionTime)
        bench.run(for: detectionTime - Nanoseconds(1))
        #expect(try bench.variables.state == .up)
        bench.run(for: Nanoseconds(1))
        #expect(try bench.variables.state == .down)
    }

    @Test func `octets after the packet are not looked at`() throws {
        let bench = try Bench.up()
        for name in ["padded-64", "padded-garbage", "length-26-no-auth"] {
            var bytes = try PacketVectors.named(name).bytes
            bytes.replaceSubrange(8..<12, with: bigEndian(try bench.variables.localDiscriminator))
            #expect(bench.hear(bytes).reason == nil, "\(name)")
        }
    }

    @Test func `bug 27: no octet string at all traps the decoder`() {
        var random = SplitMix64(seed: 5)
        for length in 0...64 {
            for _ in 0..<200 {
                var bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                if length > 3 { bytes[0] = 0x20 | bytes[0] & 0x1f }
                guard let packet = try? ControlPacket(decoding: bytes.span) else { continue }
                #expect(length >= 24 && packet.detectMultiplier > 0)
                #expect(packet.myDiscriminator != 0 && Int(packet.length) <= length)
            }
        }
    }

    private func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }
}
