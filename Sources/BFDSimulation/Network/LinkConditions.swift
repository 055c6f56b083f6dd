public import BFDCore

/// What one direction of a link does to packets.
public struct LinkConditions: Sendable, Hashable, BitwiseCopyable {
    /// Whether nothing passes.
    public var isCut = false
    /// How many of a thousand packets are lost.
    public var lossPerMille = 0
    /// How long every packet is under way.
    public var delay: Nanoseconds = .milliseconds(1)
    /// How much longer a packet may be under way; alone it does not change their order.
    public var jitter: Nanoseconds = .zero
    /// How many of a thousand packets are overtaken by later ones.
    public var reorderPerMille = 0
    /// How many of a thousand packets arrive twice.
    public var duplicatePerMille = 0
    /// How many of a thousand packets arrive damaged, past every checksum.
    public var corruptPerMille = 0
    /// How many routers there are on the way: each takes one off the TTL.
    public var hopCount: UInt8 = 0

    /// A link without a fault and with a delay of 1 ms.
    public init() {}

    /// Whether packets arrive in order, once, and as they were sent, if they arrive.
    var isFaithful: Bool {
        reorderPerMille == 0 && duplicatePerMille == 0 && corruptPerMille == 0
    }

    /// How much later than the fastest packet one may arrive: an overtaken one waits three times.
    var latestArrival: Nanoseconds {
        let usual = delay + jitter
        return reorderPerMille + duplicatePerMille > 0 ? usual * 3 + .milliseconds(3) : usual
    }
}
