internal import BFDCore
internal import EventLoop
internal import LinuxSystem

extension Driver {
    /// Has sockets of the receiver wake us, but for those that are read in ticks.
    func watch(_ places: Range<Int>) {
        for place in places {
            let listener = receiver.listeners[place]
            paces.append(listener.role == .routine ? .routine : .urgent)
            guard listener.role != .invalid else {
                readers.append(nil)
                continue
            }
            readers.append(
                DescriptorWatcher(loop, descriptor: listener.descriptor) { [unowned self] in
                    self.wake()
                    self.drainPort(of: place, before: self.latest)
                    self.serve()
                })
            if isDeaf { readers.last??.stop() }
        }
    }

    /// Begins to read what an earlier process has left: the sessions that it is for are there.
    func hear() {
        guard isDeaf else { return }
        isDeaf = false
        _ = present()
        // What came since the other process may have been more than the sockets hold.
        mayHaveOverflowed = true
        for reader in readers { reader?.start() }
    }

    /// Does all that is due: sends first, then reads what waits, and judges only what is left then.
    ///
    /// A packet that is due needs nothing that has arrived; a verdict needs all of it. Most turns
    /// send and read the expected packets; the other sockets are read when the kernel wakes us for
    /// them, or before a verdict.
    func serve() {
        guard !isStandingStill else { return }
        let isDone = engine.handleTimeout(
            at: present(), heardUntil: Instant(nanoseconds: .min))
        fetchOutputs()
        guard !isDeaf else {
            // A verdict that is due waits for `hear()`.
            return arm(at: max(nextWakeUp, latest + .milliseconds(1)))
        }
        if isDone, !mayHaveOverflowed { drainTickingPorts() } else { judge() }
        if !(latest < invalidDeadline) { countInvalid() }
        arm(at: nextWakeUp)
    }

    /// Reads everything that a verdict may depend on, and then passes those that are due.
    private func judge() {
        let judged = present()
        drainPorts(before: judged)
        forgiveOverflow(at: judged)
        _ = engine.handleTimeout(at: present(), heardUntil: judged)
        fetchOutputs()
    }

    /// After this thread stood still, full sockets have kept the oldest packets and lost the
    /// latest: what they say of silence is not to be trusted.
    private func forgiveOverflow(at judged: Instant) {
        guard mayHaveOverflowed else { return }
        mayHaveOverflowed = false
        let dropCount = receiver.dropCount
        if dropCount != lastDropCount { engine.listenAnew(from: judged) }
        lastDropCount = dropCount
    }

    /// Does what has fallen due during long work.
    func serveIfDue() {
        if !isStandingStill, !(present() < nextWakeUp) { serve() }
    }

    /// Reads everything that arrived before a moment, what is only counted included.
    func drainAll(before judged: Instant) {
        hear()
        drainPorts(before: judged)
        countInvalid()
    }

    /// Reads the ports that wake us by their ticks only.
    ///
    /// Both sockets of each, though an urgent packet wakes us by itself: what it says may belong
    /// before what the other socket has.
    private func drainTickingPorts() {
        let judged = latest
        for place in receiver.listeners.indices where receiver.listeners[place].role == .urgent {
            var isTicking = paces[place].isTicking
            if let routine = routinePlace(of: place), paces[routine].isTicking { isTicking = true }
            if isTicking { drainPort(of: place, before: judged) }
        }
    }

    /// The socket that shares a port with an urgent one; `nil` where it has none.
    private func routinePlace(of urgent: Int) -> Int? {
        let next = urgent + 1
        guard next < receiver.listeners.count, receiver.listeners[next].role == .routine else {
            return nil
        }
        return next
    }

    private func drainPorts(before judged: Instant) {
        for place in receiver.listeners.indices where receiver.listeners[place].role == .urgent {
            drainPort(of: place, before: judged)
        }
    }

    private func countInvalid() {
        let judged = latest
        for place in receiver.listeners.indices where receiver.listeners[place].role == .invalid {
            drainSocket(place, before: judged)
        }
        invalidDeadline = latest + .milliseconds(100)
    }

    /// Reads one socket.
    private func drainSocket(_ place: Int, before judged: Instant) {
        var reading = read(place)
        note(reading)
        repeat {
            while reading.taken < reading.count { take(&reading) }
        } while receiver.wantsMore(reading, before: judged) && more(&reading)
    }

    /// Reads the sockets of a port, in the order in which packets have arrived.
    private func drainPort(of place: Int, before judged: Instant) {
        let urgent = place - (receiver.listeners[place].role == .routine ? 1 : 0)
        guard let routine = routinePlace(of: urgent) else {
            return drainSocket(urgent, before: judged)
        }
        var first = read(urgent)
        note(first)
        var second = read(routine)
        note(second)
        // Packets may come faster than both sockets can be read by turns.
        var patience = 4
        while true {
            if receiver.wantsMore(first, before: judged) { _ = more(&first) }
            if receiver.wantsMore(second, before: judged) { _ = more(&second) }
            if patience > 0, receiver.isTooEarly(first, for: second) {
                patience -= 1
                _ = more(&first)
            }
            if patience > 0, receiver.isTooEarly(second, for: first) {
                patience -= 1
                _ = more(&second)
            }
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
        note(reading)
        return true
    }

    private func take(_ reading: inout Receiver.Reading) {
        let arrival = receiver.arrival(reading)
        receiver.withBytes(reading) { bytes in
            let reception = take(bytes, arrival, at: latest)
            if !taps.isEmpty { record(bytes, arrival, reception, reading) }
        }
        reading.taken += 1
    }

    func sendWhatIsDue() {
        guard !isStandingStill, let next = engine.nextDeadline, !(present() < next) else {
            return
        }
        _ = engine.handleTimeout(at: latest, heardUntil: Instant(nanoseconds: .min))
        fetchOutputs()
    }

    private func take(
        _ bytes: borrowing Span<UInt8>, _ arrival: Arrival, at now: Instant
    ) -> Reception {
        var reception =
            switch arrival.transport {
            case .unaffiliatedEcho: engine.receiveEcho(bytes, arrival, at: now)
            case .singleHop, .microBFD, .multihop: engine.receive(bytes, arrival, at: now)
            }
        if case .needsDigest(let challenge) = reception {
            let matches = matches(challenge, bytes)
            reception = engine.finish(challenge, digestMatches: matches, at: now)
        }
        switch reception {
        case .accepted(let handle): learn(arrival, handle)
        case .discarded(let reason): samples.note(bytes, arrival, reason)
        case .needsDigest: break
        }
        fetchOutputs()
        return reception
    }

    /// Before a session is Up, its peer shows by which of our addresses it knows us.
    private func learn(_ arrival: Arrival, _ handle: SessionHandle) {
        guard engine.state(of: handle) != .up else { return }
        sockets.answer(from: SocketAddress(arrival.destination), handle.index)
    }

    private func note(_ reading: Receiver.Reading) {
        let place = reading.place
        let listener = receiver.listeners[place]
        guard listener.role != .invalid else { return }
        let mayTick = listener.role == .urgent || listener.hasRoomToWait
        guard paces[place].note(reading.count, at: latest, mayTick: mayTick) else { return }
        if paces[place].isTicking { readers[place]?.stop() } else { readers[place]?.start() }
    }

    /// When there is something to do next.
    var nextWakeUp: Instant {
        var next = engine.nextDeadline ?? .distantFuture
        let isWaitedFor = latest < handshakesUntil
        for place in paces.indices where paces[place].isTicking {
            next = min(next, paces[place].nextReading(isWaitedFor: isWaitedFor))
        }
        return next
    }

    /// Remembers that the next packet of a peer may bring its session Up.
    func noteHandshake(_ change: StateChange) {
        if change.to == .initializing { handshakesUntil = change.at + .milliseconds(200) }
    }
}
