internal import BFDCore

/// Discriminators are not zero, unique on their system, and kept for the session's life
/// (RFC 5880 §6.3).
struct DiscriminatorChecker {
    private struct End {
        var isLive = false
        var node = 0
        var discriminator: UInt32 = 0
    }

    private var ends: [End]

    init(endCount: Int) {
        ends = [End](repeating: End(), count: endCount)
    }

    mutating func observe(_ observation: Observation) -> String? {
        let end = observation.end
        switch observation.event {
        case .began(let beginning):
            let drawn = beginning.localDiscriminator
            let node = beginning.node
            let isTaken = ends.indices.contains {
                $0 != end && ends[$0].isLive && ends[$0].node == node
                    && ends[$0].discriminator == drawn
            }
            ends[end] = End(isLive: true, node: node, discriminator: drawn)
            if drawn == 0 { return "a discriminator of zero" }
            return isTaken ? "a discriminator that another session has" : nil
        case .ended:
            ends[end].isLive = false
            return nil
        case .sent(let packet):
            guard ends[end].isLive else { return "a packet of a session that is gone" }
            if packet.myDiscriminator == ends[end].discriminator { return nil }
            return "a packet with another discriminator than the session's"
        case .configured, .lost, .received, .changed, .paused, .resumed, .echoSent,
            .echoReturned, .echoLost, .eased:
            return nil
        }
    }
}
