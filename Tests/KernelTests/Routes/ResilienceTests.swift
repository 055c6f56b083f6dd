import Glibc
import LinuxSystem
import Netlink
@testable import RouteController
import RouteCore
import Testing

extension RouteTests {
    /// Groups that hold on to flows.
    @Suite struct ResilienceTests {
        private static let objects = RouteCase.all.filter { $0.useNextHopObjects == .automatic }

        private func route(_ each: RouteCase, buckets: UInt16 = 32) throws -> RouteConfiguration {
            var route = try each.route()
            route.resilience = Resilience(buckets: buckets, idleCentiseconds: 500)
            route.nextHops.append(
                NextHopConfiguration(peer: "c", via: try address(each.gateway(1, host: 3))))
            return route
        }

        /// The gateway of each bucket, as the kernel dumps them.
        private func buckets(_ lab: RouteLab) throws -> [String] {
            let state = try lab.kernel()
            let group = try #require(state.groups.first { $0.value.resilience != nil }?.key)
            let dump = try shell("ip", "nexthop", "bucket", "show", "id", "\(group)")
            return dump.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                guard let place = words.firstIndex(of: "nhid"), let id = UInt32(words[place + 1]),
                    case .gateway(let gateway, _, _) = state.nextHops[id]
                else { return nil }
                return gateway.description
            }
        }

        @Test(arguments: objects)
        func `when a gateway fails, flows of the others stay where they are`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                let route = try route(each)
                let controller = try lab.controller([route], each.options)
                controller.start()
                for peer in ["a", "b", "c"] { controller.sessionChanged(peer: peer, to: .up) }
                #expect(controller.snapshot().first?.resilience == route.resilience)
                let before = try buckets(lab)
                #expect(before.count == 32 && Set(before).count == 3)
                let gateways = [each.gateway(0), each.gateway(1), each.gateway(1, host: 3)]
                for (peer, gateway) in zip(["a", "b", "c"], gateways) {
                    let before = try buckets(lab)
                    controller.sessionChanged(peer: peer, to: .failed)
                    let after = try buckets(lab)
                    for (old, new) in zip(before, after) where old != gateway {
                        #expect(new == old, "a flow of a surviving gateway moved")
                    }
                    #expect(after.count == 32 && !after.contains(gateway))
                    controller.sessionChanged(peer: peer, to: .up)
                    #expect(try buckets(lab).contains(gateway), "idle buckets are given back")
                }
                #expect(try lab.kernel().groups.values.map(\.resilience) == [route.resilience])
            }
        }

        @Test func `a gateway that returns gets no flow that is in use`() throws {
            try RouteLab.run { lab in
                let each = Self.objects[0]
                let route = try route(each, buckets: 4)
                let controller = try lab.controller([route], each.options)
                controller.start()
                for peer in ["a", "b", "c"] { controller.sessionChanged(peer: peer, to: .up) }
                controller.sessionChanged(peer: "a", to: .failed)
                // The kernel tells use from the move by its tick.
                lab.serve(milliseconds: 20)
                try useAllBuckets()
                controller.sessionChanged(peer: "a", to: .up)
                let others: Set = [each.gateway(1), each.gateway(1, host: 3)]
                #expect(Set(try buckets(lab)) == others, "busy for five seconds more")
                #expect(try lab.gateways(route.key) == others.union([each.gateway(0)]))
            }
        }

        /// Many destinations: each bucket gets some.
        private func useAllBuckets() throws {
            let descriptor = OwnedDescriptor(
                owning: socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0))
            for host in UInt8(1)...200 {
                var target = sockaddr_in()
                target.sin_family = sa_family_t(AF_INET)
                target.sin_port = UInt16(9).bigEndian
                target.sin_addr.s_addr = (0xc000_0200 + UInt32(host)).bigEndian
                _ = unsafe withUnsafeBytes(of: target) { bytes in
                    unsafe bytes.withMemoryRebound(to: sockaddr.self) { rebound in
                        unsafe sendto(
                            descriptor.rawValue, "x", 1, 0, rebound.baseAddress,
                            socklen_t(bytes.count))
                    }
                }
            }
        }

        @Test(arguments: objects)
        func `what a previous run left is adopted with its kind`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = try route(each)
                let first = try lab.controller([route], each.options)
                first.start()
                for peer in ["a", "b", "c"] { first.sessionChanged(peer: peer, to: .up) }
                let (left, before) = (try lab.kernel(), try buckets(lab))
                let observer = try RouteMonitor()
                let second = try lab.controller([route], each.options)
                second.start()
                for peer in ["a", "b", "c"] { second.sessionChanged(peer: peer, to: .up) }
                #expect(try lab.kernel() == left && buckets(lab) == before)
                #expect(try observer.read().isEmpty)

                // Another kind is another group; the route moves to it without a gap.
                let prober = try Prober(towards: each.elsewhere(), namespace: lab.nodeName)
                var other = route
                for resilience in [Resilience(buckets: 16), nil, Resilience(buckets: 8)] {
                    other.resilience = resilience
                    try second.setRoutes([other])
                    let groups = try lab.kernel().groups.values
                    #expect(groups.map(\.resilience) == [resilience])
                    #expect(try lab.gateways(route.key).count == 3)
                }
                let report = prober.stop()
                #expect(report.misses == 0 && report.probes > 0)
                second.withdrawAll()
                #expect(try lab.kernel() == RouteState())
            }
        }

        @Test func `routes with the same next hops and two kinds of group have two groups`() throws
        {
            try RouteLab.run { lab in
                let each = Self.objects[0]
                let resilient = try route(each)
                var ordinary = resilient
                ordinary.table = 77
                ordinary.resilience = nil
                let controller = try lab.controller([resilient, ordinary], each.options)
                controller.start()
                for peer in ["a", "b", "c"] { controller.sessionChanged(peer: peer, to: .up) }
                controller.sessionChanged(peer: "a", to: .failed)
                let state = try lab.kernel()
                #expect(Set(state.groups.values.map(\.resilience)) == [resilient.resilience, nil])
                #expect(state.groups.values.allSatisfy { $0.count == 2 })
                #expect(state.routes.count == 2 && Set(state.routes.values).count == 2)
            }
        }

        @Test func `a group that somebody made anew as another kind is replaced`() throws {
            try RouteLab.run { lab in
                let each = Self.objects[0]
                let route = try route(each)
                let controller = try lab.controller([route], each.options)
                controller.start()
                for peer in ["a", "b", "c"] { controller.sessionChanged(peer: peer, to: .up) }
                let before = try lab.kernel()
                let group = try #require(before.groups.keys.first)
                let member = try #require(before.groups[group]?.first?.id)
                try shell("ip", "nexthop", "del", "id", "\(group)")
                try shell(
                    "ip", "nexthop", "add", "id", "\(group)", "group", "\(member)", "proto", "158")
                try lab.waitUntil("a resilient group leads to all gateways again") {
                    try lab.gateways(route.key).count == 3
                        && lab.kernel().groups.values.map(\.resilience) == [route.resilience]
                }
            }
        }

        @Test func `without next-hop objects it says that flows move, and goes on`() throws {
            try RouteLab.run { lab in
                let each = RouteCase.all[1]
                let controller = try lab.controller([route(each)], each.options)
                controller.start()
                for peer in ["a", "b"] { controller.sessionChanged(peer: peer, to: .up) }
                let snapshot = try #require(controller.snapshot().first)
                #expect(snapshot.error?.contains("next-hop objects are switched off") == true)
                #expect(snapshot.state == .partial && snapshot.resilience == nil)
                #expect(lab.events.count { $0.kind == .error } == 1, "said once")
                #expect(try lab.gateways(snapshot.key).count == 2)
            }
        }

        @Test func `a kernel that refuses gets an ordinary group, and the refusal shows`() throws {
            try RouteLab.run { lab in
                let each = Self.objects[0]
                let route = try route(each)
                let controller = try lab.controller([route], each.options)
                controller.refusesResilience = true
                controller.start()
                for peer in ["a", "b", "c"] { controller.sessionChanged(peer: peer, to: .up) }
                controller.sessionChanged(peer: "a", to: .failed)
                let snapshot = try #require(controller.snapshot().first)
                #expect(snapshot.error?.contains("resilient groups need Linux 5.13") == true)
                #expect(lab.events.count { $0.kind == .error } == 1, "said once")
                let state = try lab.kernel()
                #expect(state.groups.values.map(\.resilience) == [nil])
                #expect(try lab.gateways(route.key).count == 2)
            }
        }
    }
}
