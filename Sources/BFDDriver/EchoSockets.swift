internal import BFDCore
internal import LinuxSystem

/// Where the Echo packets of a session go, and how.
struct EchoEnds {
    /// Our address: where they come from, and where they are addressed to.
    var own: SocketAddress
    /// Whom they are handed to on the wire.
    var peer: SocketAddress
    var interface: String?
    var trafficClass: UInt8
}

/// Sends Echo packets: from ourselves to ourselves, by way of the peer (RFC 5881 §4). IPv4 only.
struct EchoSockets: ~Copyable {
    private static let headerByteCount = 28

    private var descriptors: [Int: Int32] = [:]
    private var buffer = TransmitBuffer()

    deinit {
        for descriptor in descriptors.values { _ = OwnedDescriptor(owning: descriptor) }
    }

    mutating func close(_ slot: Int) {
        guard let descriptor = descriptors.removeValue(forKey: slot) else { return }
        _ = OwnedDescriptor(owning: descriptor)
    }

    /// Sends a packet; whether the kernel took it.
    mutating func send(_ transmission: EchoTransmission, _ ends: EchoEnds?) -> Bool {
        guard let ends, !ends.own.isIPv6,
            let descriptor = descriptor(for: transmission.session.index, ends)
        else { return false }
        let byteCount = Self.headerByteCount + EchoPayload.byteCount
        buffer.fill(byteCount) { bytes in
            Self.writeHeader(ends, byteCount, &bytes)
            transmission.payload.encode(into: &bytes, at: Self.headerByteCount)
        }
        let refusal = DatagramSocket.send(
            buffer, byteCount: byteCount, from: descriptor, to: ends.peer, port: 0,
            interfaceIndex: 0)
        // The interface may have come back with another index.
        if refusal != nil { close(transmission.session.index) }
        return refusal == nil
    }

    private mutating func descriptor(for slot: Int, _ ends: EchoEnds) -> Int32? {
        if let descriptor = descriptors[slot] { return descriptor }
        do throws(SystemError) {
            let descriptor = try RawSocket.open(interface: ends.interface).take()
            descriptors[slot] = descriptor
            return descriptor
        } catch {
            return nil
        }
    }

    /// IPv4 and UDP headers; the kernel fills in the checksum of the former, the latter has none.
    private static func writeHeader(
        _ ends: EchoEnds, _ byteCount: Int, _ bytes: inout MutableRawSpan
    ) {
        let port = UInt64(Transport.unaffiliatedEcho.destinationPort)
        let address = ends.own.high >> 32
        let words: (UInt64, UInt64, UInt64) = (
            0x45 << 56 | UInt64(ends.trafficClass) << 48 | UInt64(byteCount) << 32 | 0x4000,
            255 << 56 | 17 << 48 | address, address << 32 | port << 16 | port
        )
        bytes.storeBytes(of: words.0.bigEndian, toByteOffset: 0, as: UInt64.self)
        bytes.storeBytes(of: words.1.bigEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: words.2.bigEndian, toByteOffset: 16, as: UInt64.self)
        let length = UInt32(byteCount - 20) << 16
        bytes.storeBytes(of: length.bigEndian, toByteOffset: 24, as: UInt32.self)
    }
}

extension EchoSecret {
    /// A secret as random as the system can make it.
    static func drawn() -> EchoSecret {
        var random = SystemRandomNumberGenerator()
        return EchoSecret(random.next(), random.next(), random.next(), random.next())
    }
}

extension Driver {
    /// Warns of settings under which the kernel drops Echo packets (RFC 5881 §2).
    func warnAboutEcho(_ configuration: SessionConfiguration, _ interface: String?) {
        let sends = configuration.desiredMinEchoTxInterval.count > 0
        let loops = configuration.requiredMinEchoRxInterval.count > 0
        guard sends || loops else { return }
        for problem in EchoSettings.read(interface).problems(sending: sends, looping: loops) {
            events.post(.warning(problem))
        }
        if sends && configuration.path.destination.isIPv6 {
            events.post(.warning("Echo packets are sent over IPv4 only"))
        }
    }
}

/// What the kernel does with packets from and to one of its own addresses.
struct EchoSettings {
    var interface: String
    /// Whether packets from our own address are taken from the wire.
    var acceptsLocal: Bool
    /// 1: the source must be reached by the interface; 2: by any.
    var sourceFilter: Int
    var forwards: Bool
    var sendsRedirects: Bool

    static func read(_ interface: String?) -> EchoSettings {
        let name = interface ?? "all"
        func value(_ setting: String, of interface: String) -> Int {
            KernelSetting.value(of: "net/ipv4/conf/\(interface)/\(setting)") ?? 0
        }
        func either(_ setting: String) -> Int {
            max(value(setting, of: "all"), value(setting, of: name))
        }
        return EchoSettings(
            interface: name, acceptsLocal: either("accept_local") > 0,
            sourceFilter: either("rp_filter"), forwards: value("forwarding", of: name) > 0,
            sendsRedirects: either("send_redirects") > 0)
    }

    /// What is in the way, each with what to set.
    func problems(sending: Bool, looping: Bool) -> [String] {
        let prefix = "net.ipv4.conf.\(interface)"
        var problems: [String] = []
        if sending && !acceptsLocal {
            problems.append(
                "our own Echo packets are dropped when they come back: set \(prefix).accept_local=1"
            )
        }
        if sending && sourceFilter == 1 {
            problems.append(
                "source filtering may drop our own Echo packets: set \(prefix).rp_filter=0")
        }
        if looping && !forwards {
            problems.append(
                "the peer's Echo packets are not sent back: set \(prefix).forwarding=1")
        }
        if looping && sendsRedirects {
            problems.append(
                "the peer's Echo packets provoke redirects: set \(prefix).send_redirects=0")
        }
        return problems
    }
}
