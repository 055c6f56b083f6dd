/// The next deadline of every session, the earliest first, in fixed memory.
///
/// A four-ary heap that knows where each member stands, so that a deadline is changed in place:
///
///     place      0 | 1 2 3 4 | 5 …          parents before children
///     member     7 | 2 5 0 3 | 4 …          who stands at the place
///     position   by member: where it stands, or -1
///     deadline   by member
@safe
struct DeadlineQueue: ~Copyable {
    private struct Node: BitwiseCopyable {
        var member: Int32 = 0
        var position: Int32 = -1
        var deadline = Instant(nanoseconds: .max)
    }

    private let nodes: UnsafeMutablePointer<Node>
    private let capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        unsafe nodes = UnsafeMutablePointer<Node>.allocate(capacity: capacity)
        unsafe nodes.initialize(repeating: Node(), count: capacity)
    }

    deinit {
        unsafe nodes.deallocate()
    }

    /// The member whose deadline is the earliest.
    var first: Int? {
        @_noAllocation @_noLocks get { count > 0 ? member(at: 0) : nil }
    }

    /// The deadline of a member, `distantFuture` for one that is not in the queue.
    @_noAllocation @_noLocks
    func deadline(of member: Int) -> Instant {
        precondition(member >= 0 && member < capacity)
        return unsafe nodes[member].deadline
    }

    /// Gives a member a deadline, or takes it out with `distantFuture`.
    @_noAllocation @_noLocks
    mutating func set(_ member: Int, to deadline: Instant) {
        let previous = self.deadline(of: member)
        let position = Int(unsafe nodes[member].position)
        unsafe nodes[member].deadline = deadline
        if deadline == .distantFuture {
            if position >= 0 { remove(at: position) }
        } else if position < 0 {
            count += 1
            place(member, at: count - 1)
            moveUp(count - 1)
        } else if deadline < previous {
            moveUp(position)
        } else if previous < deadline {
            moveDown(position)
        }
    }

    private func member(at position: Int) -> Int {
        precondition(position >= 0 && position < count)
        return Int(unsafe nodes[position].member)
    }

    private mutating func place(_ member: Int, at position: Int) {
        unsafe nodes[position].member = Int32(truncatingIfNeeded: member)
        unsafe nodes[member].position = Int32(truncatingIfNeeded: position)
    }

    private mutating func remove(at position: Int) {
        let leaving = member(at: position)
        let last = member(at: count - 1)
        unsafe nodes[leaving].position = -1
        count -= 1
        guard position < count else { return }
        place(last, at: position)
        moveUp(position)
        moveDown(Int(unsafe nodes[last].position))
    }

    private mutating func moveUp(_ start: Int) {
        var position = start
        let moving = member(at: position)
        let deadline = self.deadline(of: moving)
        while position > 0 {
            let parent = (position - 1) / 4
            guard deadline < self.deadline(of: member(at: parent)) else { break }
            place(member(at: parent), at: position)
            position = parent
        }
        place(moving, at: position)
    }

    private mutating func moveDown(_ start: Int) {
        var position = start
        let moving = member(at: position)
        let deadline = self.deadline(of: moving)
        while true {
            var least = position
            var leastDeadline = deadline
            var child = position * 4 + 1
            let end = min(child + 4, count)
            while child < end {
                let candidate = self.deadline(of: member(at: child))
                if candidate < leastDeadline {
                    least = child
                    leastDeadline = candidate
                }
                child += 1
            }
            guard least != position else { break }
            place(member(at: least), at: position)
            position = least
        }
        place(moving, at: position)
    }
}
