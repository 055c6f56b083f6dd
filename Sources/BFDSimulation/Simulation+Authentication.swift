internal import BFDCore

extension Simulation {
    /// What both ends of a link know of a key.
    static func secret(ofKey id: UInt8, _ end: Int) -> UInt64 {
        UInt64(end / 2 + 1) &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(id) &* 0xd6e8_feb8_6659_fd93
    }

    /// The present key and the two next to it, of which the present one is sent.
    func rules(of end: Int) -> SessionAuthentication? {
        guard let type = ends[end].authentication else { return nil }
        let generation = ends[end].keyGeneration
        let keys = [generation - 1, generation, generation + 1].map { number in
            let never = Instant(nanoseconds: .min)
            return AuthenticationKey(
                id: UInt8(truncatingIfNeeded: number), secretByteCount: 16,
                sentUntil: number == generation ? .distantFuture : never)
        }
        return SessionAuthentication(type: type, keys: keys)
    }

    /// An operator has an end send with another key.
    func setKey(_ generation: Int, _ end: Int) {
        ends[end].keyGeneration = generation
        guard let node = nodes[ends[end].node], node.isRunning, let handle = ends[end].handle,
            let rules = rules(of: end)
        else { return }
        do throws(EngineError) {
            try node.engine.setAuthentication(rules, handle, at: now)
        } catch {
            checkers.report(.authentication, at: now, end, "a key was refused: \(error)")
        }
    }

    /// Damaged packets are refused; honest ones are refused for their number only.
    func checkAuthentication(_ reception: Reception, _ flight: Flight) {
        guard ends[flight.end].authentication != nil else { return }
        switch reception {
        case .accepted, .discarded(.localAdminDown):
            // A password says nothing about the rest of a packet.
            let isPassword = ends[flight.end].authentication == .simplePassword
            guard flight.isForged && !isPassword else { return }
            checkers.report(.authentication, at: now, flight.end, "a damaged packet was accepted")
        case .discarded(let reason):
            guard !flight.isForged, isAboutKeys(reason) else { return }
            checkers.report(
                .authentication, at: now, flight.end, "an honest packet was refused: \(reason)")
        case .needsDigest:
            checkers.report(.authentication, at: now, flight.end, "a digest was asked for twice")
        }
    }

    private func isAboutKeys(_ reason: DiscardReason) -> Bool {
        switch reason {
        case .authenticationUnexpected, .authenticationMissing, .authenticationTypeMismatch,
            .authenticationKeyUnknown, .authenticationLengthBad, .authenticationMismatch:
            true
        default: false
        }
    }
}
