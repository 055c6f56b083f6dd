internal import LinuxSystem
internal import Netlink
internal import RouteCore

// A session fails perhaps once a day, and then everything its change needs is cold: looking up
// names, links and ids by hashes takes longer than the kernel takes for the change. So what one
// message needs to know is looked up beforehand, and only compared with the model when it is due:
//
//     verdict ──▶ shortcut: the next hop's object is taken away ──▶ kernel: all its groups
//                    └──▶ the ordinary way finds nothing left to do, and tells
//
// The kernel changes a group at once either way, but what it does then is not the same. A group
// that is replaced is announced after a grace period of RCU, for which a kernel thread without
// real-time priority has to run: tens of microseconds, or as long as others keep that thread from
// its core. A next hop that is taken away leaves all its groups by one message, whatever their
// number and that of their routes, and they are announced before that wait. Its object is made
// anew when there is time, so that a return is one message to each group.
//
// A shortcut is taken only where the ordinary way would come to the same members; where it cannot
// be sure, or the kernel refuses, it leaves everything to the ordinary way.

/// Where a session's next hop is in the kernel, looked up beforehand.
public struct RouteShortcut: Sendable, Hashable {
    /// A group that the next hop is in while its session is up.
    struct Seat: Sendable, Hashable {
        let set: Int
        let group: UInt32
        let weight: Int
        /// Whether a return is one message, and due at once.
        let mayReturn: Bool
        /// Whether a change of the group costs little, however many routes lead there.
        let isCheap: Bool
    }

    let id: UInt32
    let nextHop: NextHop
    var seats: [Seat]
    /// Whether no other session, and no group that takes another way, needs the object.
    var isOwn: Bool
}

extension RouteController {
    /// What changes of the sessions' states need to know, by peer; nothing where there is no short
    /// way.
    public func shortcuts() -> [String: [RouteShortcut]] {
        guard usesNextHopObjects else { return [:] }
        var found: [NextHop: [String: RouteShortcut]] = [:]
        for (place, set) in sets.enumerated() {
            let nextHops = set.nextHops.map { nextHop($0) }
            for (configuration, nextHop) in zip(set.nextHops, nextHops) {
                guard let nextHop, let id = nextHopIDs[nextHop] else { continue }
                let isAlone = nextHops.count { $0 == nextHop } == 1
                var shortcut =
                    found[nextHop]?[configuration.peer]
                    ?? RouteShortcut(id: id, nextHop: nextHop, seats: [], isOwn: true)
                if isAlone, let group = set.groupID {
                    let isCheap = !kernelWalksRoutes || set.keys.count <= Self.fewRoutes
                    shortcut.seats.append(
                        RouteShortcut.Seat(
                            set: place, group: group, weight: configuration.weight,
                            mayReturn: isCheap && !set.policy.delaysReturns, isCheap: isCheap))
                } else {
                    shortcut.isOwn = false
                }
                found[nextHop, default: [:]][configuration.peer] = shortcut
            }
        }
        var shortcuts: [String: [RouteShortcut]] = [:]
        for users in found.values {
            for (peer, shortcut) in users where !shortcut.seats.isEmpty {
                var shortcut = shortcut
                if users.count > 1 { shortcut.isOwn = false }
                shortcuts[peer, default: []].append(shortcut)
            }
        }
        return shortcuts
    }

    /// Counts what makes shortcuts worth looking up anew.
    public var shortcutVersion: Int { shape }

    /// Takes a session's next hop out of its groups, or back in, ahead of `sessionChanged`.
    ///
    /// The shortcuts are of the configuration's version `version`; `start` is when the cause was.
    public func takeShortcuts(
        _ shortcuts: [RouteShortcut], up isUp: Bool, version: Int, since start: Int64
    ) {
        guard version == setsVersion, isActive, !isAdoptionDue, messagesLeft == nil,
            refusals.isEmpty
        else { return }
        for shortcut in shortcuts where isUp || !takeAway(shortcut) {
            for seat in shortcut.seats { take(shortcut, seat, up: isUp) }
        }
        shortcutStart = start
    }

    /// By one message for all groups; false where they have to be changed one by one.
    private func takeAway(_ shortcut: RouteShortcut) -> Bool {
        guard shortcut.isOwn, !lentIDs.contains(shortcut.id) else { return false }
        for seat in shortcut.seats {
            guard isFit(seat, shortcut), let members = found.groups[seat.group]?.members,
                members.count > 1, members.contains(where: { $0.id == shortcut.id })
            else { return false }
        }
        do throws(NetlinkError) {
            try writer.removeNextHopAtOnce(id: shortcut.id, through: socket)
        } catch { return false }
        found.nextHops[shortcut.id] = nil
        for seat in shortcut.seats {
            found.groups[seat.group]?.members.removeAll { $0.id == shortcut.id }
        }
        departed[shortcut.id] = shortcut.nextHop
        return true
    }

    private func isFit(_ seat: RouteShortcut.Seat, _ shortcut: RouteShortcut) -> Bool {
        sets[seat.set].groupID == seat.group && sets[seat.set].strays.isEmpty
            && sets[seat.set].membership.hasMembers
            && found.nextHops[shortcut.id] == shortcut.nextHop
    }

    private func take(_ shortcut: RouteShortcut, _ seat: RouteShortcut.Seat, up isUp: Bool) {
        guard isUp ? seat.mayReturn : seat.isCheap, isFit(seat, shortcut),
            var group = found.groups[seat.group]
        else { return }
        let id = shortcut.id
        let place = group.members.firstIndex { $0.id >= id } ?? group.count
        let isIn = place < group.count && group.members[place].id == id
        guard isIn != isUp, isUp || group.count > 1 else { return }
        if isIn {
            group.members.remove(at: place)
        } else {
            group.members.insert(GroupMember(id: id, weight: seat.weight), at: place)
        }
        do throws(NetlinkError) {
            try writer.replaceGroupAtOnce(id: seat.group, group, through: socket)
            found.groups[seat.group] = group
        } catch {
            // The ordinary way comes next, is refused as well, and says so.
        }
    }

    /// Makes the objects anew that were taken away: in no group, they are ready for a return.
    ///
    /// What the kernel refuses now, it is asked for when it is needed.
    public func restoreDeparted() {
        guard !departed.isEmpty else { return }
        for (id, nextHop) in departed.sorted(by: { $0.key < $1.key })
        where isActive && nextHopIDs[nextHop] == id && found.nextHops[id] == nil {
            let operation = RouteOperation.createNextHop(id: id, nextHop)
            do throws(NetlinkError) {
                try writer.perform(operation, through: socket)
                take(operation)
            } catch { continue }
        }
        departed = [:]
    }
}
