import BFDCore
import Testing

/// Every packet that needs no S-BFD or Echo, through a whole engine.
@Suite("Packet vectors through the engine")
struct PacketVectorTests {
    static let vectors = PacketVectors.all.filter(Self.isCovered)

    static func isCovered(_ vector: PacketVector) -> Bool {
        ["single-hop", "multihop", "micro-bfd"].contains(vector.receiver.transport)
    }

    @Test func `103 of the packets need nothing that is still to come`() {
        #expect(Self.vectors.count == 103)
    }

    @Test(arguments: vectors)
    func `the verdict on a packet is the one that stands beside it`(
        _ vector: PacketVector
    ) throws {
        try Self.check(vector)
    }

    @Test(arguments: vectors.filter(\.isAccepted))
    func `the decoder reads the fields of a good packet, and the encoder writes them back`(
        _ vector: PacketVector
    ) throws {
        let fields = try #require(vector.fields)
        let packet = try ControlPacket(decoding: vector.bytes.span)
        #expect(packet.diagnostic.rawValue == fields.diagnostic)
        #expect("\(packet.state)" == fields.state)
        #expect(packet.poll == fields.poll)
        #expect(packet.final == fields.final)
        #expect(packet.controlPlaneIndependent == fields.controlPlaneIndependent)
        #expect(packet.authenticationPresent == fields.authenticationPresent)
        #expect(packet.demand == fields.demand)
        #expect(packet.detectMultiplier == fields.detectMultiplier)
        #expect(packet.length == fields.length)
        #expect(packet.myDiscriminator == fields.myDiscriminator)
        #expect(packet.yourDiscriminator == fields.yourDiscriminator)
        #expect(packet.desiredMinTxInterval.count == fields.desiredMinTxInterval)
        #expect(packet.requiredMinRxInterval.count == fields.requiredMinRxInterval)
        #expect(packet.requiredMinEchoRxInterval.count == fields.requiredMinEchoRxInterval)
        if vector.bytes.count == 24 { #expect(encoded(packet) == vector.bytes) }
    }

    /// Checks all packets of a requirement; a requirement without any would check nothing.
    static func check(requirement: String, count: Int) throws {
        let about = vectors.filter { $0.requirements.contains(requirement) }
        #expect(about.count == count, "\(requirement)")
        for vector in about { try check(vector) }
    }

    private static func check(_ vector: PacketVector) throws {
        let bench = try bench(for: vector)
        let session = try bench.variables
        #expect("\(session.state)" == vector.receiver.state, "\(vector.name): starts elsewhere")
        let listener = bench.node.engine.discards
        let deadline = bench.node.engine.nextDeadline
        bench.forget()
        let reception = bench.hear(vector.bytes)
        let reason = reception.reason.map { "\($0.name)" } ?? "accept"
        #expect(reason == vector.verdict, "\(vector.name)")
        let after = try bench.variables
        if vector.isAccepted {
            #expect(after.counters.received == session.counters.received + 1)
            #expect(after.lastReceived == bench.now)
            return
        }
        #expect(variables(of: after) == variables(of: session), "\(vector.name)")
        #expect(bench.sent.isEmpty && bench.changes.isEmpty, "\(vector.name)")
        #expect(bench.node.engine.nextDeadline == deadline, "\(vector.name)")
        for case let other in DiscardReason.allCases {
            let before = listener.count(of: other) + session.counters.discards.count(of: other)
            let now =
                bench.node.engine.discards.count(of: other)
                + after.counters.discards.count(of: other)
            #expect(now - before == (other == reception.reason ? 1 : 0), "\(vector.name): \(other)")
        }
    }

    /// A session as the packet expects to find it.
    private static func bench(for vector: PacketVector) throws -> Bench {
        let receiver = vector.receiver
        let isMicro = receiver.transport == "micro-bfd"
        let isMultihop = receiver.transport == "multihop"
        let path = Path(
            destination: .beta, isBoundToInterface: isMicro, interfaceIndex: isMicro ? 7 : 0,
            transport: isMicro ? .microBFD : isMultihop ? .multihop : .singleHop)
        let configuration = SessionConfiguration(
            path: path, minimumTTL: receiver.minimumTTL,
            localDiscriminator: receiver.localDiscriminator)
        #expect(path.transport.destinationPort == receiver.port, "\(vector.name)")
        let bench = try Bench(configuration)
        bench.arrival.transport = configuration.path.transport
        switch receiver.state {
        case "initializing": try bench.hear(.down, your: 0)
        case "up": try bench.bringUp()
        default: break
        }
        if let keyChain = try vector.keyChain {
            try bench.authenticate(keyChain)
            if let sequence = vector.authentication?.receivedSequence {
                let state: SessionState = receiver.state == "up" ? .up : .adminDown
                let key = vector.authentication?.keys.first?.id ?? 0
                try bench.hear(state, keyChain, key: key, sequence: sequence)
            }
        }
        bench.arrival.hopLimit = vector.ttl
        if receiver.knowsPeer == false { bench.arrival.source = .stranger }
        if receiver.onItsInterface == false { bench.arrival.interfaceIndex = 8 }
        return bench
    }

    /// All of a session but what it counted.
    static func variables(of session: Session) -> [String] {
        Mirror(reflecting: session).children.filter { $0.label != "counters" }
            .map { "\($0.label ?? "")=\($0.value)" }
    }
}
