/// The authentication of those sessions that use any, by slot.
///
/// Memory of slots without is never touched, so it costs address space only.
@safe
struct AuthenticationTable: ~Copyable {
    private let entries: UnsafeMutablePointer<AuthenticatedSession>
    private let isUsed: UnsafeMutablePointer<Bool>
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        unsafe entries = UnsafeMutablePointer<AuthenticatedSession>.allocate(capacity: capacity)
        unsafe isUsed = UnsafeMutablePointer<Bool>.allocate(capacity: capacity)
        unsafe isUsed.initialize(repeating: false, count: capacity)
    }

    deinit {
        unsafe entries.deallocate()
        unsafe isUsed.deallocate()
    }

    /// Whether the session in a slot authenticates.
    @_noAllocation @_noLocks
    func contains(_ slot: Int) -> Bool {
        precondition(slot >= 0 && slot < capacity)
        return unsafe isUsed[slot]
    }

    /// The entry of a slot that has one.
    subscript(slot: Int) -> AuthenticatedSession {
        @_noAllocation @_noLocks unsafeAddress {
            precondition(slot >= 0 && slot < capacity && (unsafe isUsed[slot]))
            return unsafe UnsafePointer(entries + slot)
        }
        @_noAllocation @_noLocks unsafeMutableAddress {
            precondition(slot >= 0 && slot < capacity && (unsafe isUsed[slot]))
            return unsafe entries + slot
        }
    }

    /// Gives a slot an entry, or takes it away.
    @_noAllocation @_noLocks
    mutating func set(_ entry: AuthenticatedSession?, at slot: Int) {
        precondition(slot >= 0 && slot < capacity)
        unsafe isUsed[slot] = entry != nil
        if let entry { unsafe (entries + slot).initialize(to: entry) }
    }
}
