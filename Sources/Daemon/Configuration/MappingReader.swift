/// Reads a mapping whose keys are known beforehand and reports all others.
struct MappingReader {
    /// Which keys a mapping may have.
    struct Schema {
        /// What the mapping is, for messages, such as "a peer".
        let subject: String
        /// The keys that mean something.
        let keys: [String]
        /// The keys that will mean something in a later version.
        let laterKeys: [String]
    }

    /// Where the mapping begins.
    let place: Place
    private let problems: ProblemCollector
    private let entries: [String: ConfigurationValue.Entry]

    /// Checks the keys of `value`; nil when it is no mapping.
    init?(_ value: ConfigurationValue, _ schema: Schema, _ problems: ProblemCollector) {
        guard case .mapping(let given) = value.content else {
            problems.error(
                value.place,
                "\(schema.subject) must be a mapping of keys to values, "
                    + "not \(value.kindDescription)"
            )
            return nil
        }
        place = value.place
        self.problems = problems
        var entries: [String: ConfigurationValue.Entry] = [:]
        var misspelt: [String: ConfigurationValue.Entry] = [:]
        for entry in given {
            if let first = entries[entry.key] {
                problems.error(
                    entry.keyPlace,
                    "duplicate key \"\(ConfigurationValue.excerpt(entry.key))\", "
                        + "first given \(first.keyPlace.reference)")
                continue
            }
            entries[entry.key] = entry
            if let meant = Self.check(entry, schema, problems) { misspelt[meant] = entry }
        }
        // A misspelt key is read as the one that was meant: one mistake, one message.
        self.entries = entries.merging(misspelt) { given, _ in given }
    }

    /// Reports a key that cannot be used; gives the one that was probably meant.
    private static func check(
        _ entry: ConfigurationValue.Entry, _ schema: Schema, _ problems: ProblemCollector
    ) -> String? {
        let key = entry.key
        if schema.keys.contains(key) { return nil }
        if schema.laterKeys.contains(key) {
            problems.error(
                entry.keyPlace, "\(key) is not supported yet in \(schema.subject); remove it")
            return nil
        }
        if key == "<<" {
            problems.error(entry.keyPlace, "merge keys are not supported; use \"defaults\"")
            return nil
        }
        let suggestion = Spelling.suggestion(for: key, among: schema.keys)
        let hint =
            suggestion.map { "did you mean \"\($0)\"?" }
            ?? "known are: \(schema.keys.joined(separator: ", "))"
        problems.error(
            entry.keyPlace,
            "unknown key \"\(ConfigurationValue.excerpt(key))\" in \(schema.subject); \(hint)")
        return suggestion
    }

    /// Whether the key is there, whatever its value.
    func has(_ key: String) -> Bool { entries[key] != nil }

    /// The value of a key; nil when it is absent, and with an error when it is left empty.
    func value(_ key: String) -> ConfigurationValue? {
        guard let entry = entries[key] else { return nil }
        guard !entry.value.isNull else {
            problems.error(
                entry.keyPlace.option == nil ? entry.keyPlace : entry.value.place,
                "\(key) has no value; give one or remove the key")
            return nil
        }
        return entry.value
    }

    /// The value of a key that must be there; an error and nil otherwise.
    func requiredValue(_ key: String, of subject: String, hint: String) -> ConfigurationValue? {
        if !has(key) { problems.error(place, "\(subject) needs \(key); \(hint)") }
        return value(key)
    }

    /// The items of a list; nil when the key is absent or no list.
    func list(_ key: String) -> [ConfigurationValue]? {
        guard let value = value(key) else { return nil }
        guard case .sequence(let items) = value.content else {
            problems.error(value.place, "\(key) must be a list, not \(value.kindDescription)")
            return nil
        }
        return items
    }
}
