import LinuxSystem
import Netlink
@testable import RouteController
import RouteCore
import Testing

extension RouteTests {
    /// The short way of a session's change comes to what the ordinary one would.
    @Suite struct ShortcutTests {
        private static let objects = RouteCase.all.filter { $0.useNextHopObjects == .automatic }

        @Test(arguments: objects)
        func `one message takes a next hop out or in, and the ordinary way sends no more`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                let route = try each.route(weights: (1, 9))
                let controller = try lab.controller([route], each.options)
                controller.start()
                for peer in ["a", "b"] { controller.sessionChanged(peer: peer, to: .up) }
                let both = try lab.kernel()
                let shortcuts = controller.shortcuts()
                #expect(shortcuts.keys.sorted() == ["a", "b"])
                let observer = try RouteMonitor()
                for (isUp, standing) in [(false, SessionStanding.failed), (true, .up)] {
                    lab.forgetEvents()
                    var gateways: Set = [each.gateway(0)]
                    if isUp { gateways.insert(each.gateway(1)) }
                    controller.takeShortcuts(
                        try #require(shortcuts["b"]), up: isUp, version: controller.setsVersion,
                        since: Clock.monotonicNanoseconds())
                    #expect(try lab.gateways(route.key) == gateways)
                    #expect(lab.events.isEmpty, "told by the ordinary way")
                    controller.sessionChanged(peer: "b", to: standing)
                    #expect(lab.events.count == 1)
                    let groups = try observer.read().count { notification in
                        if case .nextHop = notification.change { true } else { false }
                    }
                    #expect(groups == 1, "one message")
                }
                #expect(try lab.kernel() == both, "weights, too")
            }
        }

        @Test func `where the short way is not the right one, it is not taken`() throws {
            try RouteLab.run { lab in
                let each = Self.objects[0]
                var policy = RoutePolicy(whenNoneUp: .keepLast)
                let controller = try lab.controller([each.route(policy)], each.options)
                controller.start()
                func take(_ peer: String, up isUp: Bool, version: Int? = nil) throws {
                    controller.takeShortcuts(
                        try #require(controller.shortcuts()[peer]), up: isUp,
                        version: version ?? controller.setsVersion, since: 0)
                }
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                controller.sessionChanged(peer: "b", to: .failed)
                let before = try lab.kernel()
                try take("a", up: false)
                #expect(try lab.kernel() == before, "never an empty group")
                controller.sessionChanged(peer: "a", to: .failed)
                #expect(try lab.kernel() == before, "the last is kept")
                try take("b", up: true)
                #expect(try lab.kernel() == before, "what is kept goes when another one comes")
                controller.sessionChanged(peer: "a", to: .up)
                try take("b", up: true, version: -1)
                #expect(try lab.kernel() == before, "looked up for another configuration")

                policy.holdUpNanoseconds = 1
                try controller.setRoutes([each.route(policy)])
                #expect(controller.shortcuts().isEmpty, "a return may have to wait")
                controller.withdrawAll()
                #expect(try lab.kernel() == RouteState())
            }
        }

        @Test func `a shortcut that the kernel refuses leaves all to the ordinary way`() throws {
            try RouteLab.run { lab in
                let each = Self.objects[0]
                let route = try each.route()
                let controller = try lab.controller([route], each.options)
                controller.start()
                for peer in ["a", "b"] { controller.sessionChanged(peer: peer, to: .up) }
                controller.sessionChanged(peer: "b", to: .failed)
                let shortcuts = try #require(controller.shortcuts()["b"])
                // The object is gone, and nothing has been read of that yet.
                let id = "\(try #require(shortcuts.first).member.id)"
                try shell("ip", "nexthop", "del", "id", id)
                controller.takeShortcuts(
                    shortcuts, up: true, version: controller.setsVersion, since: 0)
                #expect(try lab.gateways(route.key) == [each.gateway(0)])
                controller.sessionChanged(peer: "b", to: .up)
                #expect(try lab.gateways(route.key) == [each.gateway(0), each.gateway(1)])
            }
        }
    }
}
