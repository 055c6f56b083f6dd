internal import BFDCore
internal import ControlProtocol
internal import RouteCore

/// Reads `peers`: each by itself, then what they must not share.
struct PeerReader {
    /// A peer as far as it could be read; enough to check routes against.
    struct Candidate {
        var name: String
        var place: Place
        var destination: Placed<HostAddress>?
        var session: SessionKeys
        var remoteDiscriminator: Placed<UInt32>?
        var isAuthenticated: Bool
    }

    private static let schema = MappingReader.Schema(
        subject: "a peer", keys: ["name", "dest-addr", "remote-discriminator"] + SessionKeys.keys,
        laterKeys: SessionKeys.laterKeys)

    let problems: ProblemCollector
    let defaults: SessionKeys

    /// All peers that could be told apart by a name, in the order of the file.
    func read(_ items: [ConfigurationValue]) -> [Candidate] {
        let maximum = DaemonConfiguration.maximumPeerCount
        if items.count > maximum {
            problems.error(
                items[maximum].place,
                "\(items.count) peers are more than one daemon serves (allowed: at most \(maximum))"
            )
        }
        var candidates: [Candidate] = []
        var namePlaces: [String: Place] = [:]
        var paths: [Path: Candidate] = [:]
        for item in items.prefix(maximum) {
            guard let candidate = read(item) else { continue }
            candidates.append(candidate)
            checkName(candidate, &namePlaces)
            checkPath(candidate, &paths)
        }
        checkRemotes(candidates)
        return candidates
    }

    private func read(_ item: ConfigurationValue) -> Candidate? {
        guard let mapping = MappingReader(item, Self.schema, problems) else { return nil }
        let scalars = ScalarReader(problems)
        let session = SessionKeys(mapping, problems).withDefaults(defaults)
        let destination = scalars.address(
            mapping.requiredValue("dest-addr", of: "a peer", hint: "it is the peer's address"),
            "dest-addr")
        let name = name(mapping, destination?.value, session.interface?.value)
        let candidate = Candidate(
            name: name?.value ?? "", place: name?.place ?? item.place, destination: destination,
            session: session,
            remoteDiscriminator: scalars.integer(
                mapping.value("remote-discriminator"), "remote-discriminator",
                in: 1...Int64(UInt32.max)
            ).map { Placed(value: UInt32($0.value), place: $0.place) },
            isAuthenticated: mapping.has("authentication") || session.authentication != nil)
        check(candidate, mapping)
        if let destination {
            PeerChecks(problems: problems, mapping: mapping, candidate: candidate)
                .check(destination)
        }
        return candidate
    }

    /// The given name, or one made of address and interface.
    private func name(
        _ mapping: MappingReader, _ destination: HostAddress?, _ interface: String?
    ) -> Placed<String>? {
        guard mapping.has("name") else {
            guard let destination else {
                // Not an address, but routes may well refer to the peer by this text.
                guard case .scalar(let scalar) = mapping.value("dest-addr")?.content else {
                    return nil
                }
                return Placed(value: scalar.text, place: mapping.place)
            }
            let zone = destination.isLinkLocal ? interface.map { "%\($0)" } ?? "" : ""
            return Placed(value: "\(destination)\(zone)", place: mapping.place)
        }
        guard let name = ScalarReader(problems).text(mapping.value("name"), "name") else {
            return nil
        }
        if !Self.isName(name.value) {
            problems.error(
                name.place,
                "name \"\(ConfigurationValue.excerpt(name.value))\" cannot be used "
                    + "(allowed: 1 to 64 letters, digits and . _ : % @ -, a letter or digit first)")
        }
        return name
    }

    private static func isName(_ text: String) -> Bool {
        let isLetterOrDigit = { (octet: UInt8) in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        let others = Set("._:%@-".utf8)
        return (1...64).contains(text.utf8.count) && text.utf8.prefix(1).allSatisfy(isLetterOrDigit)
            && text.utf8.allSatisfy { isLetterOrDigit($0) || others.contains($0) }
    }

    /// What one peer's keys say together.
    private func check(_ candidate: Candidate, _ mapping: MappingReader) {
        guard let destination = candidate.destination else { return }
        let session = candidate.session
        if destination.value.isLinkLocal, destination.value.family == .ipv6,
            session.interface == nil, !mapping.has("interface")
        {
            problems.error(
                destination.place,
                "dest-addr \(destination.value) is link-local, so the peer "
                    + "needs an interface; add: interface: NAME")
        }
        guard let source = session.sourceAddress else { return }
        if source.value.family != destination.value.family {
            problems.error(
                destination.place,
                "dest-addr \(destination.value) and source-addr "
                    + "\(source.value) are of different families; give two IPv4 or two IPv6 "
                    + "addresses")
        } else if source.value == destination.value {
            problems.error(
                destination.place,
                "dest-addr and source-addr are both \(source.value); dest-addr is the peer's")
        }
    }

    private func checkName(_ candidate: Candidate, _ places: inout [String: Place]) {
        guard !candidate.name.isEmpty else { return }
        if let first = places[candidate.name] {
            problems.error(
                candidate.place,
                "a second peer named \"\(candidate.name)\" (the first is "
                    + "\(first.reference)); names must differ")
        } else {
            places[candidate.name] = candidate.place
        }
    }

    /// What tells two sessions apart on the wire (RFC 5881 §3).
    private struct Path: Hashable {
        let destination: HostAddress
        let source: HostAddress?
        let interface: String?
        let isMultihop: Bool
    }

    private func checkPath(_ candidate: Candidate, _ paths: inout [Path: Candidate]) {
        guard let destination = candidate.destination else { return }
        let path = Path(
            destination: destination.value, source: candidate.session.sourceAddress?.value,
            interface: candidate.session.interface?.value,
            isMultihop: candidate.session.isMultihop?.value ?? false)
        guard let first = paths[path] else {
            paths[path] = candidate
            return
        }
        problems.error(
            destination.place,
            "a second session with \(destination.value) (the first is "
                + "\((first.destination?.place ?? first.place).reference)); "
                + "dest-addr, source-addr and interface "
                + "together must differ")
    }
}
