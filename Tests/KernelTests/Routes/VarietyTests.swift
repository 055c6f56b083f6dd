import LinuxSystem
import Netlink
import RouteController
import RouteCore
import Testing

extension RouteTests {
    /// Routes that are not simply "this prefix over these peers".
    @Suite struct VarietyTests {
        @Test(arguments: RouteCase.all)
        func `a rule of ours leads to the table, is put back, and goes with it`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                var route = try each.route(table: 5880)
                route.rule = RuleConfiguration(priority: 5880)
                let before = try shell("ip", each.flag, "rule", "show")
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                let shown = try shell("ip", each.flag, "rule", "show")
                #expect(shown.contains("from all lookup 5880 proto 158"))
                let way = try shell("ip", each.flag, "route", "get", "\(each.elsewhere())")
                #expect(way.contains(each.gateway(0)), "traffic takes the table: \(way)")
                let rules = try #require(controller.snapshot().first?.rules)
                #expect(rules.map(\.rule.priority) == [5879, 5880])
                #expect(rules.allSatisfy { $0.isInstalled && $0.error == nil })
                for priority in ["5880", "5879"] {
                    try shell("ip", each.flag, "rule", "del", "pref", priority)
                    try lab.waitUntil("the rule is back") {
                        try shell("ip", each.flag, "rule", "show") == shown
                    }
                }
                route.rule = RuleConfiguration(priority: 77)
                try controller.setRoutes([route])
                #expect(try lab.kernel().rules.map(\.priority).sorted() == [76, 77])
                controller.withdrawAll()
                #expect(try shell("ip", each.flag, "rule", "show") == before)
            }
        }

        @Test(arguments: RouteCase.all)
        func `a rule that catches all traffic leaves the gateways on their links`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                var route = try each.route(table: 5880)
                route.rule = RuleConfiguration(priority: 5880, keepsMainFirst: false)
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "b", to: .up)
                func way(to address: String) throws -> String {
                    try shell("ip", each.flag, "route", "get", address)
                }
                // The trap: what is meant for the one gateway goes to the other one.
                #expect(try way(to: each.gateway(0)).contains("via \(each.gateway(1))"))

                route.rule = RuleConfiguration(priority: 5880)
                try controller.setRoutes([route])
                for link in 0...1 {
                    // A gateway, and any other host on the link.
                    for host in [2, 77] {
                        let found = try way(to: each.gateway(link, host: host))
                        #expect(found.contains("dev g\(link)"), "\(found)")
                        #expect(!found.contains("via"), "\(found)")
                    }
                }
                let far = try way(to: "\(each.elsewhere())")
                #expect(far.contains("via \(each.gateway(1))") && far.contains("table 5880"))

                // A default route of main's does not count, one to another network does.
                let onward = each.gateway(0, host: 9)
                try shell("ip", each.flag, "route", "add", "default", "via", onward)
                #expect(try way(to: "\(each.elsewhere())") == far)
                let network = each.family == .ipv4 ? "192.0.2.0/24" : "2001:db8:ffff::/48"
                try shell("ip", each.flag, "route", "add", network, "via", onward)
                #expect(try way(to: "\(each.elsewhere())").contains("via \(onward)"))
            }
        }

        @Test func `a route that covers no gateway needs no second rule`() throws {
            try RouteLab.run { lab in
                let narrow = RouteConfiguration(
                    prefix: try Prefix(address("198.51.100.0"), length: 24), table: 5880,
                    nextHops: [NextHopConfiguration(peer: "a", via: try address("10.99.0.2"))],
                    rule: RuleConfiguration(priority: 5880))
                let controller = try lab.controller([narrow])
                controller.start()
                #expect(try lab.kernel().rules.map(\.priority) == [5880])
                controller.withdrawAll()
            }
        }

        @Test(arguments: RouteCase.all.filter { $0.family == .ipv4 })
        func `an IPv4 route goes over IPv6 next hops, beside an IPv4 one`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = RouteConfiguration(
                    prefix: .all(.ipv4), metric: 50,
                    nextHops: [
                        NextHopConfiguration(peer: "a", via: try address("2001:db8:a0::2")),
                        NextHopConfiguration(
                            peer: "b", via: try address("fe80::99"), interface: "g1"),
                        NextHopConfiguration(peer: "c", via: try address("10.99.1.2")),
                    ])
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                #expect(try lab.gateways(route.key) == ["2001:db8:a0::2"])
                let way = try shell("ip", "route", "get", "192.0.2.1")
                #expect(way.contains("via inet6 2001:db8:a0::2"), "\(way)")
                controller.sessionChanged(peer: "b", to: .up)
                controller.sessionChanged(peer: "c", to: .up)
                #expect(
                    try lab.gateways(route.key) == ["2001:db8:a0::2", "fe80::99", "10.99.1.2"])
                controller.sessionChanged(peer: "a", to: .failed)
                #expect(try lab.gateways(route.key) == ["fe80::99", "10.99.1.2"])
                let left = try lab.kernel()
                let observer = try RouteMonitor()
                let next = try lab.controller([route], each.options)
                next.start()
                next.sessionChanged(peer: "b", to: .up)
                next.sessionChanged(peer: "c", to: .up)
                #expect(try lab.kernel() == left)
                #expect(try observer.read().isEmpty, "adopted as it is")
            }
        }

        @Test func `an IPv6 route cannot go over IPv4`() throws {
            try RouteLab.run { lab in
                let gateway = try address("10.99.0.2")
                let route = RouteConfiguration(
                    prefix: .all(.ipv6), nextHops: [NextHopConfiguration(peer: "a", via: gateway)])
                #expect(throws: RouteControllerError.otherFamily(route.key, via: gateway)) {
                    try lab.controller([route])
                }
            }
        }

        @Test(arguments: RouteCase.all)
        func `a gateway beyond our addresses is used on its link`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let far = each.family == .ipv4 ? "203.0.113.7" : "2001:db8:77::7"
                let route = RouteConfiguration(
                    prefix: .all(each.family), metric: 50,
                    nextHops: [
                        NextHopConfiguration(
                            peer: "a", via: try address(far), interface: "g0", isOnLink: true),
                        NextHopConfiguration(peer: "b", via: try address(each.gateway(1))),
                    ])
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                #expect(try lab.gateways(route.key) == [far])
                controller.sessionChanged(peer: "b", to: .up)
                #expect(try lab.gateways(route.key) == [far, each.gateway(1)])
                #expect(controller.snapshot().first?.state == .installed)
                lab.forgetEvents()
                lab.serve(milliseconds: 60)
                #expect(lab.events.isEmpty, "what was read is what was written")
            }
        }

        @Test(arguments: RouteCase.all)
        func `the gateway may be another than the peer that is watched`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = RouteConfiguration(
                    prefix: .all(each.family), metric: 50,
                    nextHops: [
                        NextHopConfiguration(
                            peer: "watched", via: try address(each.gateway(0, host: 200)))
                    ], policy: RoutePolicy(whenNoneUp: .blackhole))
                let controller = try lab.controller([route], each.options)
                controller.start()
                #expect(try lab.gateways(route.key) == ["blackhole"])
                controller.sessionChanged(peer: "watched", to: .up)
                #expect(try lab.gateways(route.key) == [each.gateway(0, host: 200)])
                controller.sessionChanged(peer: "watched", to: .failed)
                #expect(try lab.gateways(route.key) == ["blackhole"])
            }
        }
    }
}
