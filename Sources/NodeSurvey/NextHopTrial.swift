internal import LinuxSystem
internal import Netlink
internal import NodeCore
internal import RouteCore

/// Makes next-hop objects and groups in the calling thread's namespace.
enum NextHopTrial {
    private static let writer = NextHopWriter(protocolNumber: 158)
    private static let identifiers: (nextHop: UInt32, group: UInt32, resilient: UInt32) =
        (0x5880_0000, 0x5880_8000, 0x5880_8001)

    static func run(linkNamed name: String) -> [PreflightFeature: Trial] {
        var trials: [PreflightFeature: Trial] = [:]
        do throws(NetlinkError) {
            let socket = try NetlinkSocket.connected()
            let index = try LinkReader.interfaceIndex(named: name, through: socket)
            let gateway = NextHop.gateway(
                HostAddress(ipv4: 0xc000_0202), interfaceIndex: index, isOnLink: true)
            trials[.nextHops] = attempt { () throws(NetlinkError) in
                try writer.create(id: identifiers.nextHop, gateway, through: socket)
            }
            let group: NextHopGroup = [GroupMember(id: identifiers.nextHop, weight: 1)]
            trials[.nextHopGroups] = attempt { () throws(NetlinkError) in
                try writer.createGroup(id: identifiers.group, group, through: socket)
            }
            if case .works(let text) = trials[.nextHopGroups] {
                trials[.nextHopGroups] = .works(text + "; " + changes(of: group, through: socket))
            }
            trials[.resilientGroups] = attempt { () throws(NetlinkError) in
                let resilient = NextHopGroup(
                    group.members, resilience: Resilience(buckets: 8))
                try writer.createGroup(id: identifiers.resilient, resilient, through: socket)
            }
        } catch {
            for feature in [PreflightFeature.nextHops, .nextHopGroups, .resilientGroups]
            where trials[feature] == nil {
                trials[feature] = .notTried("\(error)")
            }
        }
        return trials
    }

    /// How long the kernel takes for changes of a group, each of which waits for a grace period.
    private static func changes(
        of group: NextHopGroup, through socket: borrowing NetlinkSocket
    ) -> String {
        var microseconds: [Int64] = []
        for _ in 0..<16 {
            let start = Clock.monotonicNanoseconds()
            do throws(NetlinkError) {
                try writer.replaceGroup(id: identifiers.group, group, through: socket)
            } catch { return "not changed: \(error)" }
            microseconds.append((Clock.monotonicNanoseconds() - start) / 1_000)
        }
        microseconds.sort()
        return "\(microseconds.count) changes of one took \(microseconds[0]) to "
            + "\(microseconds[microseconds.count - 1]) µs"
    }

    private static func attempt(_ body: () throws(NetlinkError) -> Void) -> Trial {
        do throws(NetlinkError) {
            try body()
            return .works("made")
        } catch {
            return .fails("\(error)")
        }
    }
}
