/// Who may start a session with us, and what that session is like (RFC 9468 §2).
public struct UnsolicitedTemplate: Sendable, Hashable, BitwiseCopyable {
    /// The peers' addresses.
    public var prefix: AddressPrefix
    /// Whether it is for one interface only; such a template precedes those for all.
    public var isBoundToInterface: Bool
    /// The index of that interface, zero while it does not exist.
    public var interfaceIndex: UInt32
    /// The least interval between our packets while Up, from 1 µs.
    public var desiredMinTxInterval: Microseconds
    /// The least interval between packets we can receive, from 1 µs.
    public var requiredMinRxInterval: Microseconds
    /// How many packets may be missing, 1 to 255.
    public var detectMultiplier: UInt8
    /// How many sessions there may be at a time; none at all shuts the interface or the prefix out.
    public var maximumSessionCount: Int

    /// A template with the defaults of the product: 300 ms × 3, 256 sessions.
    public init(
        prefix: AddressPrefix, isBoundToInterface: Bool = false, interfaceIndex: UInt32 = 0,
        desiredMinTxInterval: Microseconds = Microseconds(300_000),
        requiredMinRxInterval: Microseconds = Microseconds(300_000), detectMultiplier: UInt8 = 3,
        maximumSessionCount: Int = 256
    ) {
        self.prefix = prefix
        self.isBoundToInterface = isBoundToInterface
        self.interfaceIndex = interfaceIndex
        self.desiredMinTxInterval = desiredMinTxInterval
        self.requiredMinRxInterval = requiredMinRxInterval
        self.detectMultiplier = detectMultiplier
        self.maximumSessionCount = maximumSessionCount
    }

    @_noAllocation @_noLocks
    func matches(_ arrival: Arrival) -> Bool {
        if isBoundToInterface && interfaceIndex != arrival.interfaceIndex { return false }
        return prefix.contains(arrival.source)
    }

    /// Whether it is for fewer peers than another that matches too: by interface, then by length.
    @_noAllocation @_noLocks
    func precedes(_ other: UnsolicitedTemplate) -> Bool {
        if isBoundToInterface != other.isBoundToInterface { return isBoundToInterface }
        return prefix.bitCount > other.prefix.bitCount
    }
}

/// All templates, with what they have made; room for a fixed number.
@safe
struct TemplateTable: ~Copyable {
    private struct Entry: BitwiseCopyable {
        var template: UnsolicitedTemplate
        var sessionCount = 0
        var limiter = CreationLimiter()
        var authentication: SessionAuthentication?
    }

    static let capacity = 256

    private let entries: UnsafeMutablePointer<Entry>
    private(set) var count = 0

    init() {
        unsafe entries = UnsafeMutablePointer<Entry>.allocate(capacity: Self.capacity)
    }

    deinit {
        unsafe entries.deallocate()
    }

    /// The number of a new template; `nil` when there is no room.
    mutating func add(_ template: UnsolicitedTemplate) -> Int? {
        guard count < Self.capacity else { return nil }
        unsafe (entries + count).initialize(to: Entry(template: template))
        count += 1
        return count - 1
    }

    subscript(index: Int) -> UnsolicitedTemplate {
        @_noAllocation @_noLocks get {
            precondition(index >= 0 && index < count)
            return unsafe entries[index].template
        }
    }

    mutating func setInterfaceIndex(_ interfaceIndex: UInt32, of index: Int) {
        precondition(index >= 0 && index < count)
        unsafe entries[index].template.interfaceIndex = interfaceIndex
    }

    mutating func setAuthentication(_ rules: SessionAuthentication, of index: Int) {
        precondition(index >= 0 && index < count)
        unsafe entries[index].authentication = rules
    }

    /// How the sessions of a template authenticate; `nil` for not at all.
    @_noAllocation @_noLocks
    func authentication(of index: Int) -> SessionAuthentication? {
        precondition(index >= 0 && index < count)
        return unsafe entries[index].authentication
    }

    /// The template for a packet, the one for the fewest peers.
    @_noAllocation @_noLocks
    func index(for arrival: Arrival) -> Int? {
        var best: Int?
        var index = 0
        while index < count {
            let template = unsafe entries[index].template
            if template.matches(arrival) {
                if let found = best {
                    if template.precedes(unsafe entries[found].template) { best = index }
                } else {
                    best = index
                }
            }
            index += 1
        }
        return best
    }

    /// Whether one more session may be made, in number and in rate; it counts as made then.
    @_noAllocation @_noLocks
    mutating func admit(_ index: Int, at now: Instant) -> Bool {
        precondition(index >= 0 && index < count)
        let limit = unsafe entries[index].template.maximumSessionCount
        guard unsafe entries[index].sessionCount < limit else { return false }
        guard unsafe entries[index].limiter.admit(at: now) else { return false }
        unsafe entries[index].sessionCount += 1
        return true
    }

    /// Counts a session that another process has made; whether the template is there and has room.
    mutating func readmit(_ index: Int) -> Bool {
        guard index >= 0, index < count else { return false }
        let limit = unsafe entries[index].template.maximumSessionCount
        guard unsafe entries[index].sessionCount < limit else { return false }
        unsafe entries[index].sessionCount += 1
        return true
    }

    /// A session of the template is gone.
    @_noAllocation @_noLocks
    mutating func release(_ index: Int) {
        precondition(index >= 0 && index < count)
        unsafe entries[index].sessionCount -= 1
    }
}

/// Limits new sessions to ten a second, with a burst of 32 (RFC 9468 §6.1).
struct CreationLimiter: BitwiseCopyable {
    private static let burst: Int64 = 32
    private static let span: Int64 = 100_000_000

    private var tokens: Int64 = 32
    private var refilled = Instant(nanoseconds: 0)

    init() {}

    mutating func admit(at now: Instant) -> Bool {
        let earned = (now.nanoseconds - refilled.nanoseconds) / Self.span
        if tokens + earned >= Self.burst {
            tokens = Self.burst
            refilled = now
        } else if earned > 0 {
            tokens += earned
            refilled = Instant(nanoseconds: refilled.nanoseconds + earned * Self.span)
        }
        guard tokens > 0 else { return false }
        tokens -= 1
        return true
    }
}
