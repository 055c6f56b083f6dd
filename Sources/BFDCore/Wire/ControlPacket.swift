/// A BFD Control packet without authentication (RFC 5880 §4.1).
///
///      0                   1                   2                   3
///     |Vers |  Diag   |Sta|P|F|C|A|D|M|  Detect Mult  |    Length     |
///     |                       My Discriminator                        |
///     |                      Your Discriminator                       |
///     |                    Desired Min TX Interval                    |
///     |                   Required Min RX Interval                    |
///     |                 Required Min Echo RX Interval                 |
public struct ControlPacket: Sendable, Hashable, BitwiseCopyable {
    /// The octets every packet has.
    public static var mandatoryByteCount: Int {
        @_noAllocation @_noLocks get { 24 }
    }

    /// Why the sender last left Up.
    public var diagnostic: Diagnostic
    /// The sender's state.
    public var state: SessionState
    /// P: the sender wants a packet with Final.
    public var poll: Bool
    /// F: the answer to a Poll.
    public var final: Bool
    /// C: the sender's BFD survives the loss of its control plane.
    public var controlPlaneIndependent: Bool
    /// A: an authentication section follows.
    public var authenticationPresent: Bool
    /// D: the sender is in Demand mode.
    public var demand: Bool
    /// Detect Mult, 1 to 255.
    public var detectMultiplier: UInt8
    /// Length: the octets of the packet with its authentication section, padding left out.
    public var length: UInt8
    /// The sender's discriminator, not zero.
    public var myDiscriminator: UInt32
    /// The receiver's discriminator, zero while the sender does not know it.
    public var yourDiscriminator: UInt32
    /// The least interval at which the sender would like to transmit.
    public var desiredMinTxInterval: Microseconds
    /// The least interval at which the sender can receive; zero asks for silence.
    public var requiredMinRxInterval: Microseconds
    /// The least interval at which the sender loops Echo packets; zero means that it does not.
    public var requiredMinEchoRxInterval: Microseconds

    /// A packet by its fields, of 24 octets.
    @_noAllocation @_noLocks
    public init(
        diagnostic: Diagnostic, state: SessionState, poll: Bool = false, final: Bool = false,
        controlPlaneIndependent: Bool = false, demand: Bool = false, detectMultiplier: UInt8,
        myDiscriminator: UInt32, yourDiscriminator: UInt32, desiredMinTxInterval: Microseconds,
        requiredMinRxInterval: Microseconds,
        requiredMinEchoRxInterval: Microseconds = Microseconds(0)
    ) {
        self.diagnostic = diagnostic
        self.state = state
        self.poll = poll
        self.final = final
        self.controlPlaneIndependent = controlPlaneIndependent
        authenticationPresent = false
        self.demand = demand
        self.detectMultiplier = detectMultiplier
        length = UInt8(truncatingIfNeeded: Self.mandatoryByteCount)
        self.myDiscriminator = myDiscriminator
        self.yourDiscriminator = yourDiscriminator
        self.desiredMinTxInterval = desiredMinTxInterval
        self.requiredMinRxInterval = requiredMinRxInterval
        self.requiredMinEchoRxInterval = requiredMinEchoRxInterval
    }
}

/// The bits of the second octet below the state.
enum ControlFlag {
    static var poll: UInt8 {
        @_noAllocation @_noLocks get { 0x20 }
    }
    static var final: UInt8 {
        @_noAllocation @_noLocks get { 0x10 }
    }
    static var controlPlaneIndependent: UInt8 {
        @_noAllocation @_noLocks get { 0x08 }
    }
    static var authenticationPresent: UInt8 {
        @_noAllocation @_noLocks get { 0x04 }
    }
    static var demand: UInt8 {
        @_noAllocation @_noLocks get { 0x02 }
    }
    static var multipoint: UInt8 {
        @_noAllocation @_noLocks get { 0x01 }
    }
}
