internal import BFDCore

extension ScenarioReader {
    static func settings(
        _ before: SessionSettings, _ words: some Sequence<String>
    ) throws(ScenarioMistake) -> SessionSettings {
        var settings = before
        for (key, value) in try pairs(words) {
            switch key {
            case "tx": settings.desiredMinTxInterval = try interval(value)
            case "rx": settings.requiredMinRxInterval = try interval(value)
            case "mult": settings.detectMultiplier = UInt8(clamping: try number(value))
            case "echo-tx": settings.echoTransmitInterval = try interval(value)
            case "echo-rx": settings.echoReceiveInterval = try interval(value)
            case "congestion": settings.adaptsToCongestion = try isOn(value)
            case "role":
                guard value == "active" || value == "passive" else {
                    throw ScenarioMistake("unknown role \(value)")
                }
                settings.role = value == "active" ? .active : .passive
            case "demand":
                settings.demandMode = try isOn(value)
            default: throw ScenarioMistake("unknown word \(key)")
            }
        }
        return settings
    }

    private static func isOn(_ value: String) throws(ScenarioMistake) -> Bool {
        guard value == "on" || value == "off" else {
            throw ScenarioMistake("on or off, not \(value)")
        }
        return value == "on"
    }

    static func conditions(
        _ words: some Sequence<String>
    ) throws(ScenarioMistake) -> LinkConditions {
        var conditions = LinkConditions()
        conditions.isCut = words.contains("cut")
        for (key, value) in try pairs(words.filter { $0 != "cut" }) {
            switch key {
            case "loss": conditions.lossPerMille = Int(clamping: try number(value))
            case "reorder": conditions.reorderPerMille = Int(clamping: try number(value))
            case "duplicate": conditions.duplicatePerMille = Int(clamping: try number(value))
            case "corrupt": conditions.corruptPerMille = Int(clamping: try number(value))
            case "hops": conditions.hopCount = UInt8(clamping: try number(value))
            case "delay": conditions.delay = try span(value)
            case "jitter": conditions.jitter = try span(value)
            default: throw ScenarioMistake("unknown word \(key)")
            }
        }
        return conditions
    }

    static func authentication(_ words: [String]) throws(ScenarioMistake) -> AuthenticationType? {
        guard let word = words.first(where: { $0.hasPrefix("auth=") }) else { return nil }
        switch word.dropFirst(5) {
        case "password": return .simplePassword
        case "md5": return .keyedMD5
        case "meticulous-md5": return .meticulousKeyedMD5
        case "sha1": return .keyedSHA1
        case "meticulous-sha1": return .meticulousKeyedSHA1
        default: throw ScenarioMistake("unknown authentication \(word)")
        }
    }

    /// What the two ends of a link are, and the least TTL they take.
    static func kinds(
        _ words: [String]
    ) throws(ScenarioMistake) -> ([Scenario.Kind], minimumTTL: UInt8) {
        let ttl = words.first { $0.hasPrefix("ttl=") }
        if words.contains("loop") { return ([.loop, .forwarder], 255) }
        if words.contains("unsolicited") { return ([.unsolicited, .singleHop], 255) }
        guard words.contains("multihop") else { return ([.singleHop, .singleHop], 255) }
        let least = try ttl.map { (word) throws(ScenarioMistake) in
            UInt8(clamping: try number(String(word.dropFirst(4))))
        }
        return ([.multihop, .multihop], least ?? 1)
    }

    static func pairs(
        _ words: some Sequence<String>
    ) throws(ScenarioMistake) -> [(String, String)] {
        var pairs: [(String, String)] = []
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw ScenarioMistake("unknown word \(word)") }
            pairs.append((parts[0], parts[1]))
        }
        return pairs
    }

    static func number(_ text: String?) throws(ScenarioMistake) -> UInt64 {
        guard let text, let number = UInt64(text) else {
            throw ScenarioMistake("\(text ?? "nothing") is no number")
        }
        return number
    }

    static func interval(_ text: String) throws(ScenarioMistake) -> Microseconds {
        Microseconds(UInt32(clamping: try span(text).count / 1_000))
    }

    /// A span such as 10s, 300ms or 50us.
    static func span(_ text: String?) throws(ScenarioMistake) -> Nanoseconds {
        guard let text else { throw ScenarioMistake("a span is missing, such as 300ms") }
        let digits = text.prefix { $0.isNumber }
        guard let count = Int64(digits) else { throw ScenarioMistake("\(text) is no span") }
        switch text.dropFirst(digits.count) {
        case "s": return .seconds(count)
        case "ms": return .milliseconds(count)
        case "us": return Nanoseconds(count * 1_000)
        default: throw ScenarioMistake("\(text) is no span: write 10s, 300ms or 50us")
        }
    }
}
