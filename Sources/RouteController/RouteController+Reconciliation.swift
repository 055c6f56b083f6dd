internal import LinuxSystem
internal import Netlink
internal import RouteCore

extension RouteController {
    /// A step the kernel refused.
    struct Failure {
        let operation: RouteOperation
        let error: NetlinkError
    }

    /// Makes the kernel as wanted, leaving out what it refuses.
    ///
    /// The first refusal may mean that the model is old, so the kernel is read again. Every further
    /// one takes what was refused out of the wanted state, and the rest goes on.
    func reconcile(cause: String, since start: Int64? = nil) {
        guard isActive, !isAdoptionDue else { return }
        let start = start ?? Clock.monotonicNanoseconds()
        var mayReread = true
        while true {
            guard let failure = run(wholePlan()) else { break }
            if mayReread {
                mayReread = false
                guard reread() else { break }
            } else if !takeOut(failure) {
                break
            }
        }
        report(Array(sets.indices), cause: cause, since: start)
        scheduleRetry()
    }

    /// The short way of a session's change: one message to the group that its routes share.
    /// False when more than that is to do.
    func replaceGroupAtOnce(_ set: Int) -> Bool {
        guard isSettled(set), refusals.isEmpty, let id = sets[set].groupID,
            let present = found.groups[id]
        else { return false }
        let nextHops = installable(set)
        let wanted = group(nextHops, ofSet: set)
        guard !wanted.isEmpty,
            nextHops.count == max(sets[set].membership.selection.nextHops.count, 1),
            wanted.allSatisfy({ found.nextHops[$0.id] != nil })
        else { return false }
        guard wanted != present else { return true }
        if takeMembersAway(present, leaving: wanted, ofSet: set) { return true }
        return run([.replaceGroup(id: id, wanted)]) == nil
    }

    /// The next shorter way: a plan for these sets alone, however many others there are. False when
    /// all have to be looked at.
    func reconcileAlone(_ chosen: [Int]) -> Bool {
        guard !isAdoptionDue, refusals.isEmpty else { return false }
        for set in chosen {
            let selected = sets[set].membership.selection.nextHops
            guard selected.allSatisfy({ nextHop(sets[set].nextHops[$0]) != nil }) else {
                return false
            }
        }
        var comparison = comparison(of: chosen)
        // Next hops that are not wanted now stay for later.
        for id in comparison.wanted.nextHops.keys {
            comparison.found.nextHops[id] = found.nextHops[id]
        }
        for set in chosen {
            if let id = sets[set].groupID { comparison.found.groups[id] = found.groups[id] }
        }
        let isDone = run(RoutePlan(from: comparison.found, to: comparison.wanted)) == nil
        if isStale { retryTimer.arm(at: Clock.monotonicNanoseconds()) }
        return isDone
    }

    /// With many routes on a group whose kernel walks them all at each change of the group: next
    /// hops that leave are taken away themselves, which walks no route. They must leave every group
    /// they are in, and leave none empty.
    private func takeMembersAway(
        _ present: NextHopGroup, leaving wanted: NextHopGroup, ofSet set: Int
    ) -> Bool {
        guard kernelWalksRoutes, sets[set].keys.count > Self.fewRoutes,
            wanted.allSatisfy(present.contains)
        else { return false }
        let leaving = present.filter { !wanted.contains($0) }.map(\.id)
        guard lentIDs.isDisjoint(with: leaving) else { return false }
        for (other, content) in sets.enumerated() where other != set {
            guard let id = content.groupID, let members = found.groups[id],
                members.contains(where: { leaving.contains($0.id) })
            else { continue }
            let rest = group(installable(other), ofSet: other)
            guard isSettled(other), !rest.isEmpty,
                !rest.contains(where: { leaving.contains($0.id) })
            else { return false }
        }
        let gone = found.nextHops.filter { leaving.contains($0.key) }
        guard run(leaving.map { .removeNextHop(id: $0) }) == nil else { return false }
        for id in found.groups.keys {
            found.groups[id]?.members.removeAll { leaving.contains($0.id) }
        }
        departed.merge(gone) { _, new in new }
        return true
    }

    /// Carries out a plan up to the first refusal.
    func run(_ plan: RoutePlan) -> Failure? {
        run(plan.operations)
    }

    func run(_ operations: [RouteOperation]) -> Failure? {
        for operation in operations {
            guard isToSend() else { return nil }
            do throws(NetlinkError) {
                try guardForeignRoute(operation)
                try refuseForTest(operation)
                try writer.perform(operation, through: socket)
                take(operation)
            } catch { return Failure(operation: operation, error: error) }
        }
        return nil
    }

    /// A test lets a controller die after any of its messages.
    private func isToSend() -> Bool {
        guard let left = messagesLeft else { return true }
        messagesLeft = left - 1
        if left <= 0 { isActive = false }
        return left > 0
    }

    /// A test may have a kernel without resilient groups, which refuses them like this.
    private func refuseForTest(_ operation: RouteOperation) throws(NetlinkError) {
        guard refusesResilience, case .createGroup(let id, let group) = operation,
            group.resilience != nil
        else { return }
        throw .refused(
            operation: "add resilient next-hop group \(id)", errno: .operationNotSupported,
            text: nil)
    }

    /// A replace goes by the key alone, so it must be sure that the key leads to our own route.
    private func guardForeignRoute(_ operation: RouteOperation) throws(NetlinkError) {
        guard case .replaceRoute(let route) = operation else { return }
        noteContestedKeys()
        guard contestedKeys.contains(route.key) else { return }
        guard try reader.foreignRoute(at: route.key, through: socket) == nil else {
            if leadsAstray(route.key, instead: route.target) {
                try writer.perform(.removeRoute(route.key), through: socket)
                take(.removeRoute(route.key))
            }
            throw .refused(
                operation: "change route \(route.key)", errno: .fileExists, text: nil)
        }
        contestedKeys.remove(route.key)
    }

    /// Whether our route, which cannot be changed beside somebody else's of the same key, leads to
    /// what is gone: then traffic is better off with the other one.
    private func leadsAstray(_ key: RouteKey, instead target: MultipathRoute.Target) -> Bool {
        guard let present = found.routes[key] else { return false }
        return present == .blackhole || !nextHops(of: present).isSubset(of: nextHops(of: target))
    }

    /// Takes what was refused out of the wanted state. False when nothing can be taken out.
    private func takeOut(_ failure: Failure) -> Bool {
        let error = failure.error
        switch failure.operation {
        case .createNextHop(_, let nextHop), .replaceNextHop(_, let nextHop):
            refusals.nextHops[nextHop] = error
        case .createGroup(let id, let group):
            if group.resilience == nil || !doWithoutResilience(id, error) {
                refusals.groups[id] = error
            }
        case .replaceGroup(let id, _):
            refusals.groups[id] = error
        case .createRoute(let route), .replaceRoute(let route):
            if case .nextHops(let nextHops) = route.target, error.isOfNextHop {
                sift(nextHops, of: route.key)
            } else {
                refuse(route.key, error)
            }
        case .createRule(let rule): refusals.rules[rule] = error
        case .removeRoute, .removeGroup, .removeGroupAndRoutes, .removeNextHop, .removeRule:
            refusals.general = error
            return false
        }
        return true
    }

    /// A kernel that refuses a resilient group, and takes an ordinary one of the same members, has
    /// none such. Whether that was it.
    private func doWithoutResilience(_ id: UInt32, _ error: NetlinkError) -> Bool {
        guard let set = sets.firstIndex(where: { $0.groupID == id }),
            run([.createGroup(id: id, group(installable(set), kind: nil))]) == nil
        else { return false }
        sets[set].resilienceRefusal =
            "\(error); an ordinary group is used, in which flows move when next hops change:"
            + " resilient groups need Linux 5.13"
        return true
    }

    /// Where there are no next-hop objects, there are no resilient groups of them.
    func noteMissingResilience() {
        guard !usesNextHopObjects else { return }
        let reason =
            kernelHasNextHopObjects
            ? "next-hop objects are switched off" : "the kernel has no next-hop objects (Linux 5.3)"
        for set in sets.indices where sets[set].resilience != nil {
            sets[set].resilienceRefusal =
                "no resilient group, as \(reason): flows move when next hops change"
        }
    }

    func refuse(_ key: RouteKey, _ error: NetlinkError) {
        guard error.errno == .fileExists,
            let foreign = try? reader.foreignRoute(at: key, through: socket)
        else {
            refusals.routes[key] = .error(error.description)
            return
        }
        refusals.routes[key] = .conflict(
            "a route of somebody else has the same key and stays: \(foreign);"
                + " use another metric, or a table of your own")
    }

    /// Asks again later while something wanted is missing.
    private func scheduleRetry() {
        if isStale {
            retryTimer.arm(at: Clock.monotonicNanoseconds())
            return
        }
        guard !refusals.isEmpty || !unresolved().isEmpty else {
            retryTimer.disarm()
            retryNanoseconds = options.firstRetryNanoseconds
            return
        }
        retryTimer.arm(at: Clock.monotonicNanoseconds() + retryNanoseconds)
    }

    /// Wanted next hops whose link is not known.
    func unresolved() -> [NextHopConfiguration] {
        sets.flatMap { set in
            set.membership.selection.nextHops.map { set.nextHops[$0] }
                .filter { nextHop($0) == nil }
        }
    }

    /// The wait after a refusal is over.
    func retry() {
        retryTimer.acknowledge()
        retryNanoseconds = min(retryNanoseconds * 2, options.lastRetryNanoseconds)
        startAfresh(cause: "retry")
    }

    /// Forgets refusals and links, reads the kernel and makes it as wanted.
    func startAfresh(cause: String, reading depth: ReadingDepth = .everything) {
        guard isActive else { return }
        // Something may have been said between two messages of a plan.
        let isRead = reread(isStale || isAdoptionDue ? .everything : depth)
        isStale = false
        // Told before the refusals are forgotten: a refusal that repeats is no news.
        if !isAdoptionDue {
            report(Array(sets.indices), cause: "changed in the kernel", since: nil)
        }
        guard isRead else {
            scheduleRetry()
            return
        }
        refusals = Refusals()
        resolutions = [:]
        adoptIfDue()
        reconcile(cause: cause)
    }
}
