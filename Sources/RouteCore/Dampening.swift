/// Flap dampening of a next hop (RFC 2439): each failure adds to a penalty, which halves with every
/// half-life. Above `suppress` the next hop does not return before the penalty is down to `reuse`.
///
///     penalty
///     3000 ┤    ╭╮
///     2000 ┤╶╶╶╶│╶╲╶╶╶╶╶╶╶╶╶╶╶╶╶╶ suppress
///          │ ╭╮ │   ╲
///     1000 ┤╶│╶╲╯╶╶╶╶╶╲╶╶╶╶╶╶╶╶╶╶ reuse: it may be used again
///          │ │          `-..
///        0 ┼─┴────────────────── time
public struct Dampening: Hashable, Sendable {
    /// What one failure adds.
    public static let penaltyPerFailure = 1_000

    /// The penalty above which a next hop is suppressed.
    public var suppress: Int
    /// The penalty from which on it is not any more; less than `suppress`.
    public var reuse: Int
    /// How long it takes a penalty to halve.
    public var halfLifeNanoseconds: Int64
    /// The longest suppression after the last failure: the penalty grows no further than what
    /// decays to `reuse` in this time.
    public var maxSuppressNanoseconds: Int64

    /// Dampening by its numbers: all positive, `reuse` less than `suppress`.
    public init(
        suppress: Int = 2_000, reuse: Int = 1_000, halfLifeNanoseconds: Int64 = 5_000_000_000,
        maxSuppressNanoseconds: Int64 = 20_000_000_000
    ) {
        precondition(reuse > 0 && reuse < suppress, "reuse lies below suppress")
        precondition(halfLifeNanoseconds > 0 && maxSuppressNanoseconds > 0, "spans are positive")
        self.suppress = suppress
        self.reuse = reuse
        self.halfLifeNanoseconds = halfLifeNanoseconds
        self.maxSuppressNanoseconds = maxSuppressNanoseconds
    }

    /// The greatest penalty there can be.
    public var ceiling: Double {
        Double(reuse) / fraction(after: maxSuppressNanoseconds)
    }

    /// Whether any number of failures would suppress a next hop.
    public var canSuppress: Bool { ceiling > Double(suppress) }

    /// What is left of a penalty after a while.
    func decayed(_ penalty: Double, after nanoseconds: Int64) -> Double {
        penalty * fraction(after: nanoseconds)
    }

    /// How long until a penalty is down to `reuse`.
    func nanosecondsUntilReuse(of penalty: Double) -> Int64 {
        guard penalty > Double(reuse) else { return 0 }
        var (tooShort, enough): (Int64, Int64) = (0, maxSuppressNanoseconds)
        while enough - tooShort > 1 {
            let middle = tooShort + (enough - tooShort) / 2
            if decayed(penalty, after: middle) > Double(reuse) {
                tooShort = middle
            } else {
                enough = middle
            }
        }
        return enough
    }

    /// 2 to the power of -(time / half-life), by halving and, for what is left, by the series of
    /// the exponential function: nothing is imported here.
    private func fraction(after nanoseconds: Int64) -> Double {
        let halvings = nanoseconds / halfLifeNanoseconds
        guard halvings < 60 else { return 0x1p-60 }
        let rest = Double(nanoseconds % halfLifeNanoseconds) / Double(halfLifeNanoseconds)
        let exponent = -rest * 0.693_147_180_559_945_3
        var (term, sum) = (1.0, 1.0)
        for index in 1...18 {
            term *= exponent / Double(index)
            sum += term
        }
        return sum / Double(UInt64(1) << UInt64(max(halvings, 0)))
    }
}

/// What a next hop's failures have earned it so far.
struct FlapRecord: Hashable, Sendable {
    private var penalty = 0.0
    private var lastNanoseconds: Int64 = 0
    private(set) var isSuppressed = false

    /// One failure more.
    mutating func fail(_ dampening: Dampening, at now: Int64) {
        settle(dampening, at: now)
        penalty = min(penalty + Double(Dampening.penaltyPerFailure), dampening.ceiling)
        if penalty > Double(dampening.suppress) { isSuppressed = true }
    }

    /// The penalty at a moment.
    func penalty(_ dampening: Dampening, at now: Int64) -> Double {
        dampening.decayed(penalty, after: max(now - lastNanoseconds, 0))
    }

    /// Until when the next hop is suppressed; nil when it is not.
    func suppressedUntil(_ dampening: Dampening) -> Int64? {
        guard isSuppressed else { return nil }
        return lastNanoseconds + dampening.nanosecondsUntilReuse(of: penalty)
    }

    private mutating func settle(_ dampening: Dampening, at now: Int64) {
        if let end = suppressedUntil(dampening), end <= now { isSuppressed = false }
        penalty = penalty(dampening, at: now)
        lastNanoseconds = now
    }
}
