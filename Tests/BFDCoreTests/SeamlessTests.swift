import BFDCore
import Testing

@Suite("RFC 7880 and 7881: S-BFD")
struct SeamlessTests {
    static let vectors = PacketVectors.all.filter { $0.receiver.transport.hasPrefix("sbfd-") }

    private let reflector = SeamlessReflector(
        discriminator: 0xa1b2_c3d4, requiredMinRxInterval: Microseconds(100_000))
    private let initiator = SeamlessInitiator(
        localDiscriminator: 0x1122_3344, remoteDiscriminator: 0xa1b2_c3d4,
        desiredMinTxInterval: .second, detectMultiplier: 3)

    private func reply(_ bytes: [UInt8], _ port: UInt16) -> String {
        do throws(DiscardReason) {
            _ = try reflector.answer(bytes.span, sourcePort: port)
            return "accept"
        } catch {
            return "\(error.name)"
        }
    }

    private func opinion(_ bytes: [UInt8]) -> String {
        do throws(DiscardReason) {
            _ = try initiator.check(bytes.span)
            return "accept"
        } catch {
            return "\(error.name)"
        }
    }

    private func answer(_ bytes: [UInt8], port: UInt16 = 50_000) throws -> ControlPacket {
        try reflector.answer(bytes.span, sourcePort: port)
    }

    private func bytes(_ name: String) throws -> [UInt8] {
        try PacketVectors.named(name).bytes
    }

    @Test func `there are seven packets of S-BFD`() {
        #expect(Self.vectors.count == 7)
    }

    @Test(arguments: vectors)
    func `the verdict on a packet is the one that stands beside it`(
        _ vector: PacketVector
    ) throws {
        let bytes = vector.bytes
        let isRequest = vector.receiver.transport == "sbfd-reflector"
        let verdict = isRequest ? reply(bytes, vector.receiver.sourcePort ?? 0) : opinion(bytes)
        #expect(verdict == vector.verdict)
    }

    @Test func `7880-7.2.2-01, 7880-7.2.2-02: the answer, octet for octet`() throws {
        #expect(encoded(try answer(try bytes("sbfd-request"))) == (try bytes("sbfd-response")))
    }

    @Test func `7880-5-02: the same request twice is answered twice`() throws {
        let request = try bytes("sbfd-request")
        #expect(encoded(try answer(request)) == encoded(try answer(request)))
    }

    @Test func `7880-7.2.3-01, 7880-7.2.3-02: capacity and service show in the answer`() throws {
        var reflector = reflector
        reflector.requiredMinRxInterval = Microseconds(700_000)
        reflector.isInService = false
        let request = try bytes("sbfd-request")
        let response = try reflector.answer(request.span, sourcePort: 50_000)
        #expect(response.state == .adminDown)
        #expect(response.requiredMinRxInterval == Microseconds(700_000))
        let answer = encoded(response)
        #expect(try initiator.check(answer.span) == .outOfService)
    }

    @Test func `7880-7.3.1-01: an answer that says Up is Up`() throws {
        let answer = try bytes("sbfd-response")
        #expect(try initiator.check(answer.span) == .up)
    }

    @Test func `7880-7.3.2-01: a request, octet for octet`() throws {
        #expect(encoded(initiator.request(.down, poll: false)) == (try bytes("sbfd-request")))
    }

    @Test func `7880-7.5-01: P is answered by F without P`() throws {
        let response = try answer(try bytes("sbfd-request-poll"))
        #expect(response.final && !response.poll)
        let plain = try answer(try bytes("sbfd-request"))
        #expect(!plain.final && !plain.poll)
    }
}
