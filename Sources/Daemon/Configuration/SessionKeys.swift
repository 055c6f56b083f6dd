internal import BFDCore
internal import ControlProtocol
internal import RouteCore

/// The keys that `defaults` and each peer share; nil where a key was not given.
struct SessionKeys {
    static let keys = [
        "desired-min-tx-interval", "required-min-rx-interval", "local-multiplier", "role",
        "minimum-ttl", "strict-source", "source-addr", "interface", "multihop", "pdu-size",
        "profile", "authentication", "demand-enabled", "dscp", "congestion-control",
        "failure-hold-time", "start-delay", "desired-min-echo-tx-interval",
        "required-min-echo-rx-interval", "echo-source-addr", "unaffiliated-echo",
    ]

    static let laterKeys = [
        "path-type", "min-interval", "tx-ttl", "rx-ttl",
        "admin-down", "strict-interface", "strict-zero-discriminator", "quirks",
    ]

    /// 250 µs up to what fits a packet (RFC 5880 §4.1).
    static let intervalRange: ClosedRange<Int64> = 250...Int64(UInt32.max)
    /// 0 is for no Echo.
    static let echoIntervalRange: ClosedRange<Int64> = 0...Int64(UInt32.max)

    var desiredMinTxInterval: Placed<Microseconds>?
    var requiredMinRxInterval: Placed<Microseconds>?
    var localMultiplier: Placed<UInt8>?
    var role: Placed<SessionRole>?
    var minimumTTL: Placed<UInt8>?
    var isSourceStrict: Placed<Bool>?
    var isDemandEnabled: Placed<Bool>?
    var dscp: Placed<UInt8>?
    var isCongestionControlled: Placed<Bool>?
    var failureHoldTime: Placed<Nanoseconds>?
    var startDelay: Placed<Nanoseconds>?
    var sourceAddress: Placed<HostAddress>?
    var interface: Placed<String>?
    var authentication: Placed<AuthenticationReader.Result>?
    var isMultihop: Placed<Bool>?
    var isUnaffiliatedEcho: Placed<Bool>?
    var echoSourceAddress: Placed<HostAddress>?
    var pduSize: Placed<UInt16>?
    var profile: Placed<DaemonConfiguration.Profile>?
    var desiredMinEchoTxInterval: Placed<Microseconds>?
    var requiredMinEchoRxInterval: Placed<Microseconds>?

    init() {}

    init(_ mapping: MappingReader, _ problems: ProblemCollector) {
        let scalars = ScalarReader(problems)
        let interval = { (key: String, range: ClosedRange<Int64>) in
            scalars.duration(mapping.value(key), key, in: range).map {
                Placed(value: Microseconds(UInt32($0.value)), place: $0.place)
            }
        }
        let octet = { (key: String) in
            scalars.integer(mapping.value(key), key, in: 1...255).map {
                Placed(value: UInt8($0.value), place: $0.place)
            }
        }
        desiredMinTxInterval = interval("desired-min-tx-interval", Self.intervalRange)
        requiredMinRxInterval = interval("required-min-rx-interval", Self.intervalRange)
        desiredMinEchoTxInterval = interval(
            "desired-min-echo-tx-interval", Self.echoIntervalRange)
        requiredMinEchoRxInterval = interval(
            "required-min-echo-rx-interval", Self.echoIntervalRange)
        localMultiplier = octet("local-multiplier")
        role = scalars.word(mapping.value("role"), "role", as: SessionRole.self)
        minimumTTL = octet("minimum-ttl")
        isSourceStrict = scalars.bool(mapping.value("strict-source"), "strict-source")
        isDemandEnabled = scalars.bool(mapping.value("demand-enabled"), "demand-enabled")
        dscp = scalars.integer(mapping.value("dscp"), "dscp", in: 0...63).map {
            Placed(value: UInt8($0.value), place: $0.place)
        }
        isCongestionControlled = scalars.bool(
            mapping.value("congestion-control"), "congestion-control")
        let span = { (key: String) in
            scalars.duration(mapping.value(key), key, in: 0...300_000_000).map {
                Placed(value: Nanoseconds($0.value * 1_000), place: $0.place)
            }
        }
        failureHoldTime = span("failure-hold-time")
        startDelay = span("start-delay")
        sourceAddress = scalars.address(mapping.value("source-addr"), "source-addr")
        interface = scalars.interface(mapping.value("interface"))
        let section = mapping.value("authentication")
        if let section, let result = AuthenticationReader(problems).read(section) {
            authentication = Placed(value: result, place: section.place)
        }
        isMultihop = scalars.bool(mapping.value("multihop"), "multihop")
        echoSourceAddress = scalars.address(
            mapping.value("echo-source-addr"), "echo-source-addr")
        isUnaffiliatedEcho = scalars.bool(
            mapping.value("unaffiliated-echo"), "unaffiliated-echo")
        pduSize = scalars.integer(mapping.value("pdu-size"), "pdu-size", in: 24...65_535).map {
            Placed(value: UInt16($0.value), place: $0.place)
        }
        profile = scalars.word(
            mapping.value("profile"), "profile", as: DaemonConfiguration.Profile.self)
    }

    /// These keys, and those of `defaults` where one is missing.
    func withDefaults(_ defaults: SessionKeys) -> SessionKeys {
        var merged = self
        merged.desiredMinTxInterval = desiredMinTxInterval ?? defaults.desiredMinTxInterval
        merged.requiredMinRxInterval = requiredMinRxInterval ?? defaults.requiredMinRxInterval
        merged.localMultiplier = localMultiplier ?? defaults.localMultiplier
        merged.role = role ?? defaults.role
        merged.minimumTTL = minimumTTL ?? defaults.minimumTTL
        merged.isSourceStrict = isSourceStrict ?? defaults.isSourceStrict
        merged.isDemandEnabled = isDemandEnabled ?? defaults.isDemandEnabled
        merged.dscp = dscp ?? defaults.dscp
        merged.isCongestionControlled = isCongestionControlled ?? defaults.isCongestionControlled
        merged.failureHoldTime = failureHoldTime ?? defaults.failureHoldTime
        merged.startDelay = startDelay ?? defaults.startDelay
        merged.sourceAddress = sourceAddress ?? defaults.sourceAddress
        merged.interface = interface ?? defaults.interface
        merged.authentication = authentication ?? defaults.authentication
        merged.isMultihop = isMultihop ?? defaults.isMultihop
        merged.echoSourceAddress = echoSourceAddress ?? defaults.echoSourceAddress
        merged.isUnaffiliatedEcho = isUnaffiliatedEcho ?? defaults.isUnaffiliatedEcho
        merged.pduSize = pduSize ?? defaults.pduSize
        merged.profile = profile ?? defaults.profile
        merged.desiredMinEchoTxInterval =
            desiredMinEchoTxInterval ?? defaults.desiredMinEchoTxInterval
        merged.requiredMinEchoRxInterval =
            requiredMinEchoRxInterval ?? defaults.requiredMinEchoRxInterval
        return merged
    }
}

extension ScalarReader {
    /// The name of an interface: what the kernel takes for one.
    func interface(_ value: ConfigurationValue?) -> Placed<String>? {
        guard let text = text(value, "interface") else { return nil }
        let name = text.value
        let isValid =
            (1...15).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "/") }
        guard isValid else {
            problems.error(
                text.place,
                "interface \"\(ConfigurationValue.excerpt(name))\" cannot be a name "
                    + "(allowed: 1 to 15 visible characters other than /)")
            return nil
        }
        return text
    }
}
