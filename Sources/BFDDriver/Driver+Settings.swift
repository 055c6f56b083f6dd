internal import BFDAuthentication
internal import BFDCore
internal import LinuxSystem

extension Driver {
    /// Marks a session's packets otherwise: the next one leaves by a new socket, from the old port.
    func setMarks(_ peer: PeerID, _ trafficClass: UInt8, _ echoSource: IPAddress?) {
        loops[peer]?.trafficClass = trafficClass
        loops[peer]?.echoSource = echoSource
        guard let handle = handles[peer] else { return }
        sockets.setMarks(handle.index, trafficClass, echoSource)
    }

    /// Has a session's packets stay unsent, or leave again.
    func setMuted(_ peer: PeerID, _ isMuted: Bool) {
        guard let handle = handles[peer] else { return }
        sockets.setMuted(handle.index, isMuted)
    }

    /// Has a session authenticate otherwise, or not at all.
    func setKeyChain(_ peer: PeerID, _ keyChain: KeyChain?, _ sequence: UInt32?) {
        loops[peer]?.keyChain = keyChain
        act(on: peer) { (handle, now) throws(EngineError) in
            try engine.setAuthentication(
                keyChain?.rules, handle, goingOnAfter: sequence, at: now)
            sockets.setKeyChain(keyChain, handle.index)
        }
    }

    /// Asks the scheduler for something else than before.
    func setRealTime(_ settings: RealTimeSettings) {
        let previous = realTime
        realTime = settings
        settings.request(insteadOf: previous, share, events)
        requestLatency(insteadOf: previous.latency)
        // The timer stands for the deadline less what is waited for awake.
        forgetDeadline()
    }

    /// Asks for processors that wake up fast; the first of several threads does.
    func requestLatency(insteadOf previous: Nanoseconds?) {
        guard share.index == 0, realTime.latency != previous else { return }
        latencyRequest = nil
        guard let latency = realTime.latency else { return }
        do throws(SystemError) {
            latencyRequest = try LatencyRequest(microseconds: Int32(latency.count / 1_000))
        } catch {
            events.post(.warning("running without \(error.operation): \(error.errno)"))
        }
    }
}

extension RealTimeSettings {
    /// What the scheduler refuses is done without, and said once.
    func request(
        insteadOf previous: RealTimeSettings, _ share: EngineShare, _ events: Mailbox<DriverEvent>
    ) {
        // What is the same for several threads is said by the first of them.
        let common = share.index == 0 ? events : nil
        if locksMemory != previous.locksMemory, share.index == 0 {
            attempt(common) { () throws(SystemError) in
                if locksMemory {
                    try Scheduling.lockMemory()
                } else {
                    try Scheduling.unlockMemory()
                }
            }
        }
        if processor != previous.processor {
            attempt(events) { () throws(SystemError) in
                if let processor {
                    try Scheduling.setAffinity(processor: processor)
                } else {
                    try Scheduling.clearAffinity()
                }
            }
        }
        if priority != previous.priority {
            attempt(common) { () throws(SystemError) in
                try Scheduling.setRealTimePriority(priority)
            }
        }
    }

    private func attempt(
        _ events: Mailbox<DriverEvent>?, _ body: () throws(SystemError) -> Void
    ) {
        do throws(SystemError) {
            try body()
        } catch {
            events?.post(.warning("running without \(error.operation): \(error.errno)"))
        }
    }
}
