import Netlink
import RouteController
import RouteCore
import Testing

extension RouteTests {
    @Suite struct RestorationTests {
        @Test(arguments: RouteCase.all)
        func `a route deleted by hand comes back`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = try each.route()
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                let before = try lab.kernel()
                try shell("ip", each.flag, "route", "del", "default", "metric", "50")
                #expect(try lab.gateways(route.key) == [])
                try lab.waitUntil("the route is back") { try lab.kernel() == before }
                #expect(lab.events.last?.kind == .routeInstalled)
            }
        }

        @Test(arguments: [HostAddress.Family.ipv4, .ipv6])
        func `next hops and groups deleted by hand come back`(family: HostAddress.Family) throws {
            try RouteLab.run { lab in
                let each = RouteCase(family: family, useNextHopObjects: .automatic)
                let controller = try lab.controller([each.route()], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                let before = try lab.kernel()
                for id in Array(before.nextHops.keys) + Array(before.groups.keys) {
                    try shell("ip", "nexthop", "del", "id", "\(id)")
                    #expect(try lab.kernel() != before)
                    try lab.waitUntil("\(id) is back") { try lab.kernel() == before }
                }
                let (id, _) = try #require(before.groups.first)
                let member = try #require(before.nextHops.keys.min())
                try shell("ip", "nexthop", "replace", "id", "\(id)", "group", "\(member),9")
                try lab.waitUntil("the group is as it was") { try lab.kernel() == before }
            }
        }

        @Test(arguments: RouteCase.all)
        func `a link that goes down and up gets its next hop back`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = try each.route()
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                try shell("ip", "link", "set", "g1", "down")
                lab.serve(milliseconds: 100)
                if each.useNextHopObjects == .automatic {
                    let snapshot = try #require(controller.snapshot().first)
                    #expect(snapshot.state == .partial)
                    #expect(snapshot.nextHops[1].reason?.contains("device is not up") == true)
                }
                controller.sessionChanged(peer: "b", to: .failed)
                #expect(try lab.gateways(route.key) == [each.gateway(0)])
                try shell("ip", "link", "set", "g1", "up")
                try lab.restoreIPv6Addresses()
                lab.serve(milliseconds: 100)
                controller.sessionChanged(peer: "b", to: .up)
                try lab.waitUntil("both next hops are in") {
                    try lab.gateways(route.key) == [each.gateway(0), each.gateway(1)]
                }
                #expect(controller.snapshot().first?.state == .installed)
            }
        }

        @Test(arguments: RouteCase.all)
        func `a route whose only link goes down and up is restored by itself`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                let route = try each.route(RoutePolicy(whenNoneUp: .keepLast))
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "b", to: .up)
                #expect(try lab.gateways(route.key) == [each.gateway(1)])
                try shell("ip", "link", "set", "g1", "down")
                try lab.waitUntil("the loss is seen") {
                    controller.snapshot().first?.state == .error
                }
                controller.sessionChanged(peer: "b", to: .failed)
                try shell("ip", "link", "set", "g1", "up")
                try lab.restoreIPv6Addresses()
                try lab.waitUntil("the last next hop is back") {
                    try lab.gateways(route.key) == [each.gateway(1)]
                }
            }
        }

        @Test(arguments: RouteCase.all)
        func `a link that is made again under its name gets its next hop back`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                let route = try each.route()
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "b", to: .up)
                try shell("ip", "link", "del", "g1")
                try lab.waitUntil("the loss is seen") {
                    controller.snapshot().first?.error?.contains("g1 does not exist") == true
                }
                try shell("ip", "link", "add", "g1", "type", "veth", "peer", "name", "r9")
                try shell("ip", "link", "set", "r9", "up")
                try shell("ip", "link", "set", "g1", "up")
                let network = each.family == .ipv4 ? "10.99.1.1/24" : "2001:db8:a1::1/64"
                try shell(
                    ["ip", "addr", "add", network, "dev", "g1"]
                        + (each.family == .ipv6 ? ["nodad"] : []))
                try lab.waitUntil("the next hop is back") {
                    try lab.gateways(route.key) == [each.gateway(1)]
                }
            }
        }

        /// IPv4 only: for IPv6, the kernel takes any gateway on a link that is named.
        @Test(arguments: RouteCase.all.filter { $0.family == .ipv4 })
        func `a gateway the kernel refuses is shown with its words and tried again`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                var route = try each.route()
                route.nextHops[0].via = try address("10.98.0.2")
                route.nextHops[0].interface = "g0"
                route.nextHops.append(
                    NextHopConfiguration(peer: "c", via: try address(each.gateway(1, host: 3))))
                let controller = try lab.controller([route], each.options)
                controller.start()
                for peer in ["b", "a", "c"] { controller.sessionChanged(peer: peer, to: .up) }
                lab.serve(milliseconds: 100)
                let snapshot = try #require(controller.snapshot().first)
                #expect(snapshot.nextHops[0].reason?.contains("invalid gateway") == true)
                #expect(snapshot.error == snapshot.nextHops[0].reason)
                let others = [each.gateway(1), each.gateway(1, host: 3)]
                #expect(try lab.gateways(route.key) == Set(others))
                #expect(lab.events.filter { $0.kind == .error }.count == 1)
                // The refused one must not keep a failed one in.
                controller.sessionChanged(peer: "c", to: .failed)
                #expect(try lab.gateways(route.key) == [each.gateway(1)])
                try shell("ip", "addr", "add", "10.98.0.1/24", "dev", "g0")
                try lab.waitUntil("both are in") {
                    try lab.gateways(route.key) == ["10.98.0.2", each.gateway(1)]
                }
                #expect(controller.snapshot().first?.error == nil)
            }
        }

        @Test(arguments: RouteCase.all)
        func `a link that is down keeps no failed next hop in the route`(each: RouteCase) throws {
            try RouteLab.run { lab in
                var route = try each.route()
                route.nextHops.append(
                    NextHopConfiguration(peer: "c", via: try address(each.gateway(0, host: 3))))
                let controller = try lab.controller([route], each.options)
                controller.start()
                for peer in ["a", "b", "c"] { controller.sessionChanged(peer: peer, to: .up) }
                try shell("ip", "link", "set", "g1", "down")
                controller.sessionChanged(peer: "a", to: .failed)
                let gateways = try lab.gateways(route.key)
                #expect(!gateways.contains(each.gateway(0)))
                #expect(gateways.contains(each.gateway(0, host: 3)))
                try shell("ip", "link", "set", "g1", "up")
                try lab.restoreIPv6Addresses()
                try lab.waitUntil("both are in") {
                    try lab.gateways(route.key) == [each.gateway(1), each.gateway(0, host: 3)]
                }
            }
        }

        @Test(arguments: RouteCase.all)
        func `a gateway that is on no link is explained, and used once it is`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                let far = each.family == .ipv4 ? "10.98.0.2" : "2001:db8:98::2"
                let route = RouteConfiguration(
                    prefix: .all(each.family), metric: 50,
                    nextHops: [NextHopConfiguration(peer: "a", via: try address(far))])
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                var snapshot = try #require(controller.snapshot().first)
                #expect(snapshot.state == .error)
                #expect(snapshot.nextHops[0].reason == "no route to gateway \(far)")
                try shell(
                    "ip", each.flag, "route", "add", "default", "via", each.gateway(0, host: 9),
                    "metric", "60")
                lab.serve(milliseconds: 50)
                snapshot = try #require(controller.snapshot().first)
                #expect(snapshot.nextHops[0].reason?.contains("behind") == true)
                let network = each.family == .ipv4 ? "10.98.0.1/24" : "2001:db8:98::1/64"
                try shell(
                    ["ip", "addr", "add", network, "dev", "g0"]
                        + (each.family == .ipv6 ? ["nodad"] : []))
                try lab.waitUntil("the route is in") { try lab.gateways(route.key) == [far] }
            }
        }
    }
}
