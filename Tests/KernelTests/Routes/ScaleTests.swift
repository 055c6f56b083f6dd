import Foundation
import Glibc
import LinuxSystem
import Netlink
import RouteController
import RouteCore
import Testing

extension RouteTests {
    /// A hundred thousand routes over one set of next hops; fewer unless `ROUTES` asks for them.
    @Suite struct ScaleTests {
        static let routeCount =
            ProcessInfo.processInfo.environment["ROUTES"].flatMap { Int($0) } ?? 20_000

        static func routes() throws -> [RouteConfiguration] {
            let nextHops = [
                NextHopConfiguration(peer: "a", via: try address("10.99.0.2"), interface: "g0"),
                NextHopConfiguration(peer: "b", via: try address("10.99.1.2"), interface: "g1"),
            ]
            return try (0..<UInt32(routeCount)).map { index in
                RouteConfiguration(
                    prefix: try Prefix(HostAddress(ipv4: 0x2000_0000 + index << 8), length: 24),
                    metric: 50, nextHops: nextHops)
            }
        }

        private func milliseconds(_ body: () -> Void) -> Double {
            let start = Clock.monotonicNanoseconds()
            body()
            return Double(Clock.monotonicNanoseconds() - start) / 1_000_000
        }

        private func residentKilobytes() throws -> Int {
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            return Int(line?.split(separator: " ").dropFirst().first ?? "") ?? 0
        }

        @Test(arguments: [true, false])
        func `losing a gateway is one message however many routes lead there`(
            compatibilityIsOff: Bool
        ) throws {
            try RouteLab.run { lab in
                let before = try residentKilobytes()
                let options = RouteControllerOptions(turnsCompatibilityOff: compatibilityIsOff)
                var controller = try lab.controller(Self.routes(), options)
                let observer = try RouteMonitor()
                #expect(NextHopCompatibility.isOn() == true)
                controller.start()
                #expect(NextHopCompatibility.isOn() == !compatibilityIsOff)
                controller.sessionChanged(peer: "b", to: .up)
                let start = milliseconds { controller.sessionChanged(peer: "a", to: .up) }
                _ = try observer.read()
                var losses: [Double] = []
                var returns: [Double] = []
                for _ in 0..<5 {
                    losses.append(
                        milliseconds { controller.sessionChanged(peer: "b", to: .failed) })
                    let told = try observer.read().map(\.change)
                    if compatibilityIsOff { #expect(told.count == 1, "one message") }
                    returns.append(milliseconds { controller.sessionChanged(peer: "b", to: .up) })
                    _ = try observer.read()
                }
                let key = try Self.routes()[7].key
                #expect(try lab.gateways(key) == ["10.99.0.2", "10.99.1.2"])
                #expect(try lab.kernel().routes.count == Self.routeCount)
                let used = try residentKilobytes() - before
                controller = try lab.controller(Self.routes(), options)
                let adoption = milliseconds { controller.start() }
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                let repair = try milliseconds(toRestore: key, lab)
                let withdrawal = milliseconds { controller.withdrawAll() }
                #expect(try lab.kernel() == RouteState())
                print(
                    "\(Self.routeCount) routes, nexthop_compat_mode "
                        + (compatibilityIsOff ? "off" : "on")
                        + ": loss \(losses.sorted()[2]) ms, return \(returns.sorted()[2]) ms, "
                        + "second next hop \(start) ms, adoption \(adoption) ms, one route back "
                        + "after \(repair) ms, withdrawal \(withdrawal) ms, memory \(used) kB, "
                        + "\(lab.events.count) events")
                #expect(losses.sorted()[2] < 5_000)
            }
        }

        private func milliseconds(toRestore key: RouteKey, _ lab: RouteLab) throws -> Double {
            try shell("ip", "route", "del", key.prefix.description, "metric", "50")
            let start = Clock.monotonicNanoseconds()
            let socket = try NetlinkSocket.connected()
            try lab.waitUntil("the route is back") {
                let host = HostAddress(
                    ipv4: UInt32(truncatingIfNeeded: key.prefix.address.bits) + 1)
                return (try? LinkReader.interfaceIndex(towards: host, through: socket)) != nil
                    || Self.isBehindRouter(host, socket)
            }
            return Double(Clock.monotonicNanoseconds() - start) / 1_000_000
        }

        private static func isBehindRouter(
            _ host: HostAddress, _ socket: borrowing NetlinkSocket
        ) -> Bool {
            do throws(NetlinkError) {
                _ = try LinkReader.interfaceIndex(towards: host, through: socket)
                return true
            } catch .gatewayNotOnLink {
                return true
            } catch { return false }
        }

        @Test func `the multipath fallback replaces each route`() throws {
            try RouteLab.run { lab in
                let options = RouteControllerOptions(useNextHopObjects: .never)
                let controller = try lab.controller(Self.routes(), options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                let loss = milliseconds { controller.sessionChanged(peer: "b", to: .failed) }
                #expect(try lab.gateways(Self.routes()[7].key) == ["10.99.0.2"])
                print("\(Self.routeCount) multipath routes: loss \(loss) ms")
            }
        }
    }
}
