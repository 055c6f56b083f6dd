internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch
internal import RouteController
internal import RouteCore

/// What runs, as far as a configuration decides about it.
struct RunningConfiguration {
    /// All but the peers.
    var configuration: DaemonConfiguration
    /// The configured peers as their sessions are.
    var peers: [PeerConfiguration]
    /// The routes that are kept.
    var routes: [RouteConfiguration]
    /// The secrets of those who may start sessions, in the order of the configuration.
    var unsolicitedKeys: KeyChains
}

/// From what runs to what a configuration wants: what to do, and how to say it.
struct ConfigurationDifference {
    /// What sessions and routes have to follow.
    private(set) var change = ConfigurationChange()
    /// The same for people; its outcome is for somebody else to say.
    private(set) var report = ReloadReport(file: "", outcome: .planned)
    /// What is in force once it has been applied; of the peers, those that are new or change.
    private(set) var result: DaemonConfiguration
    /// Whether all was compared, and not only one peer.
    let isWhole: Bool

    /// Compares; `only` looks at nothing but the peer of that name.
    init(
        from running: RunningConfiguration, to wanted: DaemonConfiguration, _ keyChains: KeyChains,
        only name: String? = nil
    ) {
        result = running.configuration
        result.peers = []
        isWhole = name == nil
        if isWhole { compareSettings(running.configuration, wanted) }
        comparePeers(running.peers, wanted, keyChains, only: name)
        guard isWhole else {
            moveNextHops(running.routes, wanted)
            return
        }
        compareRoutes(running.routes, wanted)
        compareUnsolicited(running, wanted, keyChains)
    }

    private mutating func comparePeers(
        _ running: [PeerConfiguration], _ wanted: DaemonConfiguration, _ keyChains: KeyChains,
        only name: String?
    ) {
        var left = Dictionary(
            running.filter { name == nil || $0.name == name }.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first })
        for peer in wanted.peers where name == nil || peer.name == name {
            var next = PeerConfiguration(peer)
            next.keyChain = keyChains.byPeer[peer.name]
            guard let present = left.removeValue(forKey: peer.name) else {
                change.added.append(next)
                report.peers.added.append(peer.name)
                result.peers.append(peer)
                continue
            }
            let kind = present.change(to: next)
            guard kind != .none else {
                report.peers.unchangedCount += 1
                continue
            }
            result.peers.append(peer)
            report.peers.changed.append(
                ReloadReport.ChangedItem(
                    name: peer.name, restarts: kind == .restart,
                    changes: PeerKeys.differences(present, next)))
            if kind == .restart {
                next.session.isAdministrativelyDown = present.session.isAdministrativelyDown
                change.restarted.append(next)
            } else {
                change.updated.append(next)
            }
        }
        change.removed = running.map(\.name).filter { left[$0] != nil }
        report.peers.removed = change.removed
    }

    /// Has the next hops of a peer whose session begins anew follow it to its address and link.
    private mutating func moveNextHops(
        _ running: [RouteConfiguration], _ wanted: DaemonConfiguration
    ) {
        guard let peer = change.restarted.first?.name else { return }
        let byKey = Dictionary(
            wanted.routeConfigurations.map { ($0.key, $0) },
            uniquingKeysWith: { first, _ in first })
        let next = running.map { route in
            guard let new = byKey[route.key]?.nextHops.first(where: { $0.peer == peer }) else {
                return route
            }
            var moved = route
            for place in route.nextHops.indices where route.nextHops[place].peer == peer {
                moved.nextHops[place].via = new.via
                moved.nextHops[place].interface = new.interface
            }
            return moved
        }
        if next != running { change.routes = next }
    }

    private mutating func compareRoutes(
        _ running: [RouteConfiguration], _ wanted: DaemonConfiguration
    ) {
        let next = wanted.routeConfigurations
        result.routes = wanted.routes
        var left = Dictionary(
            running.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        for route in next {
            guard let present = left.removeValue(forKey: route.key) else {
                report.routes.added.append("\(route.key)")
                continue
            }
            if present == route {
                report.routes.unchangedCount += 1
            } else {
                report.routes.changed.append(
                    ReloadReport.ChangedItem(
                        name: "\(route.key)", changes: RouteKeys.differences(present, route)))
            }
        }
        report.routes.removed = running.map(\.key).filter { left[$0] != nil }.map { "\($0)" }
        if !report.routes.isEmpty { change.routes = next }
    }

    private mutating func compareUnsolicited(
        _ running: RunningConfiguration, _ wanted: DaemonConfiguration, _ keyChains: KeyChains
    ) {
        let present = running.configuration.unsolicited
        result.unsolicited = wanted.unsolicited
        for (place, entry) in wanted.unsolicited.enumerated() {
            guard let old = present.firstIndex(where: { $0.prefixText == entry.prefixText }) else {
                report.unsolicited.added.append(entry.prefixText)
                continue
            }
            let keys = (running.unsolicitedKeys.unsolicited[old], keyChains.unsolicited[place])
            if present[old] == entry, KeyChains.isSame(keys.0, keys.1) {
                report.unsolicited.unchangedCount += 1
            } else {
                report.unsolicited.changed.append(
                    ReloadReport.ChangedItem(
                        name: entry.prefixText,
                        changes: UnsolicitedKeys.differences(present[old], entry)))
            }
        }
        report.unsolicited.removed = present.map(\.prefixText).filter { text in
            !wanted.unsolicited.contains { $0.prefixText == text }
        }
        guard !report.unsolicited.isEmpty else { return }
        change.unsolicited = zip(wanted.unsolicited, keyChains.unsolicited).map {
            UnsolicitedPeers($0, $1)
        }
    }

    private mutating func compareSettings(
        _ running: DaemonConfiguration, _ wanted: DaemonConfiguration
    ) {
        for setting in Setting.all {
            let (from, to) = (setting.text(running), setting.text(wanted))
            guard from != to else { continue }
            report.settings.append(
                ReloadReport.SettingChange(
                    key: setting.key, from: from, to: to, needsRestart: setting.needsRestart))
        }
        result = wanted
        result.peers = []
        Setting.keepWhatNeedsRestart(of: running, in: &result)
        if result.realTime != running.realTime { change.realTime = result.realTimeSettings }
        if result.usesNextHopObjects != running.usesNextHopObjects {
            change.routeOptions = result.routeOptions
        }
    }
}
