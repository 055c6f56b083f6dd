internal import BFDCore
internal import ControlProtocol
internal import RouteCore

/// Reads `unsolicited`: who may start a session with us (RFC 9468).
struct UnsolicitedReader {
    private static let schema = MappingReader.Schema(
        subject: "an unsolicited entry",
        keys: [
            "prefix", "interface", "local-multiplier", "desired-min-tx-interval",
            "required-min-rx-interval", "maximum-sessions", "authentication",
        ],
        laterKeys: [])

    private struct Key: Hashable {
        let prefix: Prefix
        let interface: String?
    }

    let problems: ProblemCollector
    let defaults: SessionKeys
    let secrets: SecretChecker

    /// All entries that have a prefix, in the order of the file.
    func read(_ items: [ConfigurationValue]) -> [DaemonConfiguration.Unsolicited] {
        let maximum = DaemonConfiguration.maximumUnsolicitedCount
        if items.count > maximum {
            problems.error(
                items[maximum].place,
                "\(items.count) unsolicited entries are too many (allowed: at most \(maximum))")
        }
        var entries: [DaemonConfiguration.Unsolicited] = []
        var places: [Key: Place] = [:]
        var sessionCount = 0
        for item in items.prefix(maximum) {
            guard let (entry, place) = read(item) else { continue }
            entries.append(entry)
            let key = Key(prefix: entry.prefix, interface: entry.interface)
            if let first = places.updateValue(place, forKey: key) {
                problems.error(
                    place,
                    "a second entry for \(entry.prefix) (the first is \(first.reference)); prefix "
                        + "and interface together must differ")
            }
            let isOverLimit = sessionCount > DaemonConfiguration.maximumPeerCount
            sessionCount += entry.maximumSessions
            if !isOverLimit, sessionCount > DaemonConfiguration.maximumPeerCount {
                problems.error(
                    place,
                    "maximum-sessions of all entries together are more than one daemon serves "
                        + "(allowed: at most \(DaemonConfiguration.maximumPeerCount))")
            }
        }
        return entries
    }

    private func read(
        _ item: ConfigurationValue
    ) -> (DaemonConfiguration.Unsolicited, Place)? {
        guard let mapping = MappingReader(item, Self.schema, problems) else { return nil }
        let scalars = ScalarReader(problems)
        let session = SessionKeys(mapping, problems)
        let maximum = scalars.integer(
            mapping.value("maximum-sessions"), "maximum-sessions", in: 0...10_000)
        let keys = session.authentication.map { authentication($0) }
        let value = mapping.requiredValue(
            "prefix", of: "an unsolicited entry", hint: "such as 10.5.204.0/24")
        guard let prefix = scalars.prefix(value) else { return nil }
        var entry = DaemonConfiguration.Unsolicited(
            prefix: prefix.value, interface: session.interface?.value)
        if let given = session.desiredMinTxInterval ?? defaults.desiredMinTxInterval {
            entry.desiredMinTxInterval = given.value
        }
        if let given = session.requiredMinRxInterval ?? defaults.requiredMinRxInterval {
            entry.requiredMinRxInterval = given.value
        }
        if let given = session.localMultiplier ?? defaults.localMultiplier {
            entry.localMultiplier = given.value
        }
        if let maximum { entry.maximumSessions = Int(maximum.value) }
        entry.authentication = keys
        if prefix.value.length == 0, entry.maximumSessions > 0 {
            problems.warning(
                prefix.place,
                "\(prefix.value) lets everybody on the links start sessions; name the networks "
                    + "that may")
        }
        return (entry, prefix.place)
    }

    /// RFC 9468 §6.2: whoever comes unasked proves it by the strongest means there is.
    private func authentication(
        _ section: Placed<AuthenticationReader.Result>
    ) -> DaemonConfiguration.Authentication {
        var result = section.value
        secrets.check(&result, section.place)
        let type = result.authentication.type
        if type != .meticulousKeyedSHA1 {
            problems.error(
                section.place,
                "authentication of unsolicited sessions must be the strongest, not "
                    + "\(type.rawValue) (allowed: meticulous-keyed-sha1)")
        }
        return result.authentication
    }
}
