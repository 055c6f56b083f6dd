internal import BFDCore

/// An end that was asked for silence keeps it: only Polls and answers are sent (RFC 5880 §6.8.7).
struct DemandChecker {
    /// Looks at an observation before `model` has followed it.
    func observe(_ observation: Observation, _ model: EndModel) -> String? {
        guard case .sent(let packet) = observation.event, !model.isScripted else { return nil }
        guard model.isAskedForSilence, !packet.poll, !packet.final else { return nil }
        return packet.state == .up ? "a packet although the peer asked for silence" : nil
    }
}
