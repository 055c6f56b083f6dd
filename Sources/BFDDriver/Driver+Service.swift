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
                    self.drainPort(of: place, before: self.present())
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
        if routinePace.isTicking || urgentPace.isTicking { drainPorts(before: latest) }
        if !(latest < invalidDeadline) { countInvalid() }
        if !isDone {
            let judged = present()
            drainAll(before: judged)
            _ = engine.handleTimeout(at: present(), heardUntil: judged)
            fetchOutputs()
        }
        arm(at: nextWakeUp)
    }

    /// Does what has fallen due during long work.
    func serveIfDue() {
        if !(present() < nextWakeUp) { serve() }
    }

    /// Reads everything that arrived before a moment, what is only counted included.
    func drainAll(before judged: Instant) {
        drainPorts(before: judged)
        countInvalid()
    }

    private func drainPorts(before judged: Instant) {
        for place in receiver.listeners.indices where receiver.listeners[place].role == .urgent {
            drainPort(of: place, before: judged)
        }
    }

    private func countInvalid() {
        for place in receiver.listeners.indices where receiver.listeners[place].role == .invalid {
            var reading = read(place)
            repeat {
                while reading.taken < reading.count { take(&reading) }
            } while receiver.wantsMore(reading, before: latest) && more(&reading)
        }
        invalidDeadline = latest + .milliseconds(100)
    }

    /// Reads the sockets of a port, in the order in which packets have arrived.
    private func drainPort(of place: Int, before judged: Instant) {
        let urgent = place - (receiver.listeners[place].role == .routine ? 1 : 0)
        var first = read(urgent)
        note(first.count, receiver.listeners[urgent])
        let hasRoutine =
            urgent + 1 < receiver.listeners.count
            && receiver.listeners[urgent + 1].role == .routine
        guard hasRoutine else {
            repeat {
                while first.taken < first.count { take(&first) }
            } while receiver.wantsMore(first, before: judged) && more(&first)
            return
        }
        var second = read(urgent + 1)
        note(second.count, receiver.listeners[urgent + 1])
        while true {
            if receiver.wantsMore(first, before: judged) { _ = more(&first) }
            if receiver.wantsMore(second, before: judged) { _ = more(&second) }
            if receiver.isAhead(first, of: second) {
                take(&first)
            } else if second.taken < second.count {
                take(&second)
            } else {
                return
            }
        }
    }

    private func read(_ place: Int) -> Receiver.Reading {
        let reading = receiver.read(place)
        // The moment before the reading, unless the engine has been told a later one.
        if latest < reading.moment { latest = reading.moment }
        return reading
    }

    /// Goes on reading; a long reading delays no packet of ours.
    private func more(_ reading: inout Receiver.Reading) -> Bool {
        sendWhatIsDue()
        reading = read(reading.place)
        note(reading.count, receiver.listeners[reading.place])
        return true
    }

    private func take(_ reading: inout Receiver.Reading) {
        let arrival = receiver.arrival(reading)
        receiver.withBytes(reading) { bytes in take(bytes, arrival, at: latest) }
        reading.taken += 1
    }

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
        case .invalid: break
        }
    }

    private func setWaking(_ isWaking: Bool, _ role: SharedPort.Role) {
        for place in readers.indices where receiver.listeners[place].role == role {
            if isWaking { readers[place]?.start() } else { readers[place]?.stop() }
        }
    }

    /// When there is something to do next.
    var nextWakeUp: Instant {
        var next = engine.nextDeadline ?? .distantFuture
        if routinePace.isTicking {
            next = min(next, routinePace.nextReading(isWaitedFor: latest < handshakesUntil))
        }
        if urgentPace.isTicking { next = min(next, urgentPace.nextReading(isWaitedFor: false)) }
        return next
    }

    /// Remembers that the next packet of a peer may bring its session Up.
    func noteHandshake(_ change: StateChange) {
        if change.to == .initializing { handshakesUntil = change.at + .milliseconds(200) }
    }
}
