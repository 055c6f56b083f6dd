internal import RouteCore

extension RouteReader {
    private static let dampeningSchema = MappingReader.Schema(
        subject: "dampening", keys: ["half-life", "suppress", "reuse", "max-suppress"],
        laterKeys: [])

    /// A day, in microseconds.
    private static let day: Int64 = 86_400_000_000

    /// What delays a next hop's return.
    func readHysteresis(_ mapping: MappingReader, into policy: inout RoutePolicy) {
        let holdUp = ScalarReader(problems).duration(
            mapping.value("hold-up"), "hold-up", in: 0...Self.day)
        policy.holdUpNanoseconds = (holdUp?.value ?? 0) * 1_000
        if let value = mapping.value("dampening") { policy.dampening = dampening(value) }
    }

    private func dampening(_ value: ConfigurationValue) -> Dampening? {
        guard let mapping = MappingReader(value, Self.dampeningSchema, problems) else { return nil }
        let scalars = ScalarReader(problems)
        func number(_ key: String, _ standard: Int) -> Int {
            let given = scalars.integer(mapping.value(key), key, in: 1...1_000_000)
            return given.map { Int($0.value) } ?? standard
        }
        func span(_ key: String, _ standard: Int64) -> Int64 {
            let given = scalars.duration(mapping.value(key), key, in: 1_000...Self.day)
            return given?.value ?? standard
        }
        let halfLife = span("half-life", 5_000_000)
        let maxSuppress = span("max-suppress", min(halfLife * 4, Self.day))
        let (suppress, reuse) = (number("suppress", 2_000), number("reuse", 1_000))
        guard reuse < suppress else {
            problems.error(
                value.place, "reuse \(reuse) must be less than suppress \(suppress)")
            return nil
        }
        let dampening = Dampening(
            suppress: suppress, reuse: reuse, halfLifeNanoseconds: halfLife * 1_000,
            maxSuppressNanoseconds: maxSuppress * 1_000)
        guard dampening.canSuppress else {
            problems.error(
                value.place,
                "this dampening would never suppress: within max-suppress "
                    + "\(DurationReader.text(maxSuppress)) a penalty of suppress \(suppress) does "
                    + "not decay to reuse \(reuse); give a longer max-suppress")
            return nil
        }
        return dampening
    }
}
