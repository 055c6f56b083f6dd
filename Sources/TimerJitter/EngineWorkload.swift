public import BFDCore
internal import LinuxSystem

/// A real engine with sessions that are Up, and peers that never need to be heard again.
///
/// The peers ask for packets at the interval, but promise one of their own every second at most,
/// with the largest multiplier: four minutes in which nothing but transmission is due.
public struct EngineWorkload: ~Copyable {
    private var engine: Engine
    private var buffer = TransmitBuffer()
    /// The moment from which on everything happens.
    public let start: Instant
    /// What the peers send, 24 octets each.
    private var heard: [InlineArray<24, UInt8>] = []
    private var arrivals: [Arrival] = []
    private var handles: [SessionHandle] = []

    /// Brings the sessions Up, at a moment that the caller's clock starts from.
    public init(
        sessionCount: Int, interval: Microseconds, at start: Instant, seed: UInt64 = 1
    ) throws(EngineError) {
        self.start = start
        engine = Engine(capacity: sessionCount, seed: seed)
        heard.reserveCapacity(sessionCount)
        arrivals.reserveCapacity(sessionCount)
        for number in 0..<sessionCount {
            let address = IPAddress(ipv4: 0x0a40_0001 + UInt32(number))
            let configuration = SessionConfiguration(
                path: Path(destination: address), desiredMinTxInterval: interval,
                requiredMinRxInterval: interval)
            let handle = try engine.addSession(configuration, at: start)
            handles.append(handle)
            arrivals.append(
                Arrival(
                    source: address, destination: IPAddress(ipv4: 0x0a00_0001), interfaceIndex: 1,
                    hopLimit: 255, receivedAt: start))
            let packet = ControlPacket(
                diagnostic: .none, state: .down, detectMultiplier: 255,
                myDiscriminator: UInt32(number) + 1, yourDiscriminator: 0,
                desiredMinTxInterval: Microseconds(1_000_000), requiredMinRxInterval: interval)
            bringUp(number, handle, packet)
        }
    }

    /// The three-way handshake, and the answer to the Poll that follows it.
    private mutating func bringUp(_ number: Int, _ handle: SessionHandle, _ first: ControlPacket) {
        var packet = first
        heard.append(Self.octets(of: packet))
        receive(number, at: start)
        packet.yourDiscriminator = engine.session(handle)?.localDiscriminator ?? 0
        packet.state = .up
        packet.final = true
        for _ in 0..<2 {
            heard[number] = Self.octets(of: packet)
            receive(number, at: start)
        }
        packet.final = false
        heard[number] = Self.octets(of: packet)
    }

    /// When something is to be sent.
    public var nextDeadline: Instant { mutating get { engine.nextDeadline ?? .distantFuture } }

    /// How many sessions are Up.
    public var upCount: Int {
        mutating get {
            var count = 0
            for handle in handles where engine.state(of: handle) == .up { count += 1 }
            return count
        }
    }

    /// Does what is due, and hands each packet to a connected socket, if there is one.
    ///
    /// How many packets that were.
    public mutating func serve(at now: Instant, toConnected descriptor: Int32? = nil) -> Int {
        engine.handleTimeout(at: now)
        return fetch(descriptor)
    }

    /// A session's peer says what it says while Up. How many packets that caused.
    @discardableResult
    public mutating func receive(_ number: Int, at now: Instant) -> Int {
        arrivals[number].receivedAt = now
        let octets = heard[number]
        _ = engine.receive(octets.span, arrivals[number], at: now)
        return fetch(nil)
    }

    private mutating func fetch(_ descriptor: Int32?) -> Int {
        var count = 0
        while let output = engine.poll() {
            guard case .transmit(let transmission) = output else { continue }
            count += 1
            let packet = transmission.packet
            buffer.fill(ControlPacket.mandatoryByteCount) { packet.encode(into: &$0) }
            guard let descriptor else { continue }
            // That nobody reads them is no failure: they have cost what packets cost.
            _ = DatagramSocket.send(
                buffer, byteCount: ControlPacket.mandatoryByteCount, fromConnected: descriptor)
        }
        return count
    }

    /// A packet as it travels.
    public static func octets(of packet: ControlPacket) -> InlineArray<24, UInt8> {
        InlineArray { packet.octet(at: $0) }
    }
}
