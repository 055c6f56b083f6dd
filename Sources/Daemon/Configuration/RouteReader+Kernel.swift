internal import RouteCore

extension RouteReader {
    private static let ruleSchema = MappingReader.Schema(
        subject: "a rule", keys: ["priority", "main-first"], laterKeys: [])
    private static let resilienceSchema = MappingReader.Schema(
        subject: "resilient", keys: ["buckets", "idle-timer", "unbalanced-timer"], laterKeys: [])

    /// A rule of ours, for a table of its own: one that leads to main would change little, and lose
    /// to none.
    func rule(
        _ mapping: MappingReader, leadsToMain: Bool
    ) -> (priority: UInt32?, keepsMainFirst: Bool)? {
        guard let value = mapping.value("rule"),
            let rule = MappingReader(value, Self.ruleSchema, problems)
        else { return nil }
        if leadsToMain {
            problems.error(
                value.place, "a rule leads to a table of its own; add: table: NUMBER")
        }
        let scalars = ScalarReader(problems)
        let number = rule.requiredValue("priority", of: "a rule", hint: "such as 5880")
        let priority = scalars.integer(number, "priority", in: 1...32_765)
        let isMainFirst = scalars.bool(rule.value("main-first"), "main-first")
        return (priority.map { UInt32($0.value) }, isMainFirst?.value ?? true)
    }

    /// A resilient next-hop group; the kernel counts its times in hundredths of a second.
    func resilience(_ mapping: MappingReader, nextHopCount: Int) -> Resilience? {
        guard let value = mapping.value("resilient"),
            let resilient = MappingReader(value, Self.resilienceSchema, problems)
        else { return nil }
        let scalars = ScalarReader(problems)
        let buckets = scalars.integer(
            resilient.requiredValue("buckets", of: "resilient", hint: "such as 128"), "buckets",
            in: 1...Int64(UInt16.max))
        func centiseconds(_ key: String, _ standard: Int64) -> UInt32 {
            let span = scalars.duration(resilient.value(key), key, in: 0...86_400_000_000)
            guard let span else { return UInt32(standard) }
            if span.value % 10_000 != 0 {
                problems.error(
                    span.place, "\(key) must be a multiple of 10ms, in which the kernel counts it")
            }
            return UInt32(span.value / 10_000)
        }
        let (idle, unbalanced) = (
            centiseconds("idle-timer", 12_000), centiseconds("unbalanced-timer", 0)
        )
        guard let buckets else { return nil }
        if buckets.value < nextHopCount {
            problems.error(
                buckets.place,
                "buckets \(buckets.value) are fewer than the \(nextHopCount) next hops: "
                    + "some would never be used")
        }
        return Resilience(
            buckets: UInt16(buckets.value), idleCentiseconds: idle,
            unbalancedCentiseconds: unbalanced)
    }
}
