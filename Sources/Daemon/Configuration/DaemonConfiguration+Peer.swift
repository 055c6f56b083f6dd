public import BFDCore
public import ControlProtocol
public import RouteCore

extension DaemonConfiguration {
    /// One session to run.
    public struct Peer: Sendable, Hashable {
        /// Its name in `status`, routes and events.
        public var name: String
        /// The peer's address, neither unspecified nor multicast.
        public var destinationAddress: HostAddress
        /// Our address, of the same family; nil lets the kernel choose.
        public var sourceAddress: HostAddress?
        /// The interface to bind to; never nil for a link-local IPv6 address.
        public var interface: String?
        /// bfd.DesiredMinTxInterval once Up, at least 250 µs.
        public var desiredMinTxInterval: Microseconds
        /// bfd.RequiredMinRxInterval, at least 250 µs.
        public var requiredMinRxInterval: Microseconds
        /// bfd.DetectMult, at least 1.
        public var localMultiplier: UInt8
        /// Whether we speak first.
        public var role: SessionRole
        /// The least TTL or hop limit of an accepted packet, at least 1.
        public var minimumTTL: UInt8
        /// Whether a packet from another address is dropped even with the right discriminator.
        public var isSourceStrict: Bool
        /// How packets are authenticated; nil for not at all.
        public var authentication: Authentication?
        /// Whether to have the peer stop its periodic packets while both ends are Up.
        public var isDemandEnabled: Bool
        /// The differentiated services code point of our packets, 0 to 63.
        public var dscp: UInt8
        /// Whether intervals grow when the path or this machine is overloaded.
        public var isCongestionControlled: Bool
        /// How long a failure must last before routes follow it.
        public var failureHoldTime: Nanoseconds
        /// How long to wait at the start before anything is sent or heard.
        public var startDelay: Nanoseconds
        /// Whether routers may be in between (RFC 5883); our address is never nil then.
        public var isMultihop = false
        /// Where our Echo packets say they come from; nil for the session's own address.
        public var echoSourceAddress: HostAddress?
        /// Whether the peer has no BFD, and only forwards our packets back (RFC 9747); our address
        /// is never nil then.
        public var isUnaffiliatedEcho = false
        /// The peer's discriminator where it is known beforehand; 0 where it is learned.
        public var remoteDiscriminator: UInt32 = 0
        /// The size of our IP packets (RFC 9764); 0 for no padding.
        public var pduSize: UInt16 = 0
        /// The least interval between our Echo packets; 0 for none.
        public var desiredMinEchoTxInterval = Microseconds(0)
        /// The least interval at which the peer's Echo packets are sent back; 0 if they are not.
        public var requiredMinEchoRxInterval = Microseconds(0)
        /// What kind of peer it is, where that needs special care.
        public var profile: Profile?
        /// Whether to tell the peer that BFD survives the loss of our control plane (the C bit).
        public var isControlPlaneIndependent = false

        /// A peer with the documented defaults.
        public init(name: String, destinationAddress: HostAddress) {
            self.name = name
            self.destinationAddress = destinationAddress
            desiredMinTxInterval = Microseconds(300_000)
            requiredMinRxInterval = Microseconds(300_000)
            localMultiplier = 3
            role = .active
            minimumTTL = 255
            isSourceStrict = true
            isDemandEnabled = false
            dscp = 48
            isCongestionControlled = false
            failureHoldTime = .zero
            startDelay = .zero
        }

        /// A peer over several hops with the documented defaults: any TTL will do, and only the
        /// discriminator selects.
        mutating func becomeMultihop() {
            isMultihop = true
            isCongestionControlled = true
            minimumTTL = 1
            isSourceStrict = false
            isCongestionControlled = true
        }

        /// The interval that counts for detection when the peer is configured like us.
        public var slowestInterval: Microseconds {
            isUnaffiliatedEcho
                ? desiredMinTxInterval : max(desiredMinTxInterval, requiredMinRxInterval)
        }

        /// The detection time in microseconds when the peer is configured like us.
        public var expectedDetectionTimeMicroseconds: UInt64 {
            UInt64(localMultiplier) * UInt64(slowestInterval.count)
        }
    }
}

extension DaemonConfiguration {
    /// A kind of peer that needs special care.
    public enum Profile: String, Sendable, Hashable, CaseIterable {
        /// OVN's ovn-controller.
        ///
        /// It counts in whole milliseconds, knows neither Demand mode nor authentication, and holds
        /// on to the discriminator of our previous run.
        case ovn
    }
}
