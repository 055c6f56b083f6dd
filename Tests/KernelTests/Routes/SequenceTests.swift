import EventLoop
import Foundation
import Netlink
import NodeSurvey
import RouteController
import RouteCore
import Testing

extension RouteTests {
    /// Random events, many times over, each history from a seed of its own: at rest the kernel
    /// holds exactly the next hops that are up, and what left has come back or was never in.
    @Suite struct SequenceTests {
        /// `ROUTE_SEQUENCES=10000` is the full number.
        static let count =
            ProcessInfo.processInfo.environment["ROUTE_SEQUENCES"].flatMap { Int($0) } ?? 120

        /// The first seed; `ROUTE_SEED` repeats a history that failed, with `ROUTE_SEQUENCES=1`.
        static let firstSeed =
            ProcessInfo.processInfo.environment["ROUTE_SEED"].flatMap { UInt64($0) } ?? 5_880

        /// What may happen, to sessions and by the hands of others.
        enum Happening: CaseIterable {
            case up, upAgain, down, adminDown, linkDown, linkUp, ourRoute, ourNextHop, ourGroup
            case foreignRoute, foreignRouteGone, foreignNextHop, waiting
        }

        @Test(arguments: RouteCase.all)
        func `at rest the kernel holds the up set, after any sequence of events`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                for name in ["g0", "g1"] {
                    // An address that goes with its link would have to be put back by hand.
                    try write("1", to: "net/ipv6/conf/\(name)/keep_addr_on_down")
                    try write("0", to: "net/ipv6/conf/\(name)/accept_dad")
                }
                let start = Date()
                var rests = 0
                let share = max(Self.count / RouteCase.all.count, 1)
                let place = RouteCase.all.firstIndex { $0.testDescription == each.testDescription }
                for number in 0..<share {
                    let seed = Self.firstSeed + UInt64((place ?? 0) * share + number)
                    let history = try History(lab, each, seed)
                    try history.run()
                    rests += history.rests
                    if history.hasFailed { return }
                }
                let seconds = Date().timeIntervalSince(start)
                print(
                    "\(share) sequences from seed \(Self.firstSeed), \(each.testDescription): "
                        + "\(rests) times at rest, \(Int(seconds)) s")
            }
        }

        private func write(_ text: String, to setting: String) throws {
            let handle = try #require(FileHandle(forWritingAtPath: "/proc/sys/\(setting)"))
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }
    }

    /// One sequence, and what should come of it.
    private final class History {
        private let lab: RouteLab
        private let each: RouteCase
        private let seed: UInt64
        private let route: RouteConfiguration
        private let controller: RouteController
        private let socket: NetlinkSocket
        private let links: LabLinks
        private var generator: SplitMix
        private var members: Set<String> = []
        /// The set before it became empty.
        private var last: Set<String> = []
        private(set) var rests = 0
        private(set) var hasFailed = false

        private static let peers = ["a", "b", "c"]

        init(_ lab: RouteLab, _ each: RouteCase, _ seed: UInt64) throws {
            self.lab = lab
            self.each = each
            self.seed = seed
            generator = SplitMix(seed: seed)
            socket = try NetlinkSocket.connected()
            links = try LabLinks()
            let policy = RoutePolicy(
                onAdminDown: Bool.random(using: &generator) ? .withdraw : .keep,
                whenNoneUp: RoutePolicy.WhenNoneUp.allCases.randomElement(using: &generator)
                    ?? .withdraw)
            var route = try each.route(policy)
            route.nextHops.append(
                NextHopConfiguration(
                    peer: "c", via: try address(each.gateway(1, host: 3)), weight: 7))
            if each.useNextHopObjects == .automatic, Int.random(in: 0..<4, using: &generator) == 0 {
                route.resilience = Resilience(buckets: 8)
            }
            self.route = route
            var options = each.options
            options.firstRetryNanoseconds = 2_000_000
            options.lastRetryNanoseconds = 16_000_000
            lab.forgetEvents()
            controller = try lab.controller([route], options)
        }

        func run() throws {
            controller.start()
            for _ in 0..<Int.random(in: 5...30, using: &generator) {
                try happen(Happening.allCases.randomElement(using: &generator) ?? .waiting)
                lab.loop.runOnce(waiting: false)
                if Int.random(in: 0..<6, using: &generator) == 0 { try rest() }
                if hasFailed { return }
            }
            try rest()
            controller.withdrawAll()
            #expect(try lab.kernel() == RouteState(), "seed \(seed)")
            let (added, removed) = (count(.nextHopAdded), count(.nextHopRemoved))
            #expect(added == removed, "seed \(seed): evictions and restores")
            try removeForeign()
        }

        private typealias Happening = SequenceTests.Happening

        private func count(_ kind: RouteEvent.Kind) -> Int {
            lab.events.count { $0.kind == kind }
        }

        /// Undoes what keeps the kernel from being as wanted, and waits until it is.
        private func rest() throws {
            try removeForeign()
            for link in ["g0", "g1"] { try links.set(link, up: true) }
            let wanted = expectation
            let issues = lab.unmetCount
            try lab.waitUntil("\(wanted.sorted()) is installed, seed \(seed)") {
                try lab.gateways(route.key) == wanted
            }
            hasFailed = lab.unmetCount > issues
            rests += 1
            let kept = wanted.subtracting(["blackhole"]).count
            try lab.waitUntil("events tell of \(kept) next hops, seed \(seed)") {
                count(.nextHopAdded) - count(.nextHopRemoved) == kept
            }
        }

        /// What the route is to lead to.
        private var expectation: Set<String> {
            guard members.isEmpty else { return members }
            switch route.policy.whenNoneUp {
            case .withdraw: return []
            case .blackhole: return ["blackhole"]
            case .keepLast: return last
            }
        }

        private func happen(_ happening: Happening) throws {
            let index = Int.random(in: 0..<3, using: &generator)
            let gateway = route.nextHops[index].via.description
            switch happening {
            case .up, .upAgain:
                members.insert(gateway)
                controller.sessionChanged(peer: Self.peers[index], to: .up)
            case .down:
                members.remove(gateway)
                controller.sessionChanged(peer: Self.peers[index], to: .failed)
            case .adminDown:
                if route.policy.onAdminDown == .withdraw { members.remove(gateway) }
                controller.sessionChanged(peer: Self.peers[index], to: .administrativelyDown)
            case .linkDown, .linkUp:
                try links.set("g\(index % 2)", up: happening == .linkUp)
            case .waiting: lab.serve(milliseconds: 2)
            case .ourRoute, .ourNextHop, .ourGroup, .foreignRoute, .foreignRouteGone,
                .foreignNextHop:
                try meddle(happening)
            }
            if !members.isEmpty { last = members }
        }

        /// Others change what is ours, or make what stands in its way.
        private func meddle(_ happening: Happening) throws {
            let ours = RouteWriter(protocolNumber: 158)
            let state = try lab.kernel()
            switch happening {
            case .ourRoute: try ours.perform(.removeRoute(route.key), through: socket)
            case .ourNextHop:
                guard let id = state.nextHops.keys.sorted().randomElement(using: &generator) else {
                    return
                }
                try ours.perform(.removeNextHop(id: id), through: socket)
            case .ourGroup:
                guard let id = state.groups.keys.first else { return }
                try ours.perform(.removeGroup(id: id), through: socket)
            case .foreignRoute:
                let foreign = MultipathRoute(route.key, .blackhole)
                // Where ours is, theirs is refused, and that is all right here.
                try? RouteWriter(protocolNumber: 99).create(foreign, through: socket)
            case .foreignRouteGone: try removeForeign()
            case .foreignNextHop:
                try? RouteWriter(protocolNumber: 99).perform(
                    .createNextHop(id: 0x5880_0001, .blackhole(each.family)), through: socket)
            case .up, .upAgain, .down, .adminDown, .linkDown, .linkUp, .waiting: break
            }
        }

        private func removeForeign() throws {
            let theirs = RouteWriter(protocolNumber: 99)
            try theirs.perform(.removeRoute(route.key), through: socket)
            let mine = try lab.kernel().nextHops.keys
            if !mine.contains(0x5880_0001) {
                try theirs.perform(.removeNextHop(id: 0x5880_0001), through: socket)
            }
        }
    }
}
