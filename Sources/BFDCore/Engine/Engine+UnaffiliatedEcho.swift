extension Engine {
    /// Why a packet may not be looked at, whatever it says (RFC 5881 §5, RFC 9747 §2).
    ///
    /// A looped packet has been forwarded exactly once.
    @_noAllocation @_noLocks
    mutating func refusalByHopLimit(_ arrival: Arrival) -> DiscardReason? {
        if arrival.transport == .unaffiliatedEcho {
            guard let hopLimit = arrival.hopLimit, hopLimit == 254 else { return .ttlNot254 }
            return nil
        }
        let gate = arrival.transport == .multihop ? 1 : lowestMinimumTTL
        guard let hopLimit = arrival.hopLimit, hopLimit >= gate else {
            return gate == 255 ? .ttlNot255 : .ttlBelowMinimum
        }
        return nil
    }

    /// The session of a looped packet with Your 0 (RFC 9747 §2): its source is the session's own
    /// address, and since it is ours, My is the session's discriminator.
    @_noAllocation @_noLocks
    mutating func slot(looping packet: ControlPacket, _ arrival: Arrival) -> Int? {
        guard let slot = demultiplexer.slot(discriminator: packet.myDiscriminator),
            sessions[slot].isUnaffiliatedEcho,
            sessions[slot].configuration.path.source == arrival.source
        else { return nil }
        return slot
    }

    /// Why a selected unaffiliated Echo session does not want the packet.
    @_noAllocation @_noLocks
    mutating func refusalOfLoop(_ slot: Int, _ arrival: Arrival) -> DiscardReason? {
        let configuration = sessions[slot].configuration
        let isForeign = configuration.strictSource && !(arrival.source == configuration.path.source)
        return isForeign ? .sourceMismatch : nil
    }

    /// Whether a path leads to a system that another session has already, where one of the two is
    /// an unaffiliated Echo session (RFC 9747 §4).
    func isRemoteInUse(_ path: Path) -> Bool {
        guard hasLoops || path.transport == .unaffiliatedEcho else { return false }
        for slot in 0..<sessions.capacity where sessions.isInUse(slot) {
            let session = sessions[slot]
            let other = session.configuration.path
            guard path.transport == .unaffiliatedEcho || session.isUnaffiliatedEcho,
                !session.isBeingRemoved, other.destination == path.destination
            else { continue }
            let areApart = other.isBoundToInterface && path.isBoundToInterface
            if !areApart || other.interfaceIndex == path.interfaceIndex { return true }
        }
        return false
    }

    /// Queues the packet that tells of a change. Looped packets keep to their pace (RFC 9747 §2),
    /// and nobody waits for them.
    @_noAllocation @_noLocks
    mutating func owePacketOfChange(_ slot: Int) {
        if sessions[slot].isUnaffiliatedEcho { return }
        owePacket(slot)
    }
}
