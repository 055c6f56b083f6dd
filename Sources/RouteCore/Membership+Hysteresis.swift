extension Membership {
    /// Why a next hop is held back although its session is up.
    public enum Hold: Hashable, Sendable {
        /// Its session has not been up for long enough.
        case holdUp(until: Int64)
        /// It failed too often.
        case suppressed(until: Int64)

        /// When it returns, in monotonic nanoseconds.
        public var until: Int64 {
            switch self {
            case .holdUp(let until), .suppressed(let until): until
            }
        }
    }

    /// Why a next hop is held back; nil when it is not.
    public func hold(of index: Int) -> Hold? {
        guard let until = entries[index].heldUntil else { return nil }
        let suppressedUntil = policy.dampening.flatMap {
            entries[index].flaps.suppressedUntil($0)
        }
        return suppressedUntil == until ? .suppressed(until: until) : .holdUp(until: until)
    }

    /// The penalty of a next hop; nil where failures earn none.
    public func penalty(of index: Int, at now: Int64) -> Int? {
        policy.dampening.map { Int(entries[index].flaps.penalty($0, at: now).rounded()) }
    }

    /// When the next hop that returns first does so; nil when none is held back.
    public var nextReturn: Int64? {
        entries.lazy.compactMap(\.heldUntil).min()
    }

    /// Lets next hops return whose time has come; whether there were any.
    public mutating func release(at now: Int64) -> Bool {
        var hasReleased = false
        for index in entries.indices {
            guard let until = entries[index].heldUntil, until <= now else { continue }
            admit(index)
            hasReleased = true
        }
        if hasReleased { remember() }
        return hasReleased
    }

    /// Goes on with what another membership of the same policy knew of a next hop.
    public mutating func takeOver(_ index: Int, from other: Membership, _ otherIndex: Int) {
        entries[index] = other.entries[otherIndex]
        remember()
    }

    /// Takes no failure so far for one.
    public mutating func forgetFailures() {
        for index in entries.indices { entries[index].flaps = FlapRecord() }
    }

    /// A next hop's session is up: it may have to wait.
    mutating func hold(_ index: Int, at now: Int64) {
        guard policy.delaysReturns, entries[index].hasBeenUp else { return }
        let suppressedUntil = policy.dampening.flatMap {
            entries[index].flaps.suppressedUntil($0)
        }
        let until = max(now + policy.holdUpNanoseconds, suppressedUntil ?? now)
        if until > now { entries[index].heldUntil = until }
    }

    /// With no other left, the one that would return first does so now.
    mutating func admitRatherThanNone() {
        guard !entries.contains(where: \.isMember) else { return }
        let held = entries.indices.filter { entries[$0].heldUntil != nil }
        let first = held.min { entries[$0].heldUntil ?? 0 < entries[$1].heldUntil ?? 0 }
        if let first { admit(first) }
    }

    private mutating func admit(_ index: Int) {
        entries[index].heldUntil = nil
        entries[index].isMember = true
    }
}
