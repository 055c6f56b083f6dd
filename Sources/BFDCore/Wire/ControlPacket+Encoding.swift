extension ControlPacket {
    /// Writes the 24 octets that every packet begins with (RFC 5880 §4.1).
    ///
    /// `bytes` must have room for them.
    @_noAllocation @_noLocks
    public func encode(into bytes: inout MutableRawSpan) {
        precondition(bytes.byteCount >= Self.mandatoryByteCount)
        bytes.storeBytes(of: firstWord.bigEndian, toByteOffset: 0, as: UInt64.self)
        bytes.storeBytes(of: secondWord.bigEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: thirdWord.bigEndian, toByteOffset: 16, as: UInt64.self)
    }

    /// One of the 24 octets that every packet begins with.
    public func octet(at index: Int) -> UInt8 {
        precondition(index >= 0 && index < Self.mandatoryByteCount)
        let word = index < 8 ? firstWord : index < 16 ? secondWord : thirdWord
        return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index % 8)))
    }

    /// Version to Length, and My Discriminator.
    private var firstWord: UInt64 {
        var flags = state.bits << 6
        if poll { flags |= ControlFlag.poll }
        if final { flags |= ControlFlag.final }
        if controlPlaneIndependent { flags |= ControlFlag.controlPlaneIndependent }
        if authenticationPresent { flags |= ControlFlag.authenticationPresent }
        if demand { flags |= ControlFlag.demand }
        return UInt64(1 << 5 | diagnostic.rawValue) << 56 | UInt64(flags) << 48
            | UInt64(detectMultiplier) << 40 | UInt64(length) << 32 | UInt64(myDiscriminator)
    }

    private var secondWord: UInt64 {
        UInt64(yourDiscriminator) << 32 | UInt64(desiredMinTxInterval.count)
    }

    private var thirdWord: UInt64 {
        UInt64(requiredMinRxInterval.count) << 32 | UInt64(requiredMinEchoRxInterval.count)
    }
}
