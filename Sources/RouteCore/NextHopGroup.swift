/// How a resilient group holds on to flows: traffic is spread over buckets, and a bucket keeps its
/// next hop while packets come, whatever happens to the others.
public struct Resilience: Hashable, Sendable {
    /// Between how many buckets traffic is split; it cannot change while a group lives.
    public var buckets: UInt16
    /// For how long a bucket must be without packets to be given to another next hop.
    public var idleCentiseconds: UInt32
    /// After how long out of balance busy buckets are moved, too; 0: never.
    public var unbalancedCentiseconds: UInt32

    /// A resilient group's numbers; the kernel's own times unless told otherwise.
    public init(
        buckets: UInt16, idleCentiseconds: UInt32 = 12_000, unbalancedCentiseconds: UInt32 = 0
    ) {
        precondition(buckets > 0, "traffic needs a bucket")
        self.buckets = buckets
        self.idleCentiseconds = idleCentiseconds
        self.unbalancedCentiseconds = unbalancedCentiseconds
    }
}

/// The members of a next-hop group in ascending order of id, and what kind of group it is.
public struct NextHopGroup: Hashable, Sendable {
    /// The members; never empty in the kernel.
    public var members: [GroupMember]
    /// How it holds on to flows; nil: by a hash over the members, as an ordinary group.
    public var resilience: Resilience?

    /// A group by its parts.
    public init(_ members: [GroupMember], resilience: Resilience? = nil) {
        self.members = members
        self.resilience = resilience
    }

    /// Whether the kernel changes the one into the other: never an ordinary group into a resilient
    /// one, and never the number of buckets.
    public func canBecome(_ other: Resilience?) -> Bool {
        resilience?.buckets == other?.buckets
    }
}

extension NextHopGroup: RandomAccessCollection, ExpressibleByArrayLiteral {
    /// An ordinary group of these members.
    public init(arrayLiteral members: GroupMember...) {
        self.init(members)
    }

    /// The place of the first member.
    public var startIndex: Int { members.startIndex }
    /// The place after the last member.
    public var endIndex: Int { members.endIndex }
    /// The member at a place.
    public subscript(_ index: Int) -> GroupMember { members[index] }
}
