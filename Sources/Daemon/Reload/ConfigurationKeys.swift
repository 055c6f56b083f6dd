internal import BFDAuthentication
internal import BFDCore
internal import ControlProtocol
internal import Gatewatch
internal import RouteController
internal import RouteCore

/// Tells two things of a kind apart, key by key.
struct KeyTable<Item> {
    typealias Row = (key: String, text: (Item) -> String)

    let rows: [Row]

    /// What differs, such as `local-multiplier 3 -> 5`; secrets differ without a text.
    func differences(_ old: Item, _ new: Item) -> [String] {
        rows.compactMap { row in
            let (from, to) = (row.text(old), row.text(new))
            return from == to ? nil : "\(row.key) \(from) -> \(to)"
        }
    }
}

/// What peers differ in.
enum PeerKeys {
    static func differences(_ old: PeerConfiguration, _ new: PeerConfiguration) -> [String] {
        var texts = table.differences(old, new)
        if !old.hasSameKeys(as: new), old.authenticationText == new.authenticationText {
            texts.append("authentication has other secrets or lifetimes")
        }
        return texts
    }

    private static var table: KeyTable<PeerConfiguration> { KeyTable(rows: path + session + rest) }

    private static var path: [KeyTable<PeerConfiguration>.Row] {
        [
            ("dest-addr", { "\(HostAddress($0.session.path.destination))" }),
            (
                "source-addr",
                { peer in
                    let source = peer.session.path.source
                    return source.isUnspecified ? "any" : "\(HostAddress(source))"
                }
            ),
            ("interface", { $0.interface ?? "any" }),
            ("multihop", { "\($0.session.path.transport == .multihop)" }),
            ("unaffiliated-echo", { "\($0.session.path.transport == .unaffiliatedEcho)" }),
            ("remote-discriminator", { "\($0.session.remoteDiscriminator)" }),
        ]
    }

    private static var session: [KeyTable<PeerConfiguration>.Row] {
        [
            ("desired-min-tx-interval", { DurationText.exact($0.session.desiredMinTxInterval) }),
            ("required-min-rx-interval", { DurationText.exact($0.session.requiredMinRxInterval) }),
            ("local-multiplier", { "\($0.session.detectMultiplier)" }),
            ("role", { $0.session.role == .active ? "active" : "passive" }),
            ("minimum-ttl", { "\($0.session.minimumTTL)" }),
            ("strict-source", { "\($0.session.strictSource)" }),
            ("demand-enabled", { "\($0.session.demandMode)" }),
            ("congestion-control", { "\($0.session.adaptsToCongestion)" }),
            (
                "desired-min-echo-tx-interval",
                { DurationText.exact($0.session.desiredMinEchoTxInterval) }
            ),
            (
                "required-min-echo-rx-interval",
                { DurationText.exact($0.session.requiredMinEchoRxInterval) }
            ),
            ("pdu-size", { "\($0.session.pduSize)" }),
            ("profile", { $0.session.acceptsStaleDiscriminator ? "ovn" : "none" }),
        ]
    }

    private static var rest: [KeyTable<PeerConfiguration>.Row] {
        [
            ("dscp", { "\($0.trafficClass >> 2)" }),
            ("echo-source-addr", { $0.echoSource.map { "\(HostAddress($0))" } ?? "our address" }),
            (
                "failure-hold-time",
                { DurationText.exact(microseconds: UInt64($0.policy.holdTime.count / 1_000)) }
            ),
            ("authentication", { $0.authenticationText }),
        ]
    }
}

extension PeerConfiguration {
    /// Type and key ids.
    fileprivate var authenticationText: String {
        guard let keyChain else { return "none" }
        let ids = keyChain.keyIDs.map { "\($0)" }.joined(separator: ", ")
        return "\(AuthenticationTypeName(keyChain.type).rawValue) with keys \(ids)"
    }
}

/// What routes differ in.
enum RouteKeys {
    static func differences(_ old: RouteConfiguration, _ new: RouteConfiguration) -> [String] {
        let table = KeyTable<RouteConfiguration>(rows: [
            ("next-hops", { $0.nextHops.map(nextHop).joined(separator: ", ") }),
            ("on-admin-down", { $0.policy.onAdminDown.rawValue }),
            ("when-none-up", { $0.policy.whenNoneUp.rawValue }),
            ("before-first-up", { $0.policy.beforeFirstUp.rawValue }),
            (
                "hold-up",
                { DurationText.exact(microseconds: UInt64($0.policy.holdUpNanoseconds / 1_000)) }
            ),
            ("dampening", { $0.policy.dampening.map(dampening) ?? "none" }),
            ("rule", { $0.rule.map(rule) ?? "none" }),
            ("resilient", { $0.resilience.map(resilience) ?? "none" }),
        ])
        return table.differences(old, new)
    }

    private static func nextHop(_ nextHop: NextHopConfiguration) -> String {
        var text = "\(nextHop.peer) via \(nextHop.via)"
        if let interface = nextHop.interface { text += " dev \(interface)" }
        if nextHop.weight != 1 { text += " weight \(nextHop.weight)" }
        return nextHop.isOnLink ? "\(text) on-link" : text
    }

    private static func dampening(_ dampening: Dampening) -> String {
        let times = [dampening.halfLifeNanoseconds, dampening.maxSuppressNanoseconds].map {
            DurationText.exact(microseconds: UInt64($0 / 1_000))
        }
        return "half-life \(times[0]) suppress \(dampening.suppress) reuse \(dampening.reuse) "
            + "max-suppress \(times[1])"
    }

    private static func rule(_ rule: RuleConfiguration) -> String {
        "priority \(rule.priority)" + (rule.keepsMainFirst ? "" : " without main-first")
    }

    private static func resilience(_ resilience: Resilience) -> String {
        "\(resilience.buckets) buckets, idle \(resilience.idleCentiseconds / 100) s, unbalanced "
            + "\(resilience.unbalancedCentiseconds / 100) s"
    }
}

/// What entries of `unsolicited` differ in.
enum UnsolicitedKeys {
    typealias Entry = DaemonConfiguration.Unsolicited

    static func differences(_ old: Entry, _ new: Entry) -> [String] {
        let table = KeyTable<Entry>(rows: [
            ("desired-min-tx-interval", { DurationText.exact($0.desiredMinTxInterval) }),
            ("required-min-rx-interval", { DurationText.exact($0.requiredMinRxInterval) }),
            ("local-multiplier", { "\($0.localMultiplier)" }),
            ("maximum-sessions", { "\($0.maximumSessions)" }),
            ("authentication", { $0.authentication?.type.rawValue ?? "none" }),
        ])
        let texts = table.differences(old, new)
        return texts.isEmpty ? ["authentication has other keys"] : texts
    }
}
