internal import BFDCore
internal import LinuxSystem

/// Where the Echo packets of a session go, and how.
struct EchoEnds {
    /// Our address: where they are addressed to.
    var own: SocketAddress
    /// Where they say they come from, if not from there: an address that is not on the link keeps
    /// the peer from sending redirects (RFC 5881 §4).
    var source: SocketAddress?
    /// Whom they are handed to on the wire.
    var peer: SocketAddress
    var interface: String?
    var trafficClass: UInt8
    /// The session's own port; `nil` for the Echo port.
    var sourcePort: UInt16?

    var header: RawDatagram.Header {
        let port = Transport.unaffiliatedEcho.destinationPort
        return RawDatagram.Header(
            source: source ?? own, destination: own, sourcePort: sourcePort ?? port,
            destinationPort: port, trafficClass: trafficClass)
    }
}

/// Sends packets from ourselves to ourselves, by way of the peer: Echo (RFC 5881 §4), and the
/// Control packets of unaffiliated Echo (RFC 9747 §2).
struct EchoSockets: ~Copyable {
    private var descriptors: [Int: Int32] = [:]
    private var datagram = RawDatagram()

    deinit {
        for descriptor in descriptors.values { _ = OwnedDescriptor(owning: descriptor) }
    }

    mutating func close(_ slot: Int) {
        guard let descriptor = descriptors.removeValue(forKey: slot) else { return }
        _ = OwnedDescriptor(owning: descriptor)
    }

    /// Closes the sockets of all sessions; they are opened anew as they are needed.
    mutating func closeAll() {
        for slot in Array(descriptors.keys) { close(slot) }
    }

    /// Sends an Echo packet; whether the kernel took it.
    mutating func send(_ transmission: EchoTransmission, _ ends: EchoEnds?) -> Bool {
        guard var ends else { return false }
        ends.sourcePort = nil
        datagram.fill(ends.header, payloadByteCount: EchoPayload.byteCount) { bytes in
            transmission.payload.encode(into: &bytes, at: 0)
        }
        return send(transmission.session.index, ends) == nil
    }

    /// Sends a Control packet that is to come back, and what stands behind it; the refusal.
    mutating func send(
        _ transmission: Transmission, section: [UInt8], _ ends: EchoEnds
    ) -> SystemError? {
        let byteCount = transmission.payloadByteCount
        datagram.fill(ends.header, payloadByteCount: byteCount) { bytes in
            transmission.packet.encode(into: &bytes)
            var end = ControlPacket.mandatoryByteCount
            for octet in section where end < byteCount {
                bytes.storeBytes(of: octet, toByteOffset: end, as: UInt8.self)
                end += 1
            }
        }
        return send(transmission.session.index, ends)
    }

    private mutating func send(_ slot: Int, _ ends: EchoEnds) -> SystemError? {
        do throws(SystemError) {
            let refusal = datagram.send(from: try descriptor(for: slot, ends), to: ends.peer)
            guard let refusal else { return nil }
            // The interface may have come back with another index.
            close(slot)
            return SystemError(operation: "send", errno: refusal)
        } catch {
            return error
        }
    }

    private mutating func descriptor(
        for slot: Int, _ ends: EchoEnds
    ) throws(SystemError) -> Int32 {
        if let descriptor = descriptors[slot] { return descriptor }
        let descriptor = try RawSocket.open(
            isIPv6: ends.own.isIPv6, interface: ends.interface
        ).take()
        descriptors[slot] = descriptor
        return descriptor
    }
}

extension EchoSecret {
    /// A secret as random as the system can make it.
    static func drawn() -> EchoSecret {
        var random = SystemRandomNumberGenerator()
        return EchoSecret(random.next(), random.next(), random.next(), random.next())
    }
}
