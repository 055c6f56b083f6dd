internal import BFDCore

/// Never Up without a three-way handshake (RFC 5880 §6.2).
///
/// An end goes Up on a packet that says Init, or Up once it is in Init itself, that carries its own
/// discriminator, and that the peer sent after having heard that very discriminator.
struct HandshakeChecker {
    private struct End {
        var localDiscriminator: UInt32 = 0
        var isScripted = false
        var last: Receipt?
        /// The peer's discriminator as it last arrived, and since when.
        var heard: UInt32 = 0
        var heardSince = Instant(nanoseconds: .min)
        /// A damaged packet has counted: what was heard is not what was said.
        var isMisled = false
    }

    private var ends: [End]

    init(endCount: Int) {
        ends = [End](repeating: End(), count: endCount)
    }

    mutating func observe(_ observation: Observation) -> String? {
        let end = observation.end
        switch observation.event {
        case .began(let beginning):
            ends[end].localDiscriminator = beginning.localDiscriminator
            ends[end].isScripted = beginning.isScripted
            ends[end].last = nil
            ends[end].isMisled = false
        case .received(let receipt):
            guard receipt.isAccepted else { return nil }
            ends[end].last = receipt
            if receipt.isForged { ends[end].isMisled = true }
            let heard = receipt.packet.myDiscriminator
            if ends[end].heard != heard {
                ends[end].heard = heard
                ends[end].heardSince = observation.at
            }
        case .changed(let old, .up, _):
            guard !ends[end].isScripted else { return nil }
            return complaint(end, from: old)
        case .changed, .ended, .configured, .sent, .lost, .paused, .resumed, .echoSent,
            .echoReturned, .echoLost, .eased:
            break
        }
        return nil
    }

    private func complaint(_ end: Int, from old: SessionState) -> String? {
        guard let last = ends[end].last else { return "Up, but nothing was heard" }
        let said = last.packet.state
        switch old {
        case .down: guard said == .initializing else { return "Down to Up on \(said)" }
        case .initializing:
            guard said == .initializing || said == .up else { return "Init to Up on \(said)" }
        case .up, .adminDown: return "\(old) to Up"
        }
        if last.packet.yourDiscriminator != ends[end].localDiscriminator {
            return "Up on a packet for another discriminator"
        }
        let peer = ends[end ^ 1]
        if last.isForged || peer.isMisled { return nil }
        if peer.heard != ends[end].localDiscriminator || last.sentAt < peer.heardSince {
            return "Up on a packet of a peer that had not heard us"
        }
        return nil
    }
}
