import BFDAuthentication
import Testing

@testable import BFDCore

@Suite("RFC 9468 §6.2: who asks for a session proves who they are, where it is asked for")
struct UnsolicitedAuthenticationTests {
    private static let type = AuthenticationType.meticulousKeyedSHA1

    private let keyChain: KeyChain
    private let now = Instant(nanoseconds: 1_000_000_000_000)
    private let packet = ControlPacket(
        diagnostic: .none, state: .down, detectMultiplier: 3, myDiscriminator: 0x1122_3344,
        yourDiscriminator: 0, desiredMinTxInterval: .second, requiredMinRxInterval: .second)

    init() throws {
        keyChain = try KeyChain(
            type: Self.type, keys: [Key(id: 4, secret: Secret(Array("the-secret".utf8)))])
    }

    /// An engine whose template authenticates, or does not.
    private func node(authenticating: Bool) throws -> Node {
        let node = Node()
        let number = try node.engine.addTemplate(
            UnsolicitedTemplate(
                prefix: AddressPrefix(address: IPAddress(ipv4: 0x0a05_cc00), bitCount: 24)))
        if authenticating { node.engine.setAuthentication(keyChain.rules, ofTemplate: number) }
        return node
    }

    private func hear(_ bytes: [UInt8], _ node: Node) -> Reception {
        let arrival = Arrival(
            source: IPAddress(ipv4: 0x0a05_cc07), destination: IPAddress(ipv4: 0x0a05_cc01),
            interfaceIndex: 7, hopLimit: 255, receivedAt: now)
        let reception = node.engine.receive(bytes.span, arrival, at: now)
        guard case .needsDigest(let challenge) = reception else { return reception }
        return node.engine.finish(
            challenge, digestMatches: keyChain.matches(challenge, bytes.span), at: now)
    }

    private func signed(_ sequence: UInt32) -> [UInt8] {
        var packet = packet
        packet.authenticationPresent = true
        let header = AuthenticationHeader(type: Self.type, keyID: 4, sequence: sequence)
        packet.length += UInt8(keyChain.section(header, packet).count)
        return encoded(packet) + keyChain.section(header, packet)
    }

    @Test func `9468-6.2-01: the number of the first packet cannot be played again`() throws {
        let node = try node(authenticating: true)
        #expect(hear(signed(700), node).reason == nil)
        #expect(node.engine.sessionCount == 1)
        #expect(hear(signed(700), node).reason == .authenticationSequenceOutsideWindow)
        #expect(hear(signed(720), node).reason == .authenticationSequenceOutsideWindow)
        #expect(hear(signed(701), node).reason == nil)
    }

    @Test func `9468-6.2-01: without a section there is no session`() throws {
        let node = try node(authenticating: true)
        #expect(hear(encoded(packet), node).reason == .authenticationMissing)
        #expect(node.engine.sessionCount == 0)
    }

    @Test func `9468-6.2-01: a section where none is asked for is refused`() throws {
        let node = try node(authenticating: false)
        #expect(hear(signed(700), node).reason == .authenticationUnexpected)
        #expect(node.engine.sessionCount == 0)
        #expect(hear(encoded(packet), node).reason == nil)
    }

    @Test func `the numbers of a slot are not those of its next session`() throws {
        let node = try node(authenticating: true)
        #expect(hear(signed(700), node).reason == nil)
        node.fetch(at: now)
        let first = try #require(node.created.first)
        let sequence = node.engine.transmitSequence(of: first)
        let last = try #require(sequence)
        try node.engine.removeSession(first, at: now)
        var time = now
        while node.engine.sessionCount > 0, let deadline = node.engine.nextDeadline {
            time = max(time, deadline)
            node.timeOut(at: time)
        }
        let next = try node.engine.addSession(.toBeta(), at: time)
        try node.engine.setAuthentication(keyChain.rules, next, goingOnAfter: last + 9, at: time)
        // Whatever had used the slot before, the number that was kept for this one counts.
        #expect(node.engine.transmitSequence(of: next) == last + 9)
        try node.engine.setAuthentication(nil, next, at: time)
        #expect(node.engine.transmitSequence(of: next) == nil)
        try node.engine.setAuthentication(keyChain.rules, next, goingOnAfter: 1, at: time)
        #expect(node.engine.transmitSequence(of: next) == last + 9)
    }
}
