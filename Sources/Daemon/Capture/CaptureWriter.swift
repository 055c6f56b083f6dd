internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch

/// Makes pcapng of captured packets, in the order of time.
///
/// What is only counted is read ten times a second, so packets wait here for a while until none
/// can come any more that was before them.
struct CaptureWriter {
    /// How long packets wait.
    private static let patience: Int64 = 250_000_000

    private var file = PcapngWriter()
    /// The numbers of interfaces in the file, by their index.
    private var interfaces: [UInt32: Int] = [:]
    private var names: [UInt32: String] = [:]
    /// By which interface a peer was heard last: there our packets leave, too.
    private var lastInterfaces: [PeerID: UInt32] = [:]
    private var waiting: [TappedPacket] = []
    private var lostCount: UInt64 = 0

    init() {
        file.begin(
            operatingSystem: "Linux", application: "gatewatch \(ProductVersion.text)")
    }

    /// What can be written by now.
    mutating func octets(of capture: PacketCapture, at realtime: Int64) -> [UInt8] {
        let tapped = capture.take()
        return octets(of: tapped, at: realtime) { capture.peerName(of: $0) }
    }

    mutating func octets(
        of tapped: TappedPackets, at realtime: Int64, _ peerName: (TappedPacket) -> String?
    ) -> [UInt8] {
        names.merge(tapped.interfaceNames) { $1 }
        lostCount += tapped.lostCount
        waiting += tapped.packets
        waiting.sort { $0.realtimeNanoseconds < $1.realtimeNanoseconds }
        let end = realtime - Self.patience
        // A stamp from the future is of a clock that was set back: it waits for nothing.
        let count =
            waiting.firstIndex {
                end < $0.realtimeNanoseconds && $0.realtimeNanoseconds <= realtime
            } ?? waiting.count
        for packet in waiting[..<count] { write(packet, peerName(packet)) }
        waiting.removeFirst(count)
        defer { file.octets = [] }
        return file.octets
    }

    private mutating func write(_ packet: TappedPacket, _ peer: String?) {
        let count = min(packet.byteCount, TappedPacket.octetCapacity)
        let payload = (0..<count).map { packet.octets[$0] }
        let header = DatagramHeader(
            source: packet.source, destination: packet.destination, sourcePort: packet.sourcePort,
            destinationPort: packet.destinationPort, hopLimit: packet.hopLimit,
            trafficClass: packet.trafficClass)
        file.add(
            PcapngWriter.Packet(
                interface: interface(of: packet),
                realtimeNanoseconds: packet.realtimeNanoseconds,
                direction: packet.isOurs ? .outbound : .inbound,
                octets: header.octets(before: payload, payloadByteCount: packet.byteCount),
                byteCount: header.byteCount + packet.byteCount,
                comment: Self.comment(packet, peer), dropCount: lostCount))
        lostCount = 0
    }

    private mutating func interface(of packet: TappedPacket) -> Int {
        var index = packet.interfaceIndex
        if let peer = packet.peer {
            if index == 0 { index = lastInterfaces[peer] ?? 0 }
            if !packet.isOurs { lastInterfaces[peer] = index }
        }
        if let known = interfaces[index] { return known }
        let number = file.addInterface(
            name: index == 0 ? "any" : names[index] ?? "if\(index)",
            description: index == 0 ? "the kernel chooses, and the peer is not heard" : nil,
            snapLength: DatagramHeader.maximumByteCount + TappedPacket.octetCapacity)
        interfaces[index] = number
        return number
    }

    /// What a reader cannot see in the packet itself.
    static func comment(_ packet: TappedPacket, _ peer: String?) -> String? {
        let session = peer.map { peer in
            "session \(peer)" + (packet.state.map { " (\($0.text))" } ?? "")
        }
        switch packet.fate {
        case .accepted, .sent: return session
        case .notSent: return "not sent: the kernel refused it" + (session.map { "; \($0)" } ?? "")
        case .discarded(let reason):
            let name = "\(reason.name)"
            let meaning = DiscardName(rawValue: name)?.meaning
            return "discarded: \(name)" + (meaning.map { " (\($0))" } ?? "")
                + (session.map { "; \($0)" } ?? "")
        }
    }
}

extension TappedPacket {
    fileprivate var isOurs: Bool {
        switch fate {
        case .sent, .notSent: true
        case .accepted, .discarded: false
        }
    }
}

extension SessionState {
    fileprivate var text: String {
        switch self {
        case .adminDown: "AdminDown"
        case .down: "Down"
        case .initializing: "Init"
        case .up: "Up"
        }
    }
}
