public import BFDCore
public import RouteCore

extension DaemonConfiguration {
    /// Peers that may start sessions with us (RFC 9468).
    public struct Unsolicited: Sendable, Hashable {
        /// Their addresses.
        public var prefix: Prefix
        /// The interface they must come by; nil for any.
        public var interface: String?
        /// bfd.DesiredMinTxInterval once Up, at least 250 µs.
        public var desiredMinTxInterval = Microseconds(300_000)
        /// bfd.RequiredMinRxInterval, at least 250 µs.
        public var requiredMinRxInterval = Microseconds(300_000)
        /// bfd.DetectMult, at least 1.
        public var localMultiplier: UInt8 = 3
        /// How their sessions authenticate; nil for not at all.
        public var authentication: Authentication?
        /// How many sessions there may be at a time; 0 shuts the prefix or the interface out.
        public var maximumSessions = 256

        /// Peers with the documented defaults.
        public init(prefix: Prefix, interface: String? = nil) {
            self.prefix = prefix
            self.interface = interface
        }
    }

    /// How many entries `unsolicited` may have.
    public static var maximumUnsolicitedCount: Int { 256 }
}
