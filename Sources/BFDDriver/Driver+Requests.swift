internal import BFDCore

extension Driver {
    /// Does what a signal asks for; a refusal goes to who waits for it, or else is warned of.
    func execute(_ signal: SessionSignal, _ peer: PeerID, _ reply: ReplyBox<EngineError?>?) {
        guard let reply else {
            act(on: peer) { (handle, now) throws(EngineError) in
                try signal.apply(to: &engine, handle, at: now)
            }
            return
        }
        guard let handle = handles[peer] else { return reply.fill(.unknownSession) }
        do throws(EngineError) {
            try signal.apply(to: &engine, handle, at: present())
            reply.fill(nil)
        } catch {
            reply.fill(error)
        }
    }

    /// The last number sent by each session whose packets have one.
    func transmitSequences() -> [PeerID: UInt32] {
        var sequences: [PeerID: UInt32] = [:]
        for (peer, handle) in handles {
            sequences[peer] = engine.transmitSequence(of: handle)
        }
        return sequences
    }
}
