import BFDCore

/// Feeds an engine packets, timeouts and what operators do, as the input says, and checks what must
/// hold whatever happens.
@c(LLVMFuzzerTestOneInput)
public func fuzzEngine(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    var input = InputReader(unsafe Array(UnsafeBufferPointer(start: data, count: count)))
    var driver = FuzzDriver(seed: UInt64(input.byte()))
    var steps = 0
    while !input.isEmpty && steps < 400 {
        driver.step(&input)
        driver.check()
        steps += 1
    }
    return 0
}

private struct FuzzDriver: ~Copyable {
    private var engine: Engine
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var handles: [SessionHandle] = []
    private var lastEcho: [UInt8] = []
    private static let peers = (1...3).map { IPAddress(ipv4: 0x0a00_0000 + UInt32($0)) }
    private static let own = IPAddress(ipv4: 0x0a00_00fe)

    init(seed: UInt64) {
        engine = Engine(capacity: 4, seed: seed)
        for peer in Self.peers.prefix(2) {
            let configuration = SessionConfiguration(path: Path(destination: peer))
            if let handle = try? engine.addSession(configuration, at: now) {
                handles.append(handle)
            }
        }
    }

    mutating func step(_ input: inout InputReader) {
        switch input.byte() % 12 {
        case 0: pass(Nanoseconds(Int64(input.interval()) * 1_000))
        case 1: reachDeadline()
        case 2: operate(&input)
        case 3: change(&input)
        case 4: authenticate(&input)
        case 5: add(&input)
        case 6: hearEcho(&input)
        default: hear(&input)
        }
        fetch()
    }

    /// A packet, mostly with the right discriminator.
    private mutating func hear(_ input: inout InputReader) {
        let flags = input.byte()
        var your: UInt32 = 0
        if flags & 1 == 0, let session = pick(&input).flatMap({ engine.session($0) }) {
            your = session.localDiscriminator
        }
        var packet = ControlPacket(
            diagnostic: Diagnostic(rawValue: input.byte()),
            state: SessionState(rawValue: flags >> 6) ?? .down, poll: flags & 2 != 0,
            final: flags & 4 != 0, demand: flags & 8 != 0, detectMultiplier: input.byte(),
            myDiscriminator: UInt32(input.byte()), yourDiscriminator: your,
            desiredMinTxInterval: Microseconds(input.interval()),
            requiredMinRxInterval: Microseconds(input.interval()),
            requiredMinEchoRxInterval: Microseconds(UInt32(input.byte()) * 1_000))
        var section: [UInt8] = []
        if flags & 16 != 0 {
            packet.authenticationPresent = true
            let size = input.byte() % 32
            section = [input.byte() % 7, flags & 32 != 0 ? size : 28, input.byte() % 3, 0]
            section += [0, 0, 0, input.byte()] + [UInt8](repeating: 0, count: 20)
            packet.length = 24 + size
        }
        let bytes = (0..<24).map { packet.octet(at: $0) } + section
        let arrival = Arrival(
            source: Self.peers[Int(input.byte()) % 3], destination: Self.own, interfaceIndex: 1,
            hopLimit: flags & 32 != 0 && flags & 1 != 0 ? input.byte() : 255, receivedAt: now)
        let reception = engine.receive(bytes.span, arrival, at: now)
        if case .needsDigest(let challenge) = reception {
            precondition(challenge.byteCount <= bytes.count)
            _ = engine.finish(challenge, digestMatches: input.byte() & 3 != 0, at: now)
        }
    }

    /// A made-up Echo packet, or the last one of ours, come back.
    private mutating func hearEcho(_ input: inout InputReader) {
        let isOurs = input.byte() & 1 == 0
        let bytes = isOurs ? lastEcho : (0..<40).map { _ in input.byte() }
        let arrival = Arrival(
            source: Self.own, destination: Self.own, interfaceIndex: 1, hopLimit: 254,
            transport: .unaffiliatedEcho, receivedAt: now)
        _ = engine.receiveEcho(bytes.span, arrival, at: now)
    }

    private mutating func pass(_ span: Nanoseconds) {
        now = now + span
        engine.handleTimeout(at: now)
    }

    private mutating func reachDeadline() {
        guard let deadline = engine.nextDeadline else { return }
        if now < deadline { now = deadline }
        engine.handleTimeout(at: now)
    }

    private mutating func pick(_ input: inout InputReader) -> SessionHandle? {
        let index = Int(input.byte())
        return handles.isEmpty ? nil : handles[index % handles.count]
    }

    private mutating func operate(_ input: inout InputReader) {
        guard let handle = pick(&input) else { return }
        let isOn = input.byte() & 1 != 0
        switch input.byte() % 8 {
        case 0: try? engine.setAdministrativelyDown(isOn, handle, at: now)
        case 1: try? engine.setPathDown(isOn, handle, at: now)
        case 2: try? engine.resetForwardingPlane(handle, at: now)
        case 3:
            try? engine.setConcatenatedPathDiagnostic(
                isOn ? .concatenatedPathDown : nil, handle, at: now)
        case 4:
            let held = Microseconds(input.interval())
            try? engine.setHeldDown(isOn, handle, requiredMinRxInterval: held, at: now)
        case 5: try? engine.verify(handle, at: now)
        case 6: try? engine.removeSession(handle, at: now)
        default: engine.noteSendFailure(handle)
        }
    }

    private mutating func change(_ input: inout InputReader) {
        guard let handle = pick(&input), var configuration = engine.session(handle)?.configuration
        else { return }
        switch input.byte() % 10 {
        case 0: configuration.desiredMinTxInterval = Microseconds(input.interval())
        case 1: configuration.requiredMinRxInterval = Microseconds(input.interval())
        case 2: configuration.detectMultiplier = input.byte()
        case 3: configuration.role = input.byte() & 1 == 0 ? .active : .passive
        case 4: configuration.demandMode = input.byte() & 1 == 0
        case 5: configuration.adaptsToCongestion = input.byte() & 1 == 0
        case 6: configuration.minimumTTL = input.byte()
        case 7: configuration.desiredMinEchoTxInterval = Microseconds(input.interval())
        case 8: configuration.requiredMinEchoRxInterval = Microseconds(input.interval())
        default: configuration.strictSource = input.byte() & 1 == 0
        }
        try? engine.update(handle, to: configuration, at: now)
    }

    private mutating func authenticate(_ input: inout InputReader) {
        guard let handle = pick(&input) else { return }
        guard let type = AuthenticationType(rawValue: input.byte() % 6) else {
            try? engine.setAuthentication(nil, handle, at: now)
            return
        }
        let keys = (0...Int(input.byte() % 2)).map { id in
            AuthenticationKey(id: UInt8(id), secretByteCount: input.byte() % 16 + 1)
        }
        let rules = SessionAuthentication(type: type, keys: keys)
        try? engine.setAuthentication(rules, handle, at: now)
    }

    private mutating func add(_ input: inout InputReader) {
        let peer = Self.peers[Int(input.byte()) % 3]
        var configuration = SessionConfiguration(path: Path(destination: peer))
        configuration.localDiscriminator = UInt32(input.byte())
        configuration.desiredMinTxInterval = Microseconds(input.interval())
        configuration.role = input.byte() & 1 == 0 ? .active : .passive
        if let handle = try? engine.addSession(configuration, at: now) { handles.append(handle) }
    }

    /// Fetches all outputs: a packet must be one that RFC 5880 §6.8.7 allows.
    private mutating func fetch() {
        while let output = engine.poll() {
            switch output {
            case .transmit(let transmission):
                let packet = transmission.packet
                precondition(packet.myDiscriminator != 0 && packet.detectMultiplier != 0)
                precondition(!(packet.poll && packet.final))
                precondition(!packet.demand || packet.state == .up)
                precondition(packet.desiredMinTxInterval.count > 0)
                precondition(packet.state == .up || packet.desiredMinTxInterval >= .second)
            case .transmitEcho(let transmission): lastEcho = Self.octets(transmission)
            case .stateChanged(let change): precondition(change.from != change.to)
            case .removed(let handle): handles.removeAll { $0 == handle }
            case .created(let handle): handles.append(handle)
            }
        }
    }

    private static func octets(_ transmission: EchoTransmission) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: EchoPayload.byteCount)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        transmission.payload.encode(into: &raw, at: 0)
        return bytes
    }

    /// What holds at any time.
    func check() {
        precondition(engine.sessionCount <= engine.capacity)
        for handle in handles {
            guard let session = engine.session(handle) else { continue }
            precondition(session.localDiscriminator != 0)
            precondition(session.state == .up || session.desiredMinTxInterval >= .second)
            precondition(session.transmitInterval >= session.remoteMinRxInterval)
        }
    }
}
