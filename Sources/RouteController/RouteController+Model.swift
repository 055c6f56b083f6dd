internal import LinuxSystem
internal import Netlink
internal import RouteCore

// With many routes, looking at each of them at every change would take longer than the change. So
// each set remembers its strays, the routes that do not lead to the set's group; a set without
// strays is looked at as a whole, whether it has one route or a hundred thousand.

extension RouteController {
    /// How much of the kernel has to be read to know what happened. The greater includes the less.
    enum ReadingDepth: Int, Comparable {
        /// Nothing: the notification said it all.
        case nothing
        /// Next hops and groups.
        case nextHops
        /// Routes too.
        case everything

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Whether all routes of a set lead to its group, so that the group is all there is to change.
    func isSettled(_ set: Int) -> Bool {
        guard usesNextHopObjects, sets[set].strays.isEmpty, let id = sets[set].groupID else {
            return false
        }
        return found.groups[id] != nil
    }

    /// The model follows a step that the kernel took.
    func take(_ operation: RouteOperation) {
        found.apply(operation)
        switch operation {
        case .createRoute(let route), .replaceRoute(let route): updateStray(route.key)
        case .removeRoute(let key): updateStray(key)
        case .removeGroupAndRoutes(let id):
            for set in sets.indices where sets[set].groupID == id { strayAll(set) }
            orphans = orphans.filter { found.routes[$0] != nil }
        case .createNextHop, .replaceNextHop, .createGroup, .replaceGroup, .removeGroup,
            .removeNextHop, .createRule, .removeRule:
            break
        }
    }

    /// A route in the model changed.
    func updateStray(_ key: RouteKey) {
        let target = found.routes[key]
        guard let set = homes[key] else {
            if target == nil { orphans.remove(key) } else { orphans.insert(key) }
            return
        }
        if let id = sets[set].groupID, target == .group(id) {
            sets[set].strays.remove(key)
        } else {
            sets[set].strays.insert(key)
        }
    }

    func strayAll(_ set: Int) {
        sets[set].strays = Set(sets[set].keys)
    }

    /// After a whole reading, or for a new configuration.
    func updateAllStrays() {
        homes = [:]
        homes.reserveCapacity(sets.reduce(0) { $0 + $1.keys.count })
        for set in sets.indices {
            for key in sets[set].keys { homes[key] = set }
            let target = sets[set].groupID.map { MultipathRoute.Target.group($0) }
            sets[set].strays = Set(
                sets[set].keys.filter { target == nil || found.routes[$0] != target })
        }
        orphans = Set(found.routes.keys.filter { homes[$0] == nil })
    }

    /// Reads as deep as told, and makes the model equal to the kernel. False when it refuses.
    func reread(_ depth: ReadingDepth = .everything) -> Bool {
        do throws(NetlinkError) {
            switch depth {
            case .nothing: return true
            case .nextHops:
                let findings = try reader.readNextHops(through: socket)
                let gone = found.groups.keys.filter { findings.state.groups[$0] == nil }
                found.nextHops = findings.state.nextHops
                found.groups = findings.state.groups
                found.rules = findings.state.rules
                foreignIDs = findings.foreignIDs
                lentIDs = findings.lentIDs
                dropRoutes(leadingTo: Set(gone))
            case .everything:
                let findings = try reader.read(
                    nextHopObjects: kernelHasNextHopObjects, through: socket)
                found = findings.state
                foreignIDs = findings.foreignIDs
                lentIDs = findings.lentIDs
            }
        } catch {
            refusals.general = error
            return false
        }
        recordIDs()
        if depth == .everything { updateAllStrays() }
        return true
    }

    private func recordIDs() {
        let old = nextHopIDs
        nextHopIDs = NextHopIdentifiers()
        for (id, nextHop) in found.nextHops.sorted(by: { $0.key < $1.key })
        where options.nextHopIDs.contains(id) {
            nextHopIDs.record(id, for: nextHop)
        }
        nextHopIDs.keep(old) { found.nextHops[$0] == nil && !foreignIDs.contains($0) }
        for set in sets.indices {
            leaveUnfitGroup(set)
            guard let id = sets[set].groupID, foreignIDs.contains(id) else { continue }
            sets[set].groupID = nil
            strayAll(set)
        }
    }

    /// The kernel changes no group into one of another kind: its routes move to a new one.
    func leaveUnfitGroup(_ set: Int) {
        guard let id = sets[set].groupID, let group = found.groups[id],
            !group.canBecome(sets[set].effectiveResilience)
        else { return }
        sets[set].groupID = nil
        strayAll(set)
    }

    /// The kernel takes the routes of a group away with it.
    func dropRoutes(leadingTo groups: Set<UInt32>) {
        guard !groups.isEmpty else { return }
        found.routes = found.routes.filter { route in
            guard case .group(let id) = route.value else { return true }
            return !groups.contains(id)
        }
        for set in sets.indices {
            if let id = sets[set].groupID, groups.contains(id) { strayAll(set) }
        }
        orphans = orphans.filter { found.routes[$0] != nil }
    }
}
