/// All sessions, in slots allocated once.
@safe
struct SessionTable: ~Copyable {
    private let slots: UnsafeMutablePointer<Session>
    /// A stack of free slots.
    private let free: UnsafeMutablePointer<Int32>
    /// How many sessions of each slot there have been.
    private let generations: UnsafeMutablePointer<UInt32>
    let capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        unsafe slots = UnsafeMutablePointer<Session>.allocate(capacity: capacity)
        unsafe free = UnsafeMutablePointer<Int32>.allocate(capacity: capacity)
        unsafe generations = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
        unsafe generations.initialize(repeating: 0, count: capacity)
        for index in 0..<capacity {
            unsafe free[index] = Int32(truncatingIfNeeded: capacity - 1 - index)
        }
    }

    deinit {
        unsafe slots.deallocate()
        unsafe free.deallocate()
        unsafe generations.deallocate()
    }

    /// The session in a slot that is in use.
    subscript(index: Int) -> Session {
        @_noAllocation @_noLocks unsafeAddress {
            precondition(index >= 0 && index < capacity && (unsafe generations[index] & 1) == 1)
            return unsafe UnsafePointer(slots + index)
        }
        @_noAllocation @_noLocks unsafeMutableAddress {
            precondition(index >= 0 && index < capacity && (unsafe generations[index] & 1) == 1)
            return unsafe slots + index
        }
    }

    /// The slot of a session that still exists.
    @_noAllocation @_noLocks
    func slot(of handle: SessionHandle) -> Int? {
        guard handle.index >= 0 && handle.index < capacity else { return nil }
        guard unsafe generations[handle.index] == handle.generation else { return nil }
        return handle.index
    }

    /// The name of the session in a slot that is in use.
    @_noAllocation @_noLocks
    func handle(of index: Int) -> SessionHandle {
        precondition(index >= 0 && index < capacity)
        return SessionHandle(index: index, generation: unsafe generations[index])
    }

    /// Whether a slot is in use: its generation is odd then.
    @_noAllocation @_noLocks
    func isInUse(_ index: Int) -> Bool {
        precondition(index >= 0 && index < capacity)
        return unsafe generations[index] & 1 == 1
    }

    /// Puts a session into a free slot; `nil` when none is left.
    @_noAllocation @_noLocks
    mutating func insert(_ session: Session) -> Int? {
        guard count < capacity else { return nil }
        let index = Int(unsafe free[capacity - 1 - count])
        count += 1
        unsafe generations[index] &+= 1
        unsafe (slots + index).initialize(to: session)
        return index
    }

    /// Frees a slot that is in use.
    @_noAllocation @_noLocks
    mutating func remove(_ index: Int) {
        precondition(index >= 0 && index < capacity && (unsafe generations[index] & 1) == 1)
        unsafe generations[index] &+= 1
        count -= 1
        unsafe free[capacity - 1 - count] = Int32(truncatingIfNeeded: index)
    }
}
