internal import RouteCore

/// Hands out ids of a range, each after the one before, so that a free one is found at once.
struct IdentifierSource {
    private let range: Range<UInt32>
    private var cursor: UInt32

    init(_ range: Range<UInt32>) {
        self.range = range
        cursor = range.lowerBound
    }

    /// The next free id. Validation keeps the configuration smaller than the range.
    mutating func next(isFree: (UInt32) -> Bool) -> UInt32 {
        for _ in range {
            let id = cursor
            cursor = cursor + 1 == range.upperBound ? range.lowerBound : cursor + 1
            if isFree(id) { return id }
        }
        preconditionFailure("the range is larger than any configuration")
    }
}

/// Which id each next hop has, or will have.
struct NextHopIdentifiers {
    private var ids: [NextHop: UInt32] = [:]
    private var taken: Set<UInt32> = []

    subscript(_ nextHop: NextHop) -> UInt32? { ids[nextHop] }

    func contains(_ id: UInt32) -> Bool { taken.contains(id) }

    /// The first id for a next hop counts; another one is left to be removed.
    mutating func record(_ id: UInt32, for nextHop: NextHop) {
        guard ids[nextHop] == nil else { return }
        ids[nextHop] = id
        taken.insert(id)
    }

    /// Keeps what next hops had that are not there now, so that they come back under their ids.
    ///
    /// Links that are made again have new next hops; beyond a bound the old ones are forgotten.
    mutating func keep(_ old: NextHopIdentifiers, where isFree: (UInt32) -> Bool) {
        guard old.ids.count < 0x4000 else { return }
        for (nextHop, id) in old.ids where !taken.contains(id) && isFree(id) {
            record(id, for: nextHop)
        }
    }
}
