internal import Daemon

/// A configuration as people read it.
enum ConfigurationText {
    /// How many peers or routes are listed.
    private static let maximumListed = 20

    /// That it is right, and what it would run.
    static func summary(_ configuration: DaemonConfiguration, file: String) -> String {
        let (peers, routes) = (configuration.peers, configuration.routes)
        let place =
            configuration.namespace.map { "in namespace \($0)" } ?? "in the current namespace"
        let counts =
            "\(file): OK, \(peers.count) peer\(peers.count == 1 ? "" : "s") and "
            + "\(routes.count) route\(routes.count == 1 ? "" : "s") \(place)"
        var blocks = [counts]
        if !peers.isEmpty { blocks.append(peerTable(peers)) }
        if !configuration.unsolicited.isEmpty {
            blocks.append(unsolicitedText(configuration.unsolicited))
        }
        if !routes.isEmpty { blocks.append(routeTable(routes)) }
        return blocks.joined(separator: "\n\n")
    }

    private static func peerTable(_ peers: [DaemonConfiguration.Peer]) -> String {
        var table = TextTable([
            .flexible("PEER", minimumWidth: 12), .flexible("ADDRESS", minimumWidth: 15),
            .fixed("ROLE"), .fixed("DETECTION TIME"),
        ])
        for peer in peers.prefix(maximumListed) {
            let address =
                peer.interface.map { "\(peer.destinationAddress)%\($0)" }
                ?? "\(peer.destinationAddress)"
            table.add([peer.name, address, peer.roleText, peer.detectionSum])
        }
        return table.text + remainder(peers.count)
    }

    private static func unsolicitedText(
        _ entries: [DaemonConfiguration.Unsolicited]
    ) -> String {
        let lines = entries.prefix(maximumListed).map { entry in
            "  \(entry.prefixText), at most \(entry.maximumSessions) sessions"
        }
        return "Sessions may be started by\n" + lines.joined(separator: "\n")
            + remainder(entries.count)
    }

    private static func routeTable(_ routes: [DaemonConfiguration.Route]) -> String {
        var table = TextTable([
            .flexible("ROUTE", minimumWidth: 20), .flexible("NEXT HOPS", minimumWidth: 20),
            .fixed("ADMIN DOWN"), .fixed("NONE UP"),
        ])
        for route in routes.prefix(maximumListed) {
            let nextHops = route.nextHops.map { hop in
                hop.weight == 1 ? hop.peer : "\(hop.peer) (weight \(hop.weight))"
            }
            table.add([
                route.title, nextHops.joined(separator: ", "),
                route.adminDownText, route.noneUpText,
            ])
        }
        return table.text + remainder(routes.count)
    }

    private static func remainder(_ count: Int) -> String {
        count > maximumListed ? "\n… and \(count - maximumListed) more" : ""
    }
}
