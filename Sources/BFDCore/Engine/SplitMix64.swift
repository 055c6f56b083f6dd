/// A small fast generator for jitter and discriminators, seeded from outside.
///
/// The mixing constants are those of Steele, Lea and Flood (2014).
public struct SplitMix64: Sendable, BitwiseCopyable {
    private var state: UInt64

    /// A generator whose numbers follow from `seed` alone.
    @_noAllocation @_noLocks
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 random bits.
    @_noAllocation @_noLocks
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(state)
    }

    /// A number in `0 ..< bound`; `bound` is positive.
    ///
    /// The bias is below 2⁻²⁰ for every bound under 2⁴⁴, far finer than a clock can show.
    @_noAllocation @_noLocks
    public mutating func next(below bound: UInt64) -> UInt64 {
        next().multipliedFullWidth(by: bound).high
    }

    /// Spreads the bits of a number over all 64.
    @_noAllocation @_noLocks
    static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
