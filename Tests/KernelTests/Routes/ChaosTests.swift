import EventLoop
import Foundation
import RouteController
import RouteCore
import Testing

extension RouteTests {
    @Suite struct ChaosTests {
        /// What somebody may do to the node, each undone before the end.
        enum Mischief: CaseIterable {
            case sessionChange, routeDeletion, nextHopFlush, linkDown, linkUp, foreignRoute
            case foreignRouteDeletion, waiting
        }

        /// `CHAOS_SEEDS` asks for more than two.
        static let seeds: [UInt64] = {
            let text = ProcessInfo.processInfo.environment["CHAOS_SEEDS"]
            return (0..<(text.flatMap { UInt64($0) } ?? 2)).map { 5880 + $0 }
        }()

        @Test(arguments: RouteCase.all, seeds)
        func `whatever happens, in the end the kernel holds the up set`(
            each: RouteCase, seed: UInt64
        ) throws {
            try RouteLab.run { lab in
                let route = try each.route()
                let controller = try lab.controller([route], each.options)
                controller.start()
                var generator = SplitMix(seed: seed)
                var up: Set<String> = []
                for _ in 0..<80 {
                    let mischief = Mischief.allCases.randomElement(using: &generator) ?? .waiting
                    let index = Int.random(in: 0...1, using: &generator)
                    switch mischief {
                    case .sessionChange:
                        let standings: [SessionStanding] = [.up, .failed, .administrativelyDown]
                        let standing = standings.randomElement(using: &generator) ?? .up
                        controller.sessionChanged(peer: ["a", "b"][index], to: standing)
                        up.remove(each.gateway(index))
                        if standing == .up { up.insert(each.gateway(index)) }
                    case .waiting: lab.serve(milliseconds: 5)
                    case .routeDeletion, .nextHopFlush, .linkDown, .linkUp, .foreignRoute,
                        .foreignRouteDeletion:
                        // What is not there cannot be deleted, and that is all right here.
                        _ = try? shell(["ip"] + words(mischief, each, link: index))
                    }
                    lab.loop.runOnce(waiting: false)
                }
                _ = try? shell(["ip"] + words(.foreignRouteDeletion, each, link: 0))
                for link in 0...1 { try shell(["ip"] + words(.linkUp, each, link: link)) }
                try lab.restoreIPv6Addresses()
                try lab.waitUntil("the up set is installed, seed \(seed)") {
                    try lab.gateways(route.key) == up
                }
                func count(_ kind: RouteEvent.Kind) -> Int {
                    lab.events.count { $0.kind == kind }
                }
                #expect(count(.nextHopAdded) - count(.nextHopRemoved) == up.count)
                controller.withdrawAll()
                #expect(try lab.kernel() == RouteState())
                #expect(count(.nextHopAdded) == count(.nextHopRemoved))
            }
        }

        private func words(_ mischief: Mischief, _ each: RouteCase, link: Int) -> [String] {
            let foreign = ["default", "via", each.gateway(0, host: 9), "metric", "50"]
            return switch mischief {
            case .routeDeletion: [each.flag, "route", "del", "default", "proto", "158"]
            case .nextHopFlush: ["nexthop", "flush", "proto", "158"]
            case .linkDown: ["link", "set", "g\(link)", "down"]
            case .linkUp: ["link", "set", "g\(link)", "up"]
            case .foreignRoute: [each.flag, "route", "add"] + foreign
            case .foreignRouteDeletion: [each.flag, "route", "del"] + foreign
            case .sessionChange, .waiting: []
            }
        }
    }
}
