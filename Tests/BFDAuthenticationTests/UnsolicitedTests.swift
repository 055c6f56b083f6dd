import BFDAuthentication
import BFDCore
import Testing

/// Peers that start a session have to prove who they are first, where a template says so.
@Suite("RFC 9468 §6.2: authentication of sessions that peers start")
struct UnsolicitedTests {
    /// An engine with one template, and a peer.
    private final class Doors {
        var engine = Engine(capacity: 8, seed: 1)
        let keyChain: KeyChain
        let type: AuthenticationType
        private(set) var created: [SessionHandle] = []
        private(set) var sent: [Transmission] = []
        var now = Instant(nanoseconds: 1_000_000_000_000)
        var packet = ControlPacket(
            diagnostic: .none, state: .down, detectMultiplier: 3, myDiscriminator: 0x1122_3344,
            yourDiscriminator: 0, desiredMinTxInterval: .second, requiredMinRxInterval: .second)

        init(
            _ type: AuthenticationType = .meticulousKeyedSHA1, maximumSessionCount: Int = 4
        ) throws {
            self.type = type
            keyChain = try .single(type, Array("the-secret".utf8))
            let template = UnsolicitedTemplate(
                prefix: AddressPrefix(address: IPAddress(ipv4: 0x0a05_cc00), bitCount: 24),
                maximumSessionCount: maximumSessionCount)
            let number = try engine.addTemplate(template)
            engine.setAuthentication(keyChain.rules, ofTemplate: number)
        }

        func hear(
            _ secret: String = "the-secret", key: UInt8 = 1, sequence: UInt32 = 7,
            from last: UInt32 = 7
        ) -> Reception {
            let signer = Signer(type, key: key, Array(secret.utf8))
            return hear(signer.signed(packet, sequence: sequence), from: last)
        }

        func hear(_ bytes: [UInt8], from last: UInt32 = 7) -> Reception {
            let arrival = Arrival(
                source: IPAddress(ipv4: 0x0a05_cc00 + last),
                destination: IPAddress(ipv4: 0x0a05_cc01), interfaceIndex: 7, hopLimit: 255,
                receivedAt: now)
            var reception = engine.receive(bytes.span, arrival, at: now)
            if case .needsDigest(let challenge) = reception {
                let isRight = keyChain.matches(challenge, bytes.span)
                reception = engine.finish(challenge, digestMatches: isRight, at: now)
            }
            fetch()
            return reception
        }

        func run(for span: Nanoseconds) {
            let end = now + span
            while let deadline = engine.nextDeadline, deadline <= end {
                now = max(now, deadline)
                engine.handleTimeout(at: now)
                fetch()
            }
            now = end
        }

        private func fetch() {
            while let output = engine.poll() {
                switch output {
                case .created(let handle): created.append(handle)
                case .transmit(let transmission): sent.append(transmission)
                case .transmitEcho, .stateChanged, .removed: break
                }
            }
        }
    }

    @Test(arguments: AuthenticationType.allCases)
    func `9468-6.2-01: the right digest gets a session that goes on authenticating`(
        _ type: AuthenticationType
    ) throws {
        let doors = try Doors(type)
        guard case .accepted(let handle) = doors.hear() else { throw Refused() }
        #expect(doors.created == [handle])
        #expect(doors.engine.state(of: handle) == .initializing)
        #expect(doors.engine.authenticationType(of: handle) == type)
        #expect(doors.engine.session(handle)?.templateNumber == 0)
        doors.run(for: .seconds(2))
        #expect(!doors.sent.isEmpty)
        for transmission in doors.sent { #expect(transmission.authentication?.type == type) }
        if type == .meticulousKeyedSHA1 {
            // The number of the first packet counts.
            #expect(doors.hear(sequence: 7).reason == .authenticationSequenceOutsideWindow)
            #expect(doors.hear(sequence: 8).reason == nil)
        }
    }

    private struct Refused: Error {}

    @Test func `9468-6.2-01: without the secret nobody gets a session, nor uses up a place`()
        throws
    {
        let doors = try Doors(maximumSessionCount: 1)
        for last: UInt32 in 2..<100 {
            #expect(doors.hear("another", from: last).reason == .authenticationMismatch)
            #expect(doors.hear(key: 2, from: last).reason == .authenticationKeyUnknown)
        }
        var plain = [UInt8](repeating: 0, count: 24)
        var span = plain.mutableSpan
        var raw = unsafe span.mutableBytes
        doors.packet.encode(into: &raw)
        #expect(doors.hear(plain).reason == .authenticationMissing)
        let weak = Signer(.keyedSHA1, Array("the-secret".utf8)).signed(doors.packet, sequence: 1)
        #expect(doors.hear(weak).reason == .authenticationTypeMismatch)
        #expect(doors.engine.sessionCount == 0 && doors.created.isEmpty)
        // Neither the bound nor the rate has been spent.
        #expect(doors.hear(from: 100).reason == nil)
        #expect(doors.hear(from: 101).reason == .noSession)
    }
}

extension Reception {
    fileprivate var reason: DiscardReason? {
        switch self {
        case .discarded(let reason): reason
        case .accepted, .needsDigest: nil
        }
    }
}
