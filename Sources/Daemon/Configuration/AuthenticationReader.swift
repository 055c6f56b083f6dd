internal import BFDCore
internal import ControlProtocol

/// Reads `authentication`: the type, and the keys with the files of their secrets.
struct AuthenticationReader {
    /// What was read, with the places that messages about the files need.
    struct Result {
        var authentication: DaemonConfiguration.Authentication
        /// Where the secret file of each key was given.
        var secretPlaces: [Place]
    }

    private static let schema = MappingReader.Schema(
        subject: "authentication", keys: ["type", "keys"],
        laterKeys: ["key-chain", "loose", "loose-check"])
    private static let keySchema = MappingReader.Schema(
        subject: "a key",
        keys: ["id", "secret-file", "format", "send-lifetime", "accept-lifetime"], laterKeys: [])
    private static let lifetimeSchema = MappingReader.Schema(
        subject: "a lifetime", keys: ["start", "end"], laterKeys: [])

    let problems: ProblemCollector
    private var scalars: ScalarReader { ScalarReader(problems) }

    init(_ problems: ProblemCollector) {
        self.problems = problems
    }

    func read(_ value: ConfigurationValue?) -> Result? {
        guard let value, let mapping = MappingReader(value, Self.schema, problems) else {
            return nil
        }
        let type = scalars.word(
            mapping.requiredValue(
                "type", of: "authentication", hint: "such as type: meticulous-keyed-sha1"),
            "type", as: AuthenticationTypeName.self)
        if let type { warn(of: type) }
        _ = mapping.requiredValue(
            "keys", of: "authentication", hint: "such as keys: [{id: 1, secret-file: FILE}]")
        guard let items = mapping.list("keys") else { return nil }
        let maximum = SessionAuthentication.maximumKeyCount
        guard (1...maximum).contains(items.count) else {
            problems.error(
                mapping.value("keys")?.place ?? mapping.place,
                "keys has \(items.count) keys (allowed: 1 to \(maximum))")
            return nil
        }
        var keys: [DaemonConfiguration.Key] = []
        var secretPlaces: [Place] = []
        var idPlaces: [UInt8: Place] = [:]
        for item in items {
            guard let (key, idPlace, secretPlace) = read(key: item) else { continue }
            if let first = idPlaces[key.id] {
                problems.error(
                    idPlace, "a second key with id \(key.id) (the first is \(first.reference))")
            }
            idPlaces[key.id] = idPlace
            keys.append(key)
            secretPlaces.append(secretPlace)
        }
        guard let type, keys.count == items.count else { return nil }
        return Result(
            authentication: .init(type: type.value, keys: keys), secretPlaces: secretPlaces)
    }

    private func warn(of type: Placed<AuthenticationTypeName>) {
        switch type.value {
        case .simplePassword:
            problems.warning(
                type.place,
                "simple-password sends the password itself, for anybody on the link to read; use "
                    + "meticulous-keyed-sha1")
        case .keyedMD5, .meticulousKeyedMD5:
            problems.warning(
                type.place,
                "\(type.value.rawValue) is discouraged (RFC 5880 section 6.7); use "
                    + "meticulous-keyed-sha1 where the peer can")
        case .keyedSHA1, .meticulousKeyedSHA1: break
        }
    }

    private func read(key item: ConfigurationValue) -> (DaemonConfiguration.Key, Place, Place)? {
        guard let mapping = MappingReader(item, Self.keySchema, problems) else { return nil }
        let id = scalars.integer(
            mapping.requiredValue("id", of: "a key", hint: "it is the same at the peer"), "id",
            in: 0...255)
        let file = scalars.text(
            mapping.requiredValue(
                "secret-file", of: "a key", hint: "secrets are never in the configuration"),
            "secret-file")
        let format = scalars.word(
            mapping.value("format"), "format", as: DaemonConfiguration.SecretFormat.self)
        let send = lifetime(mapping.value("send-lifetime"), "send-lifetime")
        let accept = lifetime(mapping.value("accept-lifetime"), "accept-lifetime")
        guard let id, let file else { return nil }
        guard !file.value.isEmpty, file.value.utf8.count < 4_096 else {
            problems.error(file.place, "secret-file is no path (allowed: 1 to 4095 octets)")
            return nil
        }
        var key = DaemonConfiguration.Key(id: UInt8(id.value), secretFile: file.value)
        if let format { key.format = format.value }
        if let send { key.sendLifetime = send }
        if let accept { key.acceptLifetime = accept }
        return (key, id.place, file.place)
    }

    private func lifetime(
        _ value: ConfigurationValue?, _ name: String
    ) -> DaemonConfiguration.Lifetime? {
        guard let value, let mapping = MappingReader(value, Self.lifetimeSchema, problems) else {
            return nil
        }
        let start = moment(mapping.value("start"), "start")
        let end = moment(mapping.value("end"), "end")
        if let start, let end, end.value <= start.value {
            problems.error(end.place, "\(name) ends before it starts; end must be after start")
        }
        return DaemonConfiguration.Lifetime(start: start?.value, end: end?.value)
    }

    private func moment(_ value: ConfigurationValue?, _ key: String) -> Placed<Timestamp>? {
        guard let text = scalars.text(value, key) else { return nil }
        guard let moment = MomentReader.moment(text.value) else {
            problems.error(
                text.place,
                "\(key) \"\(ConfigurationValue.excerpt(text.value))\" is no moment "
                    + "(allowed: RFC 3339 such as 2026-12-31T23:59:59Z or "
                    + "2027-01-01T00:59:59+01:00)")
            return nil
        }
        return Placed(value: moment, place: text.place)
    }
}
