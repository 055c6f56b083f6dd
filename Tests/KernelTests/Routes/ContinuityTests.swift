import Glibc
import LinuxSystem
import Netlink
import RouteController
import RouteCore
import Testing

extension RouteTests {
    @Suite struct ContinuityTests {
        @Test(arguments: RouteCase.all)
        func `there is no moment without a route while a next hop remains`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                let route = try each.route()
                let controller = try lab.controller([route], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                let observer = try RouteMonitor()
                let prober = try Prober(towards: each.elsewhere(), namespace: lab.nodeName)
                for round in 0..<200 {
                    controller.sessionChanged(peer: "b", to: .up)
                    controller.sessionChanged(peer: "a", to: round % 2 == 0 ? .failed : .up)
                    controller.sessionChanged(peer: "b", to: round % 2 == 0 ? .up : .failed)
                    controller.sessionChanged(peer: "a", to: .up)
                    usleep(200)
                }
                let (probes, misses) = prober.stop()
                #expect(probes > 50)
                #expect(misses == 0, "of \(probes) packets")
                for told in try observer.read() {
                    switch told.change {
                    case .routeRemoved(let key, _): #expect(key != route.key)
                    case .nextHop(_, let members?): #expect(!members.isEmpty)
                    case .nextHopRemoved(let id): Issue.record("next hop \(id) went")
                    case .nextHop, .route, .rule, .link, .linkRemoved, .address, .overflow: break
                    }
                }
            }
        }

        @Test(arguments: RouteCase.all)
        func `a change reaches the kernel at once: the figure`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let controller = try lab.controller([each.route()], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                let observer = try RouteMonitor()
                var microseconds: [Int64] = []
                for round in 0..<100 {
                    let start = Clock.monotonicNanoseconds()
                    controller.sessionChanged(peer: "b", to: round % 2 == 0 ? .failed : .up)
                    while try observer.read().isEmpty {}
                    microseconds.append((Clock.monotonicNanoseconds() - start) / 1000)
                    usleep(1000)
                }
                microseconds.sort()
                print(
                    "session change to notification, \(each.testDescription): "
                        + "median \(microseconds[50]) µs, p95 \(microseconds[95]) µs, "
                        + "max \(microseconds[99]) µs")
                #expect(microseconds[50] < 1_000_000)
            }
        }
    }
}
