extension SessionConfiguration {
    /// The UDP payload of a packet: its Length, or what fills an IP packet of the configured size.
    ///
    /// RFC 9764 §3. The size is that of the IP packet, so headers of 28 or 48 octets come off.
    @_noAllocation @_noLocks
    func payloadByteCount(of packet: ControlPacket) -> Int {
        let own = Int(packet.length)
        let room = Int(pduSize) - (path.destination.isIPv6 ? 48 : 28)
        return room < own ? own : room
    }
}
