internal import BFDCore
internal import LinuxSystem

// A move to another network namespace, in two steps. First all that may fail: the namespace is
// entered and the sockets that receive are opened there, while the old ones go on. Then all that
// cannot: the new sockets take the old ones' place.
//
// What sessions are is the engine's, and stays: discriminators, sequence numbers, what an operator
// decided, and how long the peer has been silent. Only what came by an interface of the old
// namespace goes: the sessions that peers had started there.

/// The receiving sockets in a namespace that the engine thread is about to move to.
struct PendingMove: ~Copyable {
    let namespace: SharedNamespace
    var receiver: Receiver
}

extension Driver {
    /// Opens the sockets in a namespace without leaving this one; what was against it.
    func prepareMove(to namespace: SharedNamespace) -> DriverError? {
        pendingMove = nil
        let previous: SharedNamespace
        do throws(NetworkNamespaceError) {
            previous = try SharedNamespace.current()
            try namespace.enter()
        } catch {
            return .namespace(error)
        }
        var failure: DriverError?
        do throws(SystemError) {
            var opened = try Receiver.listening(share)
            for transport in receiver.transports { try opened.listen(for: transport) }
            pendingMove = PendingMove(namespace: namespace, receiver: opened)
        } catch {
            failure = .system(error)
        }
        do throws(NetworkNamespaceError) {
            try previous.enter()
        } catch {
            failure = failure ?? .namespace(error)
        }
        return failure
    }

    /// Closes what was opened for a move that does not take place.
    func abandonMove() {
        pendingMove = nil
    }

    /// Goes where `prepareMove` has been; what was against it.
    func commitMove() -> DriverError? {
        guard var move = pendingMove.take() else {
            preconditionFailure("a move is prepared before it is made")
        }
        drainAll(before: present())
        do throws(NetworkNamespaceError) {
            try move.namespace.enter()
        } catch {
            return .namespace(error)
        }
        // A watcher must not outlive its descriptor.
        readers = []
        paces = []
        move.receiver.goOn(from: receiver)
        receiver = move.receiver
        receiver.setHopLimitFloor(engine.hopLimitFloor)
        lastDropCount = receiver.dropCount
        watch(receiver.listeners.indices)
        echoes.closeAll()
        moveDoors()
        moveSessions()
        fetchOutputs()
        return nil
    }

    private func moveSessions() {
        let slots = (0..<engine.capacity).filter { sockets.peer(of: $0) != nil }
        // None may keep an index that another one is about to get.
        for slot in slots { setInterfaceIndex(0, slot) }
        fetchOutputs()
        for slot in slots {
            guard sockets.peer(of: slot) != nil else { continue }
            let interface = sockets.interface(of: slot)
            let index = interface.flatMap { NetworkInterface.index(named: $0) } ?? 0
            setInterfaceIndex(index, slot)
            sockets.reopen(slot, interfaceIndex: index)
            if let (_, session) = engine.session(inSlot: slot) {
                warnAboutEcho(session.configuration, interface)
            }
        }
    }

    private func setInterfaceIndex(_ index: UInt32, _ slot: Int) {
        guard let (handle, session) = engine.session(inSlot: slot),
            session.configuration.path.isBoundToInterface
        else { return }
        do throws(EngineError) {
            try engine.setInterfaceIndex(index, handle, at: present())
        } catch {
            events.post(.warning("session not moved: \(error)"))
        }
    }

    /// Subnets and interfaces that peers may start sessions by.
    private func moveDoors() {
        guard !doors.isEmpty else { return }
        for interface in Set(doors.compactMap { $0?.interface }) {
            setTemplateInterface(interface, NetworkInterface.index(named: interface) ?? 0)
        }
        if let subnets = try? NetworkInterface.subnets() {
            engine.setSubnets(subnets.map { InterfaceSubnet($0) })
        }
    }
}
