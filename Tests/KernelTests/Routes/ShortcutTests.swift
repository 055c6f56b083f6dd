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
                    #expect(try groupsTold(by: observer) == 1, "one message")
                    controller.restoreDeparted()
                    _ = try observer.read()
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
                let settled = try lab.kernel()
                try take("b", up: true)
                #expect(try lab.kernel() == settled, "a return may have to wait")
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
                let id = "\(try #require(shortcuts.first).id)"
                try shell("ip", "nexthop", "del", "id", id)
                controller.takeShortcuts(
                    shortcuts, up: true, version: controller.setsVersion, since: 0)
                #expect(try lab.gateways(route.key) == [each.gateway(0)])
                controller.sessionChanged(peer: "b", to: .up)
                #expect(try lab.gateways(route.key) == [each.gateway(0), each.gateway(1)])
            }
        }

        @Test(arguments: objects)
        func `a next hop leaves all its groups by one message, and is there for its return`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                var patient = RoutePolicy()
                patient.holdUpNanoseconds = 200_000_000
                let routes = [
                    try each.route(), try each.route(weights: (3, 4), table: 77),
                    try each.route(patient, table: 78),
                ]
                let controller = try lab.controller(routes, each.options)
                controller.start()
                for peer in ["a", "b"] { controller.sessionChanged(peer: peer, to: .up) }
                let before = try lab.kernel()
                let shortcuts = try #require(controller.shortcuts()["b"])
                let observer = try RouteMonitor()
                take(shortcuts, up: false, controller)
                let told = try observer.read()
                #expect(
                    told.count { notification in
                        if case .nextHopRemoved = notification.change { true } else { false }
                    } == 1)
                #expect(groups(in: told) == 3)
                for route in routes { #expect(try lab.gateways(route.key) == [each.gateway(0)]) }
                controller.sessionChanged(peer: "b", to: .failed)
                #expect(try observer.read().isEmpty, "nothing is left to do")
                controller.restoreDeparted()
                #expect(try lab.kernel().nextHops == before.nextHops)
                _ = try observer.read()
                take(shortcuts, up: true, controller)
                #expect(try groupsTold(by: observer) == 2, "the third one waits")
                controller.sessionChanged(peer: "b", to: .up)
                try lab.waitUntil("all is as before") { try lab.kernel() == before }
            }
        }

        @Test func `the object stays that a group of somebody else has as well`() throws {
            try RouteLab.run { lab in
                let each = Self.objects[0]
                let controller = try lab.controller([each.route()], each.options)
                controller.start()
                for peer in ["a", "b"] { controller.sessionChanged(peer: peer, to: .up) }
                let shortcuts = try #require(controller.shortcuts()["b"])
                let id = "\(try #require(shortcuts.first).id)"
                try shell("ip", "nexthop", "add", "id", "77", "group", id, "proto", "zebra")
                try lab.waitUntil("it has been heard of") { !controller.lentIDs.isEmpty }
                take(shortcuts, up: false, controller)
                #expect(try lab.gateways(each.route().key) == [each.gateway(0)])
                #expect(try shell("ip", "nexthop", "show", "id", "77").contains("group \(id)"))
                controller.sessionChanged(peer: "b", to: .failed)
                controller.withdrawAll()
            }
        }

        @Test func `the object stays that another session's next hop is as well`() throws {
            try RouteLab.run { lab in
                let each = Self.objects[0]
                var other = try each.route(table: 77)
                other.nextHops[1].peer = "c"
                let controller = try lab.controller([each.route(), other], each.options)
                controller.start()
                for peer in ["a", "b", "c"] { controller.sessionChanged(peer: peer, to: .up) }
                take(try #require(controller.shortcuts()["b"]), up: false, controller)
                #expect(try lab.gateways(each.route().key) == [each.gateway(0)])
                #expect(try lab.gateways(other.key).count == 2)
            }
        }

        @Test func `where the kernel would walk many routes, none is walked for a loss`() throws {
            try RouteLab.run { lab in
                let each = Self.objects[0]
                let route = try each.route()
                let routes = try (0...RouteController.fewRoutes).map { number in
                    var route = route
                    route.prefix = try Prefix(address("192.0.2.\(number)"), length: 32)
                    return route
                }
                let options = RouteControllerOptions(turnsCompatibilityOff: false)
                let controller = try lab.controller(routes, options)
                controller.start()
                for peer in ["a", "b"] { controller.sessionChanged(peer: peer, to: .up) }
                let before = try lab.kernel()
                let shortcuts = try #require(controller.shortcuts()["b"])
                take(shortcuts, up: false, controller)
                #expect(try lab.gateways(routes[7].key) == [each.gateway(0)])
                controller.sessionChanged(peer: "b", to: .failed)
                controller.restoreDeparted()
                take(shortcuts, up: true, controller)
                #expect(try lab.gateways(routes[7].key) == [each.gateway(0)])
                controller.sessionChanged(peer: "b", to: .up)
                #expect(try lab.kernel() == before)
            }
        }

        private func take(
            _ shortcuts: [RouteShortcut], up isUp: Bool, _ controller: RouteController
        ) {
            controller.takeShortcuts(
                shortcuts, up: isUp, version: controller.setsVersion,
                since: Clock.monotonicNanoseconds())
        }

        private func groupsTold(by observer: borrowing RouteMonitor) throws -> Int {
            groups(in: try observer.read())
        }

        private func groups(in notifications: [RouteNotification]) -> Int {
            notifications.count { notification in
                if case .nextHop(_, members: .some) = notification.change { true } else { false }
            }
        }
    }
}
