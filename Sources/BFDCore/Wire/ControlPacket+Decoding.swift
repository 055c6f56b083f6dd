extension ControlPacket {
    /// Reads a packet and applies the checks that need no session, in order (RFC 5880 §6.8.6).
    ///
    /// Octets beyond Length are padding and not looked at (RFC 9764 §3).
    @_noAllocation @_noLocks
    public init(decoding bytes: borrowing Span<UInt8>) throws(DiscardReason) {
        guard bytes.count >= Self.mandatoryByteCount else { throw .truncated }
        guard bytes[0] >> 5 == 1 else { throw .unsupportedVersion }
        let flags = bytes[1]
        let hasAuthentication = flags & ControlFlag.authenticationPresent != 0
        length = bytes[3]
        guard length >= (hasAuthentication ? 26 : 24) else { throw .lengthTooSmall }
        guard Int(length) <= bytes.count else { throw .lengthExceedsPayload }
        detectMultiplier = bytes[2]
        guard detectMultiplier != 0 else { throw .detectMultiplierZero }
        guard flags & ControlFlag.multipoint == 0 else { throw .multipointSet }
        myDiscriminator = bytes.bigEndianUInt32(at: 4)
        guard myDiscriminator != 0 else { throw .myDiscriminatorZero }
        yourDiscriminator = bytes.bigEndianUInt32(at: 8)

        diagnostic = Diagnostic(rawValue: bytes[0])
        state = SessionState(bits: flags >> 6)
        poll = flags & ControlFlag.poll != 0
        final = flags & ControlFlag.final != 0
        controlPlaneIndependent = flags & ControlFlag.controlPlaneIndependent != 0
        authenticationPresent = hasAuthentication
        demand = flags & ControlFlag.demand != 0
        desiredMinTxInterval = Microseconds(bytes.bigEndianUInt32(at: 12))
        requiredMinRxInterval = Microseconds(bytes.bigEndianUInt32(at: 16))
        requiredMinEchoRxInterval = Microseconds(bytes.bigEndianUInt32(at: 20))
    }
}

extension Span where Element == UInt8 {
    /// Four octets in network order, which the caller has made sure are there.
    @_noAllocation @_noLocks
    func bigEndianUInt32(at offset: Int) -> UInt32 {
        UInt32(self[offset]) << 24 | UInt32(self[offset + 1]) << 16
            | UInt32(self[offset + 2]) << 8 | UInt32(self[offset + 3])
    }
}
