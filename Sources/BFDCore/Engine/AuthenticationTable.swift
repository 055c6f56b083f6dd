/// The authentication of those sessions that use any, by slot.
///
/// Memory of slots without is never touched, so it costs address space only.
@safe
struct AuthenticationTable: ~Copyable {
    private let entries: UnsafeMutablePointer<AuthenticatedSession>
    private let isUsed: UnsafeMutablePointer<Bool>
    /// Slots whose session authenticated before: their numbers go on.
    private let isKept: UnsafeMutablePointer<Bool>
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        unsafe entries = UnsafeMutablePointer<AuthenticatedSession>.allocate(capacity: capacity)
        unsafe isUsed = UnsafeMutablePointer<Bool>.allocate(capacity: capacity)
        unsafe isUsed.initialize(repeating: false, count: capacity)
        unsafe isKept = UnsafeMutablePointer<Bool>.allocate(capacity: capacity)
        unsafe isKept.initialize(repeating: false, count: capacity)
    }

    deinit {
        unsafe entries.deallocate()
        unsafe isUsed.deallocate()
        unsafe isKept.deallocate()
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

    /// Gives a slot its first entry.
    @_noAllocation @_noLocks
    mutating func insert(_ entry: AuthenticatedSession, at slot: Int) {
        precondition(slot >= 0 && slot < capacity)
        unsafe (entries + slot).initialize(to: entry)
        unsafe isUsed[slot] = true
        unsafe isKept[slot] = true
    }

    /// The session goes on without authentication; its numbers are kept.
    mutating func suspend(_ slot: Int) {
        precondition(slot >= 0 && slot < capacity)
        unsafe isUsed[slot] = false
    }

    /// Whether the session in a slot has authenticated before, and does so again now.
    mutating func resume(_ slot: Int) -> Bool {
        precondition(slot >= 0 && slot < capacity)
        unsafe isUsed[slot] = isKept[slot]
        return unsafe isKept[slot]
    }

    /// The session in a slot is gone.
    @_noAllocation @_noLocks
    mutating func forget(_ slot: Int) {
        precondition(slot >= 0 && slot < capacity)
        unsafe isUsed[slot] = false
        unsafe isKept[slot] = false
    }
}
