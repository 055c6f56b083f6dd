internal import BFDAuthentication
internal import BFDCore
internal import EventLoop
internal import LinuxSystem

// A handover, in steps. The thread that gives stands still: it has sent and read all it could, and
// neither sends nor reads from then on, so what arrives waits in the sockets. The thread that takes
// stands still as well until it has all its sessions; then it goes on where the other one stopped.
// Should the other process die meanwhile, the first one goes on.

extension Driver {
    /// Stands still, and tells everything that a successor needs.
    func freeze() -> EngineHandover {
        drainAll(before: present())
        sendWhatIsDue()
        fetchOutputs()
        lastDropCount = receiver.dropCount
        isStandingStill = true
        timer.disarm()
        armed = nil
        for reader in readers { reader?.stop() }
        return handover()
    }

    /// Goes on after a handover that did not take place, or once it has.
    func thaw() {
        guard isStandingStill else { return }
        isStandingStill = false
        _ = present()
        // What came meanwhile may have been more than the sockets hold.
        mayHaveOverflowed = true
        for (place, reader) in readers.enumerated() where !paces[place].isTicking {
            reader?.start()
        }
        let waiting = deferredCommands
        deferredCommands = []
        for command in waiting { execute(command) }
        serve()
    }

    private func handover() -> EngineHandover {
        var members: [EngineHandover.Member] = []
        for slot in 0..<engine.capacity {
            guard let (handle, _) = engine.session(inSlot: slot), sockets.peer(of: slot) != nil,
                let session = engine.handover(of: handle)
            else { continue }
            members.append(
                EngineHandover.Member(
                    session: session, interface: sockets.interface(of: slot),
                    sender: sockets.sender(of: slot)))
        }
        var handover = EngineHandover(totals: engine.totals, members: members)
        handover.earlierDropCount = receiver.earlierDropCount
        handover.lastDropCount = lastDropCount
        handover.namespaceInode = NetworkNamespace.currentInode()
        handover.listeners = receiver.listeners.map { listener in
            EngineHandover.Listener(
                descriptor: listener.descriptor, transport: listener.transport,
                role: listener.role, isIPv6: listener.isIPv6,
                drainedUntil: listener.drainedUntil)
        }
        return handover
    }

    /// Goes on with the session of another process that has the path of a configured one; its
    /// discriminator, or `nil` when there is none.
    func takeOver(
        _ session: DriverSession, _ configuration: SessionConfiguration
    ) throws(EngineError) -> UInt32? {
        guard let member = inheritance.take(configuration.path, session.interface) else {
            return nil
        }
        var kept = member.session
        kept.session.move(to: configuration.path)
        let handle: SessionHandle
        do throws(EngineError) {
            handle = try engine.takeOver(kept, at: present())
        } catch {
            member.closeSender()
            throw error
        }
        fetchOutputs()
        handles[session.peer] = handle
        if configuration.path.transport == .unaffiliatedEcho { loops[session.peer] = session }
        sockets.takeOver(
            handle.index, for: session, interfaceIndex: configuration.path.interfaceIndex,
            member.sender)
        if let keyChain = session.keyChain {
            try engine.setAuthentication(keyChain.rules, handle, at: present())
            if let numbers = kept.authentication {
                engine.setAuthenticationNumbers(numbers, handle)
            }
            sockets.setKeyChain(keyChain, handle.index)
        }
        try adjust(handle, kept.session.configuration, to: configuration)
        announce(handle, session.peer)
        return kept.session.localDiscriminator
    }

    /// What the configuration says now may be something else than what it said then.
    private func adjust(
        _ handle: SessionHandle, _ before: SessionConfiguration, to now: SessionConfiguration
    ) throws(EngineError) {
        var wanted = now
        wanted.localDiscriminator = before.localDiscriminator
        wanted.startDelay = before.startDelay
        wanted.isAdministrativelyDown = before.isAdministrativelyDown
        if wanted != before { try engine.update(handle, to: wanted, at: present()) }
        if now.isAdministrativelyDown, !before.isAdministrativelyDown {
            try engine.setAdministrativelyDown(true, handle, at: present())
        }
    }

    /// Tells of a session that has a state already.
    private func announce(_ handle: SessionHandle, _ peer: PeerID) {
        guard let session = engine.session(handle), session.state != .down else { return }
        events.post(.stateChanged(peer, StateChange(takenOver: session, handle, at: latest)))
    }

    /// Goes on with the sessions that peers have started, ends those that are no longer configured,
    /// and begins to serve.
    func finishTakeOver() {
        let rest = inheritance.takeRest()
        for member in rest.guests { takeOver(guest: member) }
        for member in rest.members { end(member) }
        thaw()
    }

    private func takeOver(guest member: EngineHandover.Member) {
        var kept = member.session
        let index = member.interface.flatMap { NetworkInterface.index(named: $0) } ?? 0
        var path = kept.session.configuration.path
        path.interfaceIndex = index
        kept.session.move(to: path)
        guard index != 0, let handle = try? engine.takeOver(kept, at: present()) else {
            return member.closeSender()
        }
        fetchOutputs()
        guard let peer = sockets.peer(of: handle.index) else { return member.closeSender() }
        let session = DriverSession(
            peer: peer, configuration: kept.session.configuration, interface: member.interface)
        sockets.close(handle.index)
        sockets.takeOver(handle.index, for: session, interfaceIndex: index, member.sender)
        if let number = kept.session.templateNumber, let keyChain = keyChain(ofTemplate: number) {
            try? engine.setAuthentication(keyChain.rules, handle, at: present())
            if let numbers = kept.authentication {
                engine.setAuthenticationNumbers(numbers, handle)
            }
            sockets.setKeyChain(keyChain, handle.index)
        }
        announce(handle, peer)
    }

    /// A session that is no longer wanted tells its peer so.
    private func end(_ member: EngineHandover.Member) {
        var kept = member.session
        if let interface = member.interface {
            var path = kept.session.configuration.path
            path.interfaceIndex = NetworkInterface.index(named: interface) ?? 0
            kept.session.move(to: path)
        }
        guard let handle = try? engine.takeOver(kept, at: present()) else {
            return member.closeSender()
        }
        let session = DriverSession(
            peer: PeerID(rawValue: .min + handle.index),
            configuration: kept.session.configuration, interface: member.interface)
        sockets.takeOver(
            handle.index, for: session,
            interfaceIndex: kept.session.configuration.path.interfaceIndex, member.sender)
        try? engine.removeSession(handle, at: present())
    }
}

extension EngineHandover.Member {
    fileprivate func closeSender() {
        if let sender { _ = OwnedDescriptor(owning: sender.descriptor) }
    }
}
