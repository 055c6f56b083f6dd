import LinuxSystem
import Netlink
import NodeCore
import NodeSurvey
import RouteCore
import Testing

extension RouteTests {
    @Suite struct NetlinkTests {
        @Test func `a refusal carries the kernel's own words`() throws {
            try RouteLab.run { _ in
                let socket = try NetlinkSocket.connected()
                let writer = NextHopWriter(protocolNumber: 158)
                let members: NextHopGroup = [GroupMember(id: 99, weight: 1)]
                do throws(NetlinkError) {
                    try writer.createGroup(id: 1, members, through: socket)
                    Issue.record("a group of nothing was made")
                } catch {
                    #expect(error.errno == .invalidArgument)
                    #expect(error.description.contains("add next-hop group 1: "))
                    guard case .refused(_, _, let text) = error else { return }
                    #expect(text?.isEmpty == false)
                }
            }
        }

        @Test func `the link of a gateway is found, or the reason why not`() throws {
            try RouteLab.run { _ in
                let socket = try NetlinkSocket.connected()
                let named = try LinkReader.interfaceIndex(named: "g1", through: socket)
                for gateway in ["10.99.1.7", "2001:db8:a1::7"] {
                    let found = try LinkReader.interfaceIndex(
                        towards: address(gateway), through: socket)
                    #expect(found == named)
                }
                let own = try address("10.99.1.1")
                #expect(throws: NetlinkError.gatewayUnusable(own)) {
                    try LinkReader.interfaceIndex(towards: own, through: socket)
                }
                let far = try address("198.51.100.1")
                #expect(throws: NetlinkError.gatewayUnreachable(far)) {
                    try LinkReader.interfaceIndex(towards: far, through: socket)
                }
                try shell("ip", "route", "add", "default", "via", "10.99.0.9")
                let router = try address("10.99.0.9")
                #expect(throws: NetlinkError.gatewayNotOnLink(far, behind: router)) {
                    try LinkReader.interfaceIndex(towards: far, through: socket)
                }
                for name in ["nosuch", "", "a name that is far too long"] {
                    #expect(throws: NetlinkError.interfaceAbsent(name)) {
                        try LinkReader.interfaceIndex(named: name, through: socket)
                    }
                }
            }
        }

        @Test func `the monitor tells of links, addresses, routes and next hops`() throws {
            try RouteLab.run { _ in
                let monitor = try RouteMonitor()
                #expect(try monitor.read().isEmpty)
                try shell("ip", "addr", "add", "10.77.0.1/24", "dev", "g0")
                try shell("ip", "nexthop", "add", "id", "5", "via", "10.99.0.2", "dev", "g0")
                try shell("ip", "nexthop", "add", "id", "6", "group", "5,7")
                try shell("ip", "route", "add", "10.66.0.0/16", "nhid", "6", "metric", "9")
                try shell("ip", "nexthop", "del", "id", "6")
                try shell("ip", "link", "set", "g0", "down")
                let changes = try monitor.read().map(\.change)
                let key = RouteKey(
                    prefix: try Prefix(parsing: "10.66.0.0/16"), table: 254, metric: 9)
                let socket = try NetlinkSocket.connected()
                let index = try LinkReader.interfaceIndex(named: "g0", through: socket)
                let expected: [RouteNotification.Change] = [
                    .address(interfaceIndex: index), .nextHop(id: 5, members: nil),
                    .nextHop(id: 6, members: [GroupMember(id: 5, weight: 7)]),
                    .route(key, protocolNumber: 3, target: .group(6)), .nextHopRemoved(id: 6),
                    .link(index: index, name: "g0", isRunning: false),
                ]
                for change in expected { #expect(changes.contains(change), "\(change)") }
            }
        }

        @Test func `links of a laboratory come and go`() throws {
            try RouteLab.run { _ in
                let links = try LabLinks()
                let absent = LinkRefusal(link: "nosuch", change: .setUp, reason: .absent)
                #expect(throws: LinkGateError.refused(absent)) {
                    try links.set("nosuch", up: true)
                }
                try links.delete("g0")
                let gone = LinkRefusal(link: "g0", change: .delete, reason: .absent)
                #expect(throws: LinkGateError.refused(gone)) { try links.delete("g0") }
                #expect(throws: ShellError.self) { try shell("ip", "link", "show", "g0") }
            }
        }
    }
}
