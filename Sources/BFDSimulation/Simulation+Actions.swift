internal import BFDCore
internal import RouteCore

extension Simulation {
    /// Does what comes from outside; what cannot be done now is left alone.
    func perform(_ action: Action) {
        switch action {
        case .conditions(let end, let conditions): network.set(conditions, from: end)
        case .heal: for end in ends.indices { network.set(LinkConditions(), from: end) }
        case .stop(let node, let span): stop(node, span)
        case .kill(let node): kill(node)
        case .start(let node, let keeps): start(node, keeps)
        case .configure(let end, let settings): configure(end, settings)
        case .key(let end, let generation): setKey(generation, end)
        case .verify(let end): verify(end)
        case .disable(let end): setDisabled(true, end)
        case .enable(let end): setDisabled(false, end)
        case .interface(let end, let index): setInterface(index, end)
        case .remove(let end): remove(end)
        case .add(let end, let keeps): add(end, keeps)
        case .rest: checkRest()
        }
    }

    private func stop(_ index: Int, _ span: Nanoseconds) {
        guard let node = nodes[index], node.isActing else { return }
        node.stop(until: now + span)
        for end in node.ends { observe(end, .paused) }
    }

    private func kill(_ index: Int) {
        if let node = nodes[index] {
            guard node.isRunning else { return }
            node.kill()
            for end in node.ends where ends[end].handle != nil {
                ends[end].handle = nil
                observe(end, .ended)
            }
            return
        }
        for end in scripted(at: index) where ends[end].isPresent {
            ends[end].isPresent = false
            observe(end, .ended)
        }
    }

    private func start(_ index: Int, _ keepsDiscriminators: Bool) {
        guard let node = nodes[index] else {
            for end in scripted(at: index) where !ends[end].isPresent { startScript(end) }
            return
        }
        guard !node.isRunning else { return }
        node.start(at: now)
        addTemplates(node)
        report(node, node.routes.restart())
        for end in node.ends where !ends[end].isRemoved && isConfigured(end) {
            makeSession(end, node, keepsDiscriminators)
        }
        fetch(from: node)
        node.arm(at: now)
    }

    private func startScript(_ end: Int) {
        guard let script = ends[end].script else { return }
        ends[end].isPresent = true
        script.start(ends[end].settings, at: now)
        if ends[end].isDisabled { script.setDisabled(true, at: now) }
        beginScript(end, script)
    }

    private func beginScript(_ end: Int, _ script: any ScriptedPeer) {
        observe(
            end,
            .began(
                Beginning(
                    settings: ends[end].settings, localDiscriminator: script.localDiscriminator,
                    state: script.state, node: ends[end].node, isScripted: true)))
    }

    private func makeSession(_ end: Int, _ node: EngineNode, _ keepsDiscriminator: Bool) {
        var configuration = self.configuration(of: end)
        configuration.isAdministrativelyDown = ends[end].isDisabled
        configuration.localDiscriminator = keepsDiscriminator ? ends[end].discriminator : 0
        if ends[end].handle != nil { observe(end, .ended) }
        forgetEasing(end)
        do throws(EngineError) {
            let handle = try node.engine.addSession(configuration, at: now)
            guard let session = node.engine.session(handle) else { return }
            // A predecessor on the same path is told to be gone before its slot is used again.
            ends[end].handle = nil
            fetch(from: node)
            if let rules = rules(of: end) {
                try node.engine.setAuthentication(rules, handle, at: now)
            }
            ends[end].handle = handle
            ends[end].discriminator = session.localDiscriminator
            node.endOfSlot[handle.index] = end
            observe(
                end,
                .began(
                    Beginning(
                        settings: ends[end].settings,
                        localDiscriminator: session.localDiscriminator, state: session.state,
                        node: node.index, tick: node.latency)))
            report(node, node.routes.begin(ends[end].place))
        } catch {
            checkers.report(.agreement, at: now, end, "adding a session failed: \(error)")
        }
    }

    private func configure(_ end: Int, _ settings: SessionSettings) {
        ends[end].settings = settings
        if let script = ends[end].script {
            script.configure(settings, at: now)
            if ends[end].isPresent { observe(end, .configured(settings)) }
            return
        }
        let configuration = self.configuration(of: end)
        act(on: end) { (engine, handle, now) throws(EngineError) in
            try engine.update(handle, to: configuration, at: now)
        }
    }

    private func setDisabled(_ isDisabled: Bool, _ end: Int) {
        guard ends[end].isDisabled != isDisabled else { return }
        ends[end].isDisabled = isDisabled
        if let script = ends[end].script {
            let old = script.state
            script.setDisabled(isDisabled, at: now)
            let cause: StateChangeCause =
                isDisabled ? .administrativelyDisabled : .administrativelyEnabled
            if ends[end].isPresent { observe(end, .changed(from: old, to: script.state, cause)) }
            return
        }
        act(on: end) { (engine, handle, now) throws(EngineError) in
            try engine.setAdministrativelyDown(isDisabled, handle, at: now)
        }
    }

    private func setInterface(_ index: UInt32, _ end: Int) {
        guard ends[end].isBound else { return }
        ends[end].interfaceIndex = index
        act(on: end) { (engine, handle, now) throws(EngineError) in
            try engine.setInterfaceIndex(index, handle, at: now)
        }
    }

    private func remove(_ end: Int) {
        guard !ends[end].isRemoved else { return }
        ends[end].isRemoved = true
        if ends[end].script != nil {
            guard ends[end].isPresent else { return }
            ends[end].isPresent = false
            observe(end, .ended)
            return
        }
        act(on: end) { (engine, handle, now) throws(EngineError) in
            try engine.removeSession(handle, at: now)
        }
    }

    private func add(_ end: Int, _ keepsDiscriminator: Bool) {
        guard ends[end].isRemoved else { return }
        ends[end].isRemoved = false
        if let script = ends[end].script {
            if !keepsDiscriminator { script.renew(script.localDiscriminator &+ 1, at: now) }
            startScript(end)
            return
        }
        guard let node = nodes[ends[end].node], node.isRunning, isConfigured(end) else { return }
        makeSession(end, node, keepsDiscriminator)
        fetch(from: node)
        node.arm(at: now)
    }

    /// Has an operator act on the session of an end, if it has one.
    func act(
        on end: Int, _ body: (inout Engine, SessionHandle, Instant) throws(EngineError) -> Void
    ) {
        guard let node = nodes[ends[end].node], node.isRunning, let handle = ends[end].handle else {
            return
        }
        let isRemoved = ends[end].isRemoved
        do throws(EngineError) {
            try body(&node.engine, handle, now)
        } catch {
            if !isRemoved { checkers.report(.agreement, at: now, end, "refused: \(error)") }
        }
        if !isRemoved { observe(end, .configured(ends[end].settings)) }
        fetch(from: node)
        node.arm(at: now)
    }

    private func configuration(of end: Int) -> SessionConfiguration {
        let settings = ends[end].settings
        let isBound = ends[end].isBound
        var configuration = SessionConfiguration(
            path: Path(
                destination: ends[end].peerAddress,
                source: ends[end].kind == .loop ? ends[end].address : nil,
                isBoundToInterface: isBound,
                interfaceIndex: isBound ? ends[end].interfaceIndex : 0,
                transport: transport(of: end)),
            role: settings.role, desiredMinTxInterval: settings.desiredMinTxInterval,
            requiredMinRxInterval: settings.requiredMinRxInterval,
            detectMultiplier: settings.detectMultiplier)
        configuration.demandMode = settings.demandMode
        configuration.minimumTTL = ends[end].minimumTTL
        configuration.desiredMinEchoTxInterval = settings.echoTransmitInterval
        configuration.requiredMinEchoRxInterval = settings.echoReceiveInterval
        configuration.adaptsToCongestion = settings.adaptsToCongestion
        configuration.acceptsStaleDiscriminator = ends[end].acceptsStaleDiscriminator
        return configuration
    }

    private func scripted(at node: Int) -> [Int] {
        ends.indices.filter { ends[$0].node == node }
    }
}
