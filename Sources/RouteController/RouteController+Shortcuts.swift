internal import LinuxSystem
internal import Netlink
internal import RouteCore

// A session fails perhaps once a day, and then everything its change needs is cold: looking up
// names, links and ids by hashes takes longer than the kernel takes for the change. So what one
// message needs to know is looked up beforehand, and only compared with the model when it is due:
//
//     verdict ──▶ shortcut: the group without this member ──▶ kernel
//                    └──▶ the ordinary way finds nothing left to do, and tells
//
// A shortcut is taken only where the ordinary way would come to the same message; where it cannot
// be sure, or the kernel refuses, it leaves everything to the ordinary way.

/// Where a session's next hop is in the kernel, looked up beforehand.
public struct RouteShortcut: Sendable, Hashable {
    let set: Int
    let group: UInt32
    let member: GroupMember
    let nextHop: NextHop
}

extension RouteController {
    /// What changes of the sessions' states need to know, by peer; nothing where there is no short
    /// way.
    public func shortcuts() -> [String: [RouteShortcut]] {
        guard usesNextHopObjects else { return [:] }
        var shortcuts: [String: [RouteShortcut]] = [:]
        for (place, set) in sets.enumerated() {
            guard let group = set.groupID, !set.policy.delaysReturns,
                !kernelWalksRoutes || set.keys.count <= Self.fewRoutes
            else { continue }
            var users: [NextHop: Int] = [:]
            let nextHops = set.nextHops.map { nextHop($0) }
            for case .some(let nextHop) in nextHops { users[nextHop, default: 0] += 1 }
            for (configuration, found) in zip(set.nextHops, nextHops) {
                guard let nextHop = found, users[nextHop] == 1, let id = nextHopIDs[nextHop] else {
                    continue
                }
                let member = GroupMember(id: id, weight: configuration.weight)
                shortcuts[configuration.peer, default: []].append(
                    RouteShortcut(set: place, group: group, member: member, nextHop: nextHop))
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
        for shortcut in shortcuts { take(shortcut, up: isUp) }
        shortcutStart = start
    }

    private func take(_ shortcut: RouteShortcut, up isUp: Bool) {
        guard sets[shortcut.set].groupID == shortcut.group, sets[shortcut.set].strays.isEmpty,
            sets[shortcut.set].membership.hasMembers,
            found.nextHops[shortcut.member.id] == shortcut.nextHop,
            var group = found.groups[shortcut.group]
        else { return }
        let id = shortcut.member.id
        let place = group.members.firstIndex { $0.id >= id } ?? group.count
        let isIn = place < group.count && group.members[place].id == id
        guard isIn != isUp, isUp || group.count > 1 else { return }
        if isIn {
            group.members.remove(at: place)
        } else {
            group.members.insert(shortcut.member, at: place)
        }
        do throws(NetlinkError) {
            try writer.replaceGroupAtOnce(id: shortcut.group, group, through: socket)
            found.groups[shortcut.group] = group
        } catch {
            // The ordinary way comes next, is refused as well, and says so.
        }
    }
}
