import EventLoop
import Foundation
import LinuxSystem
import Netlink
import RouteController
import RouteCore
import Testing

extension RouteTests {
    /// Somebody else works beside us, in the same tables and with ids in our range.
    @Suite struct NeighborTests {
        static let seconds =
            ProcessInfo.processInfo.environment["NEIGHBOR_SECONDS"].flatMap { Int64($0) } ?? 3

        /// What the neighbour believes to have in the kernel.
        private struct Belongings {
            var nextHops: Set<UInt32> = []
            var routes: Set<Int> = []
            var rules: Set<Int> = []
        }

        @Test(arguments: RouteCase.all)
        func `a neighbour finds everything as it left it`(each: RouteCase) throws {
            try RouteLab.run { lab in
                var routes = [try each.route(), try each.route(table: 77)]
                routes[1].rule = RuleConfiguration(priority: 5880)
                let controller = try lab.controller(routes, each.options)
                controller.start()
                var generator = SplitMix(seed: UInt64(each.gateway(0).utf8.count))
                var theirs = Belongings()
                let end = Clock.monotonicNanoseconds() + Self.seconds * 1_000_000_000
                var steps = 0
                while Clock.monotonicNanoseconds() < end {
                    let peer = Bool.random(using: &generator) ? "a" : "b"
                    let standing = Bool.random(using: &generator) ? SessionStanding.up : .failed
                    controller.sessionChanged(peer: peer, to: standing)
                    try act(each, &theirs, &generator)
                    lab.loop.runOnce(waiting: false)
                    try compare(each, theirs)
                    steps += 1
                }
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                lab.serve(milliseconds: 100)
                for route in routes { #expect(try lab.gateways(route.key).count == 2) }
                controller.withdrawAll()
                try compare(each, theirs)
                #expect(try lab.kernel() == RouteState())
                print("\(steps) steps beside a neighbour, \(each.testDescription)")
            }
        }

        private func act(
            _ each: RouteCase, _ theirs: inout Belongings, _ generator: inout SplitMix
        ) throws {
            let index = Int.random(in: 0..<8, using: &generator)
            let id = 0x5880_0000 + UInt32(index)
            let route = routeWords(each, index)
            let source = each.family == .ipv4 ? "198.51.100.1" : "2001:db8:66::1"
            let rule = ["from", source, "pref", "5880", "table", "\(70 + index)", "proto", "4"]
            switch Int.random(in: 0..<3, using: &generator) {
            case 0 where theirs.nextHops.remove(id) != nil:
                try shell("ip", "nexthop", "del", "id", "\(id)")
            case 0:
                let words = ["via", each.gateway(1, host: 9), "dev", "g1", "proto", "zebra"]
                // The id may be ours already.
                if (try? shell(["ip", "nexthop", "add", "id", "\(id)"] + words)) != nil {
                    theirs.nextHops.insert(id)
                }
            case 1 where theirs.routes.remove(index) != nil:
                try shell(["ip", each.flag, "route", "del"] + route)
            case 1:
                try shell(["ip", each.flag, "route", "add"] + route)
                theirs.routes.insert(index)
            default:
                if theirs.rules.remove(index) != nil {
                    try shell(["ip", each.flag, "rule", "del"] + rule)
                } else {
                    try shell(["ip", each.flag, "rule", "add"] + rule)
                    theirs.rules.insert(index)
                }
            }
        }

        /// Beside ours: other metrics, other tables, other prefixes.
        private func routeWords(_ each: RouteCase, _ index: Int) -> [String] {
            let prefix =
                index % 2 == 0
                ? "default" : each.family == .ipv4 ? "192.0.2.0/24" : "2001:db8:9::/48"
            return [
                prefix, "via", each.gateway(0, host: 9), "dev", "g0", "onlink", "metric",
                "\(index < 4 ? 50 + index + 1 : 50)", "table", "\(index < 4 ? 77 : 78 + index)",
                "proto", "static",
            ]
        }

        private func compare(_ each: RouteCase, _ theirs: Belongings) throws {
            let nextHops = try shell("ip", "nexthop", "show").split(separator: "\n")
                .filter { $0.contains("proto zebra") }
            #expect(nextHops.count == theirs.nextHops.count)
            for nextHop in nextHops {
                #expect(nextHop.contains("via \(each.gateway(1, host: 9)) "))
            }
            let routes = try shell(
                "ip", each.flag, "route", "show", "table", "all", "proto", "static")
            #expect(routes.split(separator: "\n").count == theirs.routes.count, "\(routes)")
            let rules = try shell("ip", each.flag, "rule", "show")
            let foreign = rules.split(separator: "\n").filter { $0.contains("proto static") }
            #expect(foreign.count == theirs.rules.count, "\(rules)")
        }
    }
}
