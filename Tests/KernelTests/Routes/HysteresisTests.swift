import LinuxSystem
import RouteController
import RouteCore
import Testing

extension RouteTests {
    @Suite struct HysteresisTests {
        private static let millisecond: Int64 = 1_000_000

        @Test(arguments: RouteCase.all)
        func `a lost next hop is held back, said to be, and returns by itself`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                var policy = RoutePolicy()
                policy.holdUpNanoseconds = 150 * Self.millisecond
                let route = try each.route(policy)
                let controller = try lab.controller([route], each.options)
                controller.start()
                for peer in ["a", "b"] { controller.sessionChanged(peer: peer, to: .up) }
                let both: Set = [each.gateway(0), each.gateway(1)]
                #expect(try lab.gateways(route.key) == both, "the first time needs no waiting")

                controller.sessionChanged(peer: "a", to: .failed)
                #expect(try lab.gateways(route.key) == [each.gateway(1)])
                lab.forgetEvents()
                let returned = Clock.monotonicNanoseconds()
                controller.sessionChanged(peer: "a", to: .up)
                #expect(try lab.gateways(route.key) == [each.gateway(1)])
                let hop = try #require(controller.snapshot().first?.nextHops.first)
                #expect(!hop.isWanted && !hop.isInstalled && hop.reason == "session up, hold-up")
                let until = try #require(hop.hold?.until)
                #expect(until >= returned + policy.holdUpNanoseconds && hop.penalty == nil)
                #expect(lab.events.map(\.kind) == [.nextHopHeld])

                try lab.waitUntil("the hold-up time is over") {
                    try lab.gateways(route.key) == both
                }
                let waited = Clock.monotonicNanoseconds() - returned
                #expect(waited >= policy.holdUpNanoseconds)
                #expect(lab.events.map(\.kind) == [.nextHopHeld, .nextHopAdded])
                #expect(controller.snapshot().first?.state == .installed)
            }
        }

        @Test(arguments: RouteCase.all)
        func `the held back next hop is used at once when the other one fails`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                var policy = RoutePolicy()
                policy.holdUpNanoseconds = 60_000 * Self.millisecond
                let route = try each.route(policy)
                let controller = try lab.controller([route], each.options)
                controller.start()
                for peer in ["a", "b"] { controller.sessionChanged(peer: peer, to: .up) }
                controller.sessionChanged(peer: "a", to: .failed)
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .failed)
                #expect(try lab.gateways(route.key) == [each.gateway(0)])
                controller.sessionChanged(peer: "b", to: .up)
                #expect(try lab.gateways(route.key) == [each.gateway(0)])
            }
        }

        @Test func `a flapping next hop is suppressed, and no reload lifts that`() throws {
            try RouteLab.run { lab in
                let each = RouteCase.all[0]
                var policy = RoutePolicy()
                policy.dampening = Dampening(
                    halfLifeNanoseconds: 100 * Self.millisecond,
                    maxSuppressNanoseconds: 400 * Self.millisecond)
                let route = try each.route(policy)
                let controller = try lab.controller([route], each.options)
                controller.start()
                for peer in ["a", "b"] { controller.sessionChanged(peer: peer, to: .up) }
                let both: Set = [each.gateway(0), each.gateway(1)]
                for _ in 0..<3 {
                    #expect(try lab.gateways(route.key) == both)
                    controller.sessionChanged(peer: "a", to: .failed)
                    #expect(try lab.gateways(route.key) == [each.gateway(1)])
                    controller.sessionChanged(peer: "a", to: .up)
                }
                #expect(try lab.gateways(route.key) == [each.gateway(1)])
                var reduced = route
                reduced.nextHops[1].weight = 7
                try controller.setRoutes([reduced])
                #expect(try lab.gateways(route.key) == [each.gateway(1)])
                let hop = try #require(controller.snapshot().first?.nextHops.first)
                #expect(hop.reason == "session up, suppressed")
                #expect(hop.penalty ?? 0 > 1_000)
                try lab.waitUntil("the penalty is down to reuse") {
                    try lab.gateways(route.key) == both
                }
                #expect(controller.snapshot().first?.nextHops.first?.penalty ?? 9_999 <= 1_000)
            }
        }
    }
}
