extension ControlPacket {
    /// Writes the 24 octets of a packet without authentication (RFC 5880 §4.1).
    ///
    /// `bytes` must have room for them.
    @_noAllocation @_noLocks
    public func encode(into bytes: inout MutableRawSpan) {
        precondition(bytes.byteCount >= Self.mandatoryByteCount)
        var flags = state.bits << 6
        if poll { flags |= ControlFlag.poll }
        if final { flags |= ControlFlag.final }
        if controlPlaneIndependent { flags |= ControlFlag.controlPlaneIndependent }
        if authenticationPresent { flags |= ControlFlag.authenticationPresent }
        if demand { flags |= ControlFlag.demand }
        bytes.storeBytes(of: 1 << 5 | diagnostic.rawValue, toByteOffset: 0, as: UInt8.self)
        bytes.storeBytes(of: flags, toByteOffset: 1, as: UInt8.self)
        bytes.storeBytes(of: detectMultiplier, toByteOffset: 2, as: UInt8.self)
        bytes.storeBytes(of: length, toByteOffset: 3, as: UInt8.self)
        bytes.storeBytes(of: myDiscriminator.bigEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: yourDiscriminator.bigEndian, toByteOffset: 8, as: UInt32.self)
        bytes.storeBytes(
            of: desiredMinTxInterval.count.bigEndian, toByteOffset: 12, as: UInt32.self)
        bytes.storeBytes(
            of: requiredMinRxInterval.count.bigEndian, toByteOffset: 16, as: UInt32.self)
        bytes.storeBytes(
            of: requiredMinEchoRxInterval.count.bigEndian, toByteOffset: 20, as: UInt32.self)
    }
}
