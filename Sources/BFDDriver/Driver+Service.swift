internal import BFDCore
internal import EventLoop
internal import LinuxSystem

extension Driver {
    /// Has sockets of the receiver wake us, but for those that are read in ticks.
    func watch(_ places: Range<Int>) {
        for place in places {
            let listener = receiver.listeners[place]
            guard listener.role != .invalid else {
                readers.append(nil)
                continue
            }
            readers.append(
                DescriptorWatcher(loop, descriptor: listener.descriptor) { [unowned self] in
                    self.drain(place, before: self.present())
                    self.serve()
                })
        }
    }

    /// Does all that is due: sends first, then reads what waits, and judges only what is left then.
    ///
    /// A packet that is due needs nothing that has arrived; a verdict needs all of it. Most turns
    /// send and read the expected packets; the other sockets are read when the kernel wakes us for
    /// them, or before a verdict.
    func serve() {
        let isDone = engine.handleTimeout(
            at: present(), heardUntil: Instant(nanoseconds: .min))
        fetchOutputs()
        if routinePace.isTicking { drain(.routine) }
        if urgentPace.isTicking { drain(.urgent) }
        if !(latest < invalidDeadline) { drain(.invalid) }
        if !isDone {
            let judged = present()
            drainAll(before: judged)
            _ = engine.handleTimeout(at: present(), heardUntil: judged)
            fetchOutputs()
        }
        arm(at: nextWakeUp)
    }

    /// Reads everything that arrived before a moment.
    func drainAll(before judged: Instant) {
        for place in receiver.listeners.indices { drain(place, before: judged) }
    }

    private func drain(_ role: SharedPort.Role) {
        let judged = latest
        for place in receiver.listeners.indices where receiver.listeners[place].role == role {
            drain(place, before: judged)
        }
    }

    private func drain(_ place: Int, before judged: Instant) {
        var total = 0
        while true {
            let reading = receiver.read(place)
            // The moment before the reading, unless the engine has been told a later one.
            let now = reading.moment < latest ? latest : reading.moment
            latest = now
            total += reading.count
            for index in 0..<reading.count {
                let arrival = receiver.arrival(index, reading)
                receiver.withBytes(index) { bytes in take(bytes, arrival, at: now) }
            }
            if receiver.isComplete(reading, before: judged) { break }
            sendWhatIsDue()
        }
        note(total, receiver.listeners[place])
    }

    /// A long reading delays no packet of ours.
    private func sendWhatIsDue() {
        guard let next = engine.nextDeadline, !(present() < next) else { return }
        _ = engine.handleTimeout(at: latest, heardUntil: Instant(nanoseconds: .min))
        fetchOutputs()
    }

    private func take(_ bytes: borrowing Span<UInt8>, _ arrival: Arrival, at now: Instant) {
        var reception =
            switch arrival.transport {
            case .unaffiliatedEcho: engine.receiveEcho(bytes, arrival, at: now)
            case .singleHop, .microBFD, .multihop: engine.receive(bytes, arrival, at: now)
            }
        if case .needsDigest(let challenge) = reception {
            let matches = matches(challenge, bytes)
            reception = engine.finish(challenge, digestMatches: matches, at: now)
        }
        if case .accepted(let handle) = reception { learn(arrival, handle) }
        fetchOutputs()
    }

    /// Before a session is Up, its peer shows by which of our addresses it knows us.
    private func learn(_ arrival: Arrival, _ handle: SessionHandle) {
        guard engine.state(of: handle) != .up else { return }
        sockets.answer(from: SocketAddress(arrival.destination), handle.index)
    }

    private func note(_ packets: Int, _ listener: Receiver.Listener) {
        switch listener.role {
        case .routine:
            if routinePace.note(packets, at: latest, mayTick: listener.hasRoomToWait) {
                setWaking(!routinePace.isTicking, .routine)
            }
        case .urgent:
            if urgentPace.note(packets, at: latest, mayTick: true) {
                setWaking(!urgentPace.isTicking, .urgent)
            }
        case .invalid: invalidDeadline = latest + .milliseconds(100)
        }
    }

    private func setWaking(_ isWaking: Bool, _ role: SharedPort.Role) {
        for place in readers.indices where receiver.listeners[place].role == role {
            if isWaking { readers[place]?.start() } else { readers[place]?.stop() }
        }
    }

    /// When there is something to do next.
    private var nextWakeUp: Instant {
        var next = engine.nextDeadline ?? .distantFuture
        if routinePace.isTicking {
            next = min(next, routinePace.nextReading(isWaitedFor: latest < handshakesUntil))
        }
        if urgentPace.isTicking { next = min(next, urgentPace.nextReading(isWaitedFor: false)) }
        return next
    }

    /// Remembers that the next packet of a peer may bring its session Up.
    func noteHandshake(_ change: StateChange) {
        if change.to == .initializing { handshakesUntil = change.at + .seconds(3) }
    }
}
