/// Why the sender last left Up (RFC 5880 §4.1): five bits, of which 0 to 9 have a name.
///
/// An unknown code is reported as its number; it is never a reason to drop a packet.
public struct Diagnostic: RawRepresentable, Sendable, Hashable, BitwiseCopyable {
    /// The code, 0 to 31.
    public let rawValue: UInt8

    /// A code; only the low five bits count.
    @_noAllocation @_noLocks
    public init(rawValue: UInt8) {
        self.rawValue = rawValue & 0x1f
    }

    /// Whether two codes are the same.
    @_noAllocation @_noLocks
    public static func == (left: Diagnostic, right: Diagnostic) -> Bool {
        left.rawValue == right.rawValue
    }

    /// Code 0.
    public static var none: Diagnostic {
        @_noAllocation @_noLocks get { Diagnostic(rawValue: 0) }
    }
    /// Code 1.
    public static var controlDetectionTimeExpired: Diagnostic {
        @_noAllocation @_noLocks get { Diagnostic(rawValue: 1) }
    }
    /// Code 2.
    public static var echoFunctionFailed: Diagnostic {
        @_noAllocation @_noLocks get { Diagnostic(rawValue: 2) }
    }
    /// Code 3.
    public static var neighborSignaledSessionDown: Diagnostic {
        @_noAllocation @_noLocks get { Diagnostic(rawValue: 3) }
    }
    /// Code 4.
    public static var forwardingPlaneReset: Diagnostic {
        @_noAllocation @_noLocks get { Diagnostic(rawValue: 4) }
    }
    /// Code 5.
    public static var pathDown: Diagnostic {
        @_noAllocation @_noLocks get { Diagnostic(rawValue: 5) }
    }
    /// Code 6.
    public static var concatenatedPathDown: Diagnostic {
        @_noAllocation @_noLocks get { Diagnostic(rawValue: 6) }
    }
    /// Code 7.
    public static var administrativelyDown: Diagnostic {
        @_noAllocation @_noLocks get { Diagnostic(rawValue: 7) }
    }
    /// Code 8.
    public static var reverseConcatenatedPathDown: Diagnostic {
        @_noAllocation @_noLocks get { Diagnostic(rawValue: 8) }
    }
    /// Code 9 (RFC 6428): never sent, known by name when received.
    public static var misConnectivityDefect: Diagnostic {
        @_noAllocation @_noLocks get { Diagnostic(rawValue: 9) }
    }
}
