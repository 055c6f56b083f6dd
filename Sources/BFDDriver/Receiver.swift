internal import BFDCore
internal import LinuxSystem

/// The sockets that all sessions receive by, for each family and port: single hop always, several
/// hops and the others once there is a session that needs them.
///
/// Each port of Control packets has three sockets, and the kernel chooses among them:
///
///     urgent     Poll, Final, a state other than Up    wakes us at once
///     routine    Up, as expected                       read whenever we are awake anyway
///     invalid    can never be accepted                 read ten times a second, to be counted
///
/// One packet in a thousand is urgent, so a busy engine is woken by its own ticks and not by what
/// its peers send. Nothing is lost by it: what decides is when the kernel has stamped a packet.
///
/// Packets that came by both are taken in the order of their stamps: an answer to a Poll changes
/// what the packet after it means.
///
/// The kernel stamps packets with wall-clock time. A stamp becomes an age at the moment of reading,
/// at most the time since everything had been read before, and the age a monotonic moment: a wall
/// clock that steps cannot make a packet older than that, nor younger than now.
struct Receiver: ~Copyable {
    struct Listener {
        let descriptor: Int32
        let transport: Transport
        let role: SharedPort.Role
        let isIPv6: Bool
        /// Whether packets may be left in the receive buffer for a while.
        let hasRoomToWait: Bool
        /// Everything that arrived before this moment has been read.
        var drainedUntil: Int64
        /// Whether it is kept beyond the life of the process.
        var isKept = false
    }

    /// What one reading has brought, and how much of it has been taken.
    struct Reading {
        let place: Int
        let count: Int
        /// The present, taken before the reading.
        let moment: Instant
        fileprivate let realtime: Int64
        fileprivate let drainedUntil: Int64
        fileprivate let transport: Transport
        fileprivate let isRoutine: Bool
        var taken = 0
    }

    /// The octets of a datagram that are looked at: a jumbo frame's.
    private static let byteCapacity = 9_216
    /// Room for seconds of packets: a stopped daemon must find the latest when it goes on.
    static let buffer: Int32 = 8 << 20
    /// What is only counted gets less: about three hundred packets.
    static let invalidBuffer: Int32 = 128 << 10
    /// What a wall clock is only moved by at once, not slewed.
    private static let clockStep: Int64 = 10_000_000

    private(set) var listeners: [Listener] = []
    /// Two, because what comes by two sockets is taken in the order in which it arrived.
    private var urgentBatch: DatagramBatch
    private var routineBatch: DatagramBatch
    private var hopLimitFloor: UInt8 = 255
    /// What found no room in the sockets before these.
    private(set) var earlierDropCount: UInt64 = 0
    let share: EngineShare
    /// What keeps the sockets beyond the life of the process; `nil` for nothing.
    private(set) var store: SocketStore?
    let namespaceInode = NetworkNamespace.currentInode()

    /// Opens the sockets; a kernel without IPv6 is served without it.
    static func listening(
        _ share: EngineShare, _ store: SocketStore? = nil
    ) throws(SystemError) -> Receiver {
        let first = try DatagramBatch(capacity: 64, byteCapacity: byteCapacity)
        let second = try DatagramBatch(capacity: 64, byteCapacity: byteCapacity)
        var receiver = Receiver(first, second, share)
        receiver.store = store
        try receiver.listen(for: .singleHop)
        // Where threads share ports, their sockets must come in the order of the threads.
        if share.count > 1 { try receiver.listen(for: .multihop) }
        return receiver
    }

    /// Goes on with the sockets of another process.
    static func takingOver(
        _ handover: EngineHandover, _ share: EngineShare, _ store: SocketStore?
    ) throws(SystemError) -> Receiver {
        let first = try DatagramBatch(capacity: 64, byteCapacity: byteCapacity)
        let second = try DatagramBatch(capacity: 64, byteCapacity: byteCapacity)
        var receiver = Receiver(first, second, share)
        receiver.listeners = handover.listeners.map { listener in
            var taken = Listener(
                listener.descriptor, listener.transport, listener.role, isIPv6: listener.isIPv6)
            taken.drainedUntil = listener.drainedUntil
            return taken
        }
        receiver.earlierDropCount = handover.earlierDropCount
        receiver.store = store
        // A manager that has them already takes no second one.
        receiver.keepAll()
        return receiver
    }

    private init(
        _ first: consuming DatagramBatch, _ second: consuming DatagramBatch, _ share: EngineShare
    ) {
        self.share = share
        urgentBatch = first
        routineBatch = second
    }

    deinit {
        for listener in listeners { _ = OwnedDescriptor(owning: listener.descriptor) }
    }

    /// How many datagrams that a session might have accepted found no room so far.
    var dropCount: UInt64 {
        var count = earlierDropCount
        // By index, here and elsewhere on a packet's way: iterators allocate in a debug build.
        for index in listeners.indices where listeners[index].role != .invalid {
            count += SharedPort.dropCount(of: listeners[index].descriptor)
        }
        return count
    }

    /// What the sockets are for, in the order in which they were opened.
    var transports: [Transport] {
        var known: [Transport] = []
        for listener in listeners where !known.contains(listener.transport) {
            known.append(listener.transport)
        }
        return known
    }

    /// Counts on from sockets whose place these take.
    mutating func goOn(from previous: borrowing Receiver) {
        earlierDropCount = previous.dropCount
        store = previous.store
        previous.giveUp(previous.listeners)
        keepAll()
    }

    /// Opens the sockets of a transport unless they are open; returns which ones are new.
    @discardableResult
    mutating func listen(for transport: Transport) throws(SystemError) -> Range<Int> {
        let first = listeners.count
        if listeners.contains(where: { $0.transport == transport }) { return first..<first }
        var opened = try find(isIPv6: false, transport)
        do throws(SystemError) {
            opened += try find(isIPv6: true, transport)
        } catch {
            guard error.errno == .familyNotSupported else {
                giveUp(opened)
                for listener in opened { _ = OwnedDescriptor(owning: listener.descriptor) }
                throw error
            }
        }
        listeners += opened
        keepAll()
        return first..<listeners.count
    }

    mutating func noteKept(_ place: Int) {
        listeners[place].isKept = true
    }

    /// Lets packets below a TTL or hop limit count as invalid.
    mutating func setHopLimitFloor(_ floor: UInt8) {
        guard floor != hopLimitFloor else { return }
        hopLimitFloor = floor
        // The kernel took such a program before; should it refuse one, the old one stays.
        for listener in listeners where listener.role == .urgent { try? steer(listener) }
    }

    /// Reads what waits in a socket, as much as one call takes.
    mutating func read(_ place: Int) -> Reading {
        let listener = listeners[place]
        let monotonic = Clock.monotonicNanoseconds()
        let realtime = Clock.realtimeNanoseconds()
        let isRoutine = listener.role == .routine
        let count =
            isRoutine
            ? routineBatch.read(from: listener.descriptor)
            : urgentBatch.read(from: listener.descriptor)
        if count < urgentBatch.capacity { listeners[place].drainedUntil = monotonic }
        return Reading(
            place: place, count: count, moment: Instant(nanoseconds: monotonic),
            realtime: realtime, drainedUntil: listener.drainedUntil,
            transport: listener.transport, isRoutine: isRoutine)
    }

    /// Whether there may be more that arrived before a moment, behind all of a reading.
    func wantsMore(_ reading: Reading, before judged: Instant) -> Bool {
        guard reading.taken == reading.count, reading.count == urgentBatch.capacity else {
            return false
        }
        guard let last = stamp(reading.count - 1, reading) else { return false }
        // A stamp from the far future is of a wall clock that stepped back since; one of just now
        // is of a packet that came while this reading was made.
        if reading.realtime + Self.clockStep < last { return true }
        // A packet that came after the moment was behind all that came before it.
        return !(judged < receiveTime(of: last, reading))
    }

    /// Whether a socket may have got a packet since its reading that came before the next one of
    /// another reading.
    func isTooEarly(_ reading: Reading, for other: Reading) -> Bool {
        guard reading.taken == reading.count, other.taken < other.count,
            let next = stamp(other.taken, other)
        else { return false }
        return reading.realtime < next
    }

    /// Whether the next packet of one reading came before that of another.
    func isAhead(_ reading: Reading, of other: Reading) -> Bool {
        guard reading.taken < reading.count else { return false }
        guard other.taken < other.count else { return true }
        return stamp(reading.taken, reading) ?? 0 <= stamp(other.taken, other) ?? 0
    }

    /// How the next packet of a reading came in.
    func arrival(_ reading: Reading) -> Arrival {
        let arrival =
            reading.isRoutine
            ? routineBatch.arrival(reading.taken) : urgentBatch.arrival(reading.taken)
        return Arrival(
            source: IPAddress(arrival.source), destination: IPAddress(arrival.destination),
            interfaceIndex: arrival.interfaceIndex, hopLimit: arrival.hopLimit,
            transport: reading.transport,
            receivedAt: receiveTime(of: arrival.realtimeNanoseconds, reading))
    }

    /// Lends the octets of the next packet of a reading, until another one is made of its role.
    func withBytes<Result>(
        _ reading: Reading, _ body: (borrowing Span<UInt8>) -> Result
    ) -> Result {
        reading.isRoutine
            ? routineBatch.withBytes(reading.taken, body)
            : urgentBatch.withBytes(reading.taken, body)
    }

    /// The kernel's wall-clock stamp of the next packet of a reading.
    func stamp(_ reading: Reading) -> Int64? { stamp(reading.taken, reading) }

    /// The UDP port that it came from.
    func sourcePort(_ reading: Reading) -> UInt16 {
        reading.isRoutine
            ? routineBatch.sourcePort(reading.taken) : urgentBatch.sourcePort(reading.taken)
    }

    private func stamp(_ index: Int, _ reading: Reading) -> Int64? {
        reading.isRoutine
            ? routineBatch.realtimeNanoseconds(index) : urgentBatch.realtimeNanoseconds(index)
    }

    private func receiveTime(of stamp: Int64?, _ reading: Reading) -> Instant {
        guard let stamp else { return reading.moment }
        let monotonic = reading.moment.nanoseconds
        let oldest = max(monotonic - reading.drainedUntil, 0)
        let age = min(max(reading.realtime - stamp, 0), oldest)
        return Instant(nanoseconds: monotonic - age)
    }

    func open(
        isIPv6: Bool, _ transport: Transport
    ) throws(SystemError) -> [Listener] {
        let port = transport.destinationPort
        // Nobody else may have the port: only then is it shared, among ourselves.
        let first = try bindFirst(isIPv6: isIPv6, port: port)
        let urgent = Listener(first.take(), transport, .urgent, isIPv6: isIPv6)
        guard transport != .unaffiliatedEcho else { return [urgent] }
        do throws(SystemError) {
            try SharedPort.open(urgent.descriptor)
            let second = try Self.bind(isIPv6: isIPv6, port: port, Self.buffer, sharing: true)
            // Only sockets that share already can be chosen among.
            try steer(urgent)
            let third = try Self.bind(isIPv6: isIPv6, port: port, Self.invalidBuffer, sharing: true)
            return [
                urgent, Listener(second.take(), transport, .routine, isIPv6: isIPv6),
                Listener(third.take(), transport, .invalid, isIPv6: isIPv6),
            ]
        } catch {
            guard share.count == 1 else {
                _ = OwnedDescriptor(owning: urgent.descriptor)
                throw error
            }
            // A kernel that cannot share a port this way serves all packets by one socket.
            return [urgent]
        }
    }

    private func bindFirst(
        isIPv6: Bool, port: UInt16
    ) throws(SystemError) -> DatagramSocket {
        let isSharing = share.index > 0
        guard let store else {
            return try Self.bind(isIPv6: isIPv6, port: port, Self.buffer, sharing: isSharing)
        }
        return try store.withPatience { () throws(SystemError) in
            try Self.bind(isIPv6: isIPv6, port: port, Self.buffer, sharing: isSharing)
        }
    }

    func steer(_ listener: Listener) throws(SystemError) {
        guard listener.transport != .unaffiliatedEcho else { return }
        // Threads share one program, and each knows its own sessions only.
        let isFloorKnown = listener.transport != .multihop && share.count == 1
        let floor = isFloorKnown ? hopLimitFloor : 0
        try SharedPort.steer(
            listener.descriptor, isIPv6: listener.isIPv6, minimumHopLimit: floor,
            threadCount: share.count)
    }

    private static func bind(
        isIPv6: Bool, port: UInt16, _ buffer: Int32, sharing: Bool
    ) throws(SystemError) -> DatagramSocket {
        let socket = try DatagramSocket(isIPv6: isIPv6)
        try socket.setReceiveBuffer(byteCount: buffer)
        if sharing { try SharedPort.open(socket.descriptor) }
        try socket.bind(nil, port: port)
        return socket
    }
}

extension Receiver.Listener {
    init(_ descriptor: Int32, _ transport: Transport, _ role: SharedPort.Role, isIPv6: Bool) {
        self.init(
            descriptor: descriptor, transport: transport, role: role, isIPv6: isIPv6,
            hasRoomToWait: SharedPort.bufferByteCount(of: descriptor) >= 4 << 20,
            drainedUntil: Clock.monotonicNanoseconds())
    }
}
