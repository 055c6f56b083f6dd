import Netlink
import RouteController
import RouteCore
import Testing

extension RouteTests {
    @Suite struct FollowingTests {
        @Test(arguments: RouteCase.all)
        func `a next hop is in the route exactly while its session is up`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = try each.route()
                let controller = try lab.controller([route], each.options)
                controller.start()
                #expect(try lab.kernel() == RouteState())
                #expect(controller.snapshot().first?.state == .withdrawn)
                controller.sessionChanged(peer: "a", to: .up)
                #expect(try lab.gateways(route.key) == [each.gateway(0)])
                #expect(controller.snapshot().first?.state == .partial)
                controller.sessionChanged(peer: "b", to: .up)
                #expect(try lab.gateways(route.key) == [each.gateway(0), each.gateway(1)])
                #expect(controller.snapshot().first?.state == .installed)
                controller.sessionChanged(peer: "a", to: .failed)
                #expect(try lab.gateways(route.key) == [each.gateway(1)])
                #expect(controller.snapshot().first?.nextHops.first?.reason == "session failed")
                controller.sessionChanged(peer: "b", to: .administrativelyDown)
                #expect(try lab.gateways(route.key) == [])
                #expect(controller.snapshot().first?.state == .withdrawn)
                controller.sessionChanged(peer: "b", to: .up)
                #expect(try lab.gateways(route.key) == [each.gateway(1)])
                let kinds = lab.events.map { "\($0.kind.rawValue) \($0.peer ?? "-")" }
                #expect(
                    kinds == [
                        "next-hop-added a", "route-installed -", "next-hop-added b",
                        "next-hop-removed a", "next-hop-removed b", "route-withdrawn -",
                        "next-hop-added b", "route-installed -",
                    ])
            }
        }

        @Test(arguments: RouteCase.all, [UInt64(1), 2])
        func `after any history the kernel holds the up set`(each: RouteCase, seed: UInt64) throws {
            try RouteLab.run { lab in
                let route = try each.route()
                let controller = try lab.controller([route], each.options)
                controller.start()
                var generator = SplitMix(seed: seed)
                var up: Set<String> = []
                let standings: [SessionStanding] = [.up, .failed, .administrativelyDown]
                for _ in 0..<150 {
                    let index = Int.random(in: 0...1, using: &generator)
                    let standing = standings[Int.random(in: 0...2, using: &generator)]
                    controller.sessionChanged(peer: ["a", "b"][index], to: standing)
                    if standing == .up {
                        up.insert(each.gateway(index))
                    } else {
                        up.remove(each.gateway(index))
                    }
                    #expect(try lab.gateways(route.key) == up, "seed \(seed)")
                }
                let added = lab.events.filter { $0.kind == .nextHopAdded }.count
                let removed = lab.events.filter { $0.kind == .nextHopRemoved }.count
                #expect(added == removed + up.count)
            }
        }

        @Test func `one change of a thousand routes is one message`() throws {
            try RouteLab.run { lab in
                let each = RouteCase.all[0]
                let nextHops = try each.route().nextHops
                let routes = try (0..<1000).map { index in
                    RouteConfiguration(
                        prefix: try Prefix(
                            HostAddress(ipv4: 0xc0000000 + UInt32(index) << 8), length: 24),
                        metric: 50, nextHops: nextHops)
                }
                let controller = try lab.controller(routes, each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                #expect(try lab.kernel().routes.count == 1000)
                let observer = try RouteMonitor()
                controller.sessionChanged(peer: "a", to: .failed)
                let nanoseconds = try #require(lab.events.last?.kernelNanoseconds)
                print("session change to acknowledgement, 1,000 routes: \(nanoseconds / 1000) µs")
                // The kernel tells of every route too, for those who know no next-hop objects.
                let told = try observer.read()
                let groups = told.compactMap { notification -> [GroupMember]? in
                    guard case .nextHop(_, let members) = notification.change else { return nil }
                    return members
                }
                #expect(groups.count == 1)
                #expect(groups.first?.count == 1)
                for notification in told {
                    switch notification.change {
                    case .routeRemoved, .overflow: Issue.record("\(notification)")
                    case .route, .nextHop, .nextHopRemoved, .rule, .link, .linkRemoved, .address:
                        break
                    }
                }
            }
        }

        @Test(arguments: RouteCase.all)
        func `a thousand sessions with a route each do not slow each other down`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                let routes = try (0..<UInt32(1000)).map { index in
                    let host = Int(2 + index % 200)
                    let network =
                        each.family == .ipv4
                        ? HostAddress(ipv4: 0xc000_0000 + index << 8)
                        : HostAddress(ipv6: 0x2001_0db9 << 96 + UInt128(index) << 64)
                    return RouteConfiguration(
                        prefix: try Prefix(network, length: each.family == .ipv4 ? 24 : 64),
                        metric: 50,
                        nextHops: [
                            NextHopConfiguration(
                                peer: "p\(index)", via: try address(each.gateway(1, host: host)))
                        ])
                }
                let controller = try lab.controller(routes, each.options)
                controller.start()
                for standing in [SessionStanding.up, .failed, .up] {
                    for index in 0..<1000 {
                        controller.sessionChanged(peer: "p\(index)", to: standing)
                    }
                }
                #expect(try lab.kernel().routes.count == 1000)
                let nanoseconds = lab.events.compactMap(\.kernelNanoseconds).sorted()
                let median = nanoseconds[nanoseconds.count / 2]
                print(
                    "route of its own, \(each.testDescription): median \(median / 1000) µs, "
                        + "max \((nanoseconds.last ?? 0) / 1000) µs")
                #expect(median < 1_000_000_000)
                controller.withdrawAll()
                #expect(try lab.kernel() == RouteState())
            }
        }

        @Test(arguments: RouteCase.all)
        func `weights reach the kernel`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = try each.route(weights: (256, 3))
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                let shown = try shell("ip", each.flag, "route", "show", "default", "proto", "158")
                #expect(shown.contains("weight 256"))
                #expect(shown.contains("weight 3"))
                // A single one, and back: the model must not drift from what the kernel keeps.
                controller.sessionChanged(peer: "a", to: .failed)
                controller.sessionChanged(peer: "a", to: .up)
                let again = try shell("ip", each.flag, "route", "show", "default", "proto", "158")
                #expect(again == shown)
            }
        }

        @Test(arguments: RouteCase.all)
        func `a route goes into its own table with its metric`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let controller = try lab.controller([each.route(table: 5880)], each.options)
                controller.start()
                controller.sessionChanged(peer: "b", to: .up)
                let shown = try shell("ip", each.flag, "route", "show", "table", "5880")
                #expect(shown.contains("proto 158"))
                #expect(shown.contains("metric 50"))
                controller.withdrawAll()
                #expect(try lab.kernel() == RouteState())
            }
        }

        @Test(arguments: RouteCase.all)
        func `keep-last keeps the last next hop and blackhole drops`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = try each.route(RoutePolicy(whenNoneUp: .keepLast))
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "a", to: .failed)
                #expect(try lab.gateways(route.key) == [each.gateway(0)])
                let reason = controller.snapshot().first?.nextHops.first?.reason
                #expect(reason == "session failed, kept as the last")
                try controller.setRoutes([each.route(RoutePolicy(whenNoneUp: .blackhole))])
                #expect(try lab.gateways(route.key) == ["blackhole"])
                #expect(controller.snapshot().first?.state == .blackhole)
                controller.sessionChanged(peer: "b", to: .up)
                #expect(try lab.gateways(route.key) == [each.gateway(1)])
                controller.sessionChanged(peer: "b", to: .failed)
                #expect(try lab.gateways(route.key) == ["blackhole"])
                controller.withdrawAll()
                #expect(try lab.kernel() == RouteState())
            }
        }

        @Test(arguments: RouteCase.all)
        func `keep holds what an administrator closed`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = try each.route(RoutePolicy(onAdminDown: .keep))
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "a", to: .administrativelyDown)
                controller.sessionChanged(peer: "b", to: .administrativelyDown)
                #expect(try lab.gateways(route.key) == [each.gateway(0)])
                controller.sessionChanged(peer: "a", to: .failed)
                #expect(try lab.gateways(route.key) == [])
            }
        }

        @Test(arguments: RouteCase.all)
        func `a link-local gateway is used on its interface`(each: RouteCase) throws {
            guard each.family == .ipv6 else { return }
            try RouteLab.run { lab in
                var route = try each.route()
                route.nextHops = [
                    NextHopConfiguration(peer: "a", via: try address("fe80::9"), interface: "g0"),
                    NextHopConfiguration(peer: "b", via: try address("fe80::9"), interface: "g1"),
                ]
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                #expect(controller.snapshot().first?.state == .installed)
                controller.sessionChanged(peer: "a", to: .failed)
                #expect(controller.snapshot().first?.nextHops.map(\.isInstalled) == [false, true])
                route.nextHops[0].interface = nil
                #expect(throws: RouteControllerError.self) { try controller.setRoutes([route]) }
            }
        }

        @Test(arguments: RouteCase.all)
        func `a new configuration changes what differs and nothing else`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = try each.route()
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                var third = route
                third.nextHops.append(
                    NextHopConfiguration(peer: "c", via: try address(each.gateway(0, host: 3))))
                let observer = try RouteMonitor()
                try controller.setRoutes([third])
                controller.sessionChanged(peer: "c", to: .up)
                #expect(try lab.gateways(route.key).count == 3)
                for told in try observer.read() {
                    guard case .routeRemoved = told.change else { continue }
                    Issue.record("a route went: \(told)")
                }
                try controller.setRoutes([])
                #expect(try lab.kernel() == RouteState())
            }
        }
    }
}

/// The same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
