import RouteCore
import Testing

/// A kernel that refuses what the real one refuses, and removes what the real one removes.
struct StrictKernel {
    private(set) var state = RouteState()

    mutating func perform(_ operation: RouteOperation) {
        switch operation {
        case .createNextHop(let id, _): #expect(state.nextHops[id] == nil)
        case .replaceNextHop(let id, _): #expect(state.nextHops[id] != nil)
        case .createGroup(let id, let group):
            #expect(state.groups[id] == nil)
            check(group)
        case .replaceGroup(let id, let group):
            #expect(state.groups[id]?.canBecome(group.resilience) == true)
            check(group)
        case .createRoute(let route):
            #expect(state.routes[route.key] == nil)
            check(route.target)
        case .replaceRoute(let route):
            #expect(state.routes[route.key] != nil)
            check(route.target)
        case .removeRoute(let key): #expect(state.routes[key] != nil)
        case .removeGroup(let id):
            #expect(!state.routes.values.contains(.group(id)), "would take routes with it")
        case .createRule(let rule): #expect(!state.rules.contains(rule))
        case .removeRule(let rule): #expect(state.rules.contains(rule))
        case .removeGroupAndRoutes(let id): #expect(state.groups[id] != nil)
        case .removeNextHop(let id):
            #expect(!state.groups.values.joined().contains { $0.id == id }, "would leave groups")
        }
        state.apply(operation)
    }

    private func check(_ members: NextHopGroup) {
        #expect(!members.isEmpty)
        for member in members { #expect(state.nextHops[member.id] != nil) }
    }

    private func check(_ target: MultipathRoute.Target) {
        switch target {
        case .group(let id): #expect(state.groups[id] != nil)
        case .nextHops(let nextHops): #expect(!nextHops.isEmpty)
        case .blackhole: break
        }
    }
}

@Suite struct RoutePlanTests {
    static let gateways = (1...5).map { NextHop.gateway(HostAddress(ipv4: $0), interfaceIndex: 2) }
    static let keys: [RouteKey] = (0..<4).compactMap { index in
        let address = HostAddress(ipv4: UInt32(index) << 24)
        guard let prefix = try? Prefix(address, length: 8) else { return nil }
        return RouteKey(prefix: prefix, table: 254, metric: 50)
    }

    static func state(_ generator: inout SeededGenerator) -> RouteState {
        var state = RouteState()
        for id in UInt32(100)...101 {
            let members = gateways.indices.filter { _ in Bool.random(using: &generator) }
            guard !members.isEmpty else { continue }
            for index in members { state.nextHops[UInt32(index)] = gateways[index] }
            state.groups[id] = NextHopGroup(
                members.map { GroupMember(id: UInt32($0), weight: 1) })
        }
        for key in keys {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: state.routes[key] = .blackhole
            case 1: state.routes[key] = .nextHops([WeightedNextHop(gateways[0], weight: 1)])
            case 2, 3:
                guard let id = state.groups.keys.sorted().randomElement(using: &generator) else {
                    continue
                }
                state.routes[key] = .group(id)
            default: break
            }
        }
        return state
    }

    @Test(arguments: 0..<UInt64(100))
    func `a plan leads from any state to any other without a gap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var kernel = StrictKernel()
        for _ in 0..<30 {
            let before = kernel.state
            let wanted = Self.state(&generator)
            for operation in RoutePlan(from: before, to: wanted).operations {
                kernel.perform(operation)
                for key in Self.keys where before.routes[key] != nil && wanted.routes[key] != nil {
                    #expect(kernel.state.routes[key] != nil, "seed \(seed)")
                }
            }
            #expect(kernel.state == wanted, "seed \(seed)")
            #expect(RoutePlan(from: wanted, to: wanted).operations.isEmpty)
        }
    }

    @Test func `a member that leaves is one replace of the group`() {
        var found = RouteState()
        found.nextHops = [1: Self.gateways[0], 2: Self.gateways[1]]
        found.groups = [9: [GroupMember(id: 1, weight: 1), GroupMember(id: 2, weight: 1)]]
        for key in Self.keys { found.routes[key] = .group(9) }
        var wanted = found
        wanted.groups[9] = [GroupMember(id: 2, weight: 1)]
        wanted.nextHops[1] = nil
        let plan = RoutePlan(from: found, to: wanted, retaining: [1])
        #expect(plan.operations == [.replaceGroup(id: 9, [GroupMember(id: 2, weight: 1)])])
    }

    @Test func `when the last member leaves the route goes before its group`() {
        var found = RouteState()
        found.nextHops = [1: Self.gateways[0]]
        found.groups = [9: [GroupMember(id: 1, weight: 1)]]
        found.routes = [Self.keys[0]: .group(9)]
        let plan = RoutePlan(from: found, to: RouteState())
        #expect(
            plan.operations == [
                .removeRoute(Self.keys[0]), .removeGroup(id: 9), .removeNextHop(id: 1),
            ])
    }

    @Test(arguments: 0..<UInt64(20))
    func `evictions equal restores`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var membership = Membership(count: 5, policy: RoutePolicy())
        var kernel = StrictKernel()
        var evictions = 0
        var restores = 0
        let history = (0..<300).map { _ in
            (Int.random(in: 0..<5, using: &generator), Bool.random(using: &generator))
        }
        // Everything is up at the end, so each eviction must have had its restore.
        for (index, isUp) in (0..<5).map({ ($0, true) }) + history + (0..<5).map({ ($0, true) }) {
            let before = membership.selection.nextHops
            membership.apply(isUp ? .up : .failed, to: index)
            let after = membership.selection.nextHops
            evictions += Set(before).subtracting(after).count
            restores += Set(after).subtracting(before).count
            var wanted = RouteState()
            if !after.isEmpty {
                for member in after { wanted.nextHops[UInt32(member)] = Self.gateways[member] }
                wanted.groups[9] = NextHopGroup(
                    after.map { GroupMember(id: UInt32($0), weight: 1) })
                wanted.routes[Self.keys[0]] = .group(9)
            }
            let plan = RoutePlan(from: kernel.state, to: wanted)
            for operation in plan.operations { kernel.perform(operation) }
        }
        #expect(restores == evictions + 5, "seed \(seed)")
        #expect(kernel.state.groups[9]?.count == 5)
    }

    @Test func `a resilient group keeps its kind, and another number of buckets is another kind`() {
        let resilience = Resilience(buckets: 64)
        let members = [GroupMember(id: 1, weight: 1)]
        let group = NextHopGroup(members, resilience: resilience)
        var slower = resilience
        slower.idleCentiseconds = 1
        #expect(group.canBecome(slower), "times change at once")
        #expect(!group.canBecome(nil) && !group.canBecome(Resilience(buckets: 65)))
        #expect(NextHopGroup(members).canBecome(nil) && !NextHopGroup(members).canBecome(slower))
    }

    @Test func `of rules that spare gateways the widest of a place is enough`() {
        func rule(_ priority: UInt32, _ table: UInt32, _ length: Int?) -> RoutingRule {
            RoutingRule(family: .ipv4, priority: priority, table: table, suppressedLength: length)
        }
        let all = [
            rule(9, 254, 8), rule(9, 254, 0), rule(9, 254, 16), rule(9, 254, nil), rule(10, 7, nil),
            rule(19, 254, 8),
        ]
        let merged: Set = [all[1], all[3], all[4], all[5]]
        #expect(RoutingRule.merged(all) == merged)
        #expect(RoutingRule.merged(all.reversed()) == merged)
        #expect(all[1].serves(all[2]) && !all[2].serves(all[1]) && !all[3].serves(all[0]))
    }

    @Test func `the rule that spares the gateways is first in and last out`() {
        var state = RouteState()
        let lead = RoutingRule(family: .ipv4, priority: 10, table: 7)
        let spare = RoutingRule(family: .ipv4, priority: 9, table: 254, suppressedLength: 0)
        state.rules = [lead, spare]
        let there = RoutePlan(from: RouteState(), to: state).operations
        #expect(there == [.createRule(spare), .createRule(lead)])
        let back = RoutePlan(from: state, to: RouteState()).operations
        #expect(back == [.removeRule(lead), .removeRule(spare)])
    }

    @Test func `IPv6 reads metric 0 as 1024, as the kernel does`() {
        #expect(RouteKey(prefix: .all(.ipv6), table: 254, metric: 0).metric == 1024)
        #expect(RouteKey(prefix: .all(.ipv4), table: 254, metric: 0).metric == 0)
    }
}
