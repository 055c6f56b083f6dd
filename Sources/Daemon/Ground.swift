internal import BFDCore
internal import BFDDriver
internal import EventLoop
internal import LinuxSystem
internal import Logging
internal import NodeCore
internal import RouteCore

/// What the daemon stands on before it has sessions.
struct Ground {
    let keyChains: KeyChains
    /// What this process may still do: whatever is started from here on may do no more.
    let privileges: Privileges
    let supervision: Supervision
    /// What the service manager has kept for this process.
    let passed: [PassedSocket]
    /// Whether another process has just left, and perhaps has sockets yet.
    let hasOtherLeft: Bool
    let loop: EventLoop
    /// The daemon whose sessions are taken over; nil begins anew.
    let predecessor: Predecessor?
    let service: HTTPService
    let server: ControlServer
    /// What the predecessor has passed.
    let handover: EngineHandover?

    init(
        _ configuration: DaemonConfiguration, _ logger: Logger, _ predecessor: Predecessor?,
        _ passed: [PassedSocket], hasOtherLeft: Bool
    ) throws(DaemonError) {
        self.predecessor = predecessor
        self.passed = passed
        self.hasOtherLeft = hasOtherLeft
        supervision = Supervision(predecessor?.notifier ?? ServiceNotifier())
        try Daemon.allowDescriptors(for: configuration)
        keyChains = try KeyChains.read(configuration)
        privileges = try Privileges.reduced(for: configuration)
        do throws(SystemError) {
            loop = try EventLoop()
        } catch {
            throw DaemonError(error)
        }
        if let predecessor {
            let handover = try predecessor.takeState()
            try handover.checkNamespace(configuration)
            guard let descriptor = predecessor.controlDescriptor else {
                preconditionFailure("the control socket comes with the state")
            }
            self.handover = handover
            service = HTTPService(logger)
            // The predecessor has the metrics port until it ends.
            server = try ControlServer(
                descriptor, path: configuration.controlSocket, loop, service, logger)
            return
        }
        handover = nil
        service = HTTPService(logger)
        // Before routes are touched: a second daemon by mistake ends here.
        try StateDirectory.checkUnused(configuration.stateDirectory)
        server = try ControlServer(path: configuration.controlSocket, loop, service, logger)
        guard let metrics = configuration.metrics else { return }
        do throws(DaemonError) {
            try MetricsServer.start(metrics, server.questions, service, logger)
        } catch {
            server.close()
            throw error
        }
    }

    /// Waits until the namespace can be entered.
    func enter(
        _ configuration: DaemonConfiguration, _ logger: Logger
    ) throws(DaemonError) -> NamespaceEntrance.Outcome {
        // Who takes over knows that it can be entered, and has no time.
        guard handover == nil, let care = configuration.namespaceCare else { return .open(nil) }
        supervision.expect(startWithin: configuration.namespaceTimeout)
        let entrance = NamespaceEntrance(
            care, timeout: configuration.namespaceTimeout.count, loop, logger)
        return try entrance.wait(server)
    }
}

extension EngineHandover {
    /// Sockets are of the namespace they were made in.
    fileprivate func checkNamespace(_ configuration: DaemonConfiguration) throws(DaemonError) {
        let path = configuration.namespace.map { NetworkNamespace.path(named: $0) }
        let inode: UInt64
        do throws(NetworkNamespaceError) {
            if let path {
                inode = try SharedNamespace(path: path).inode
            } else {
                inode = try SharedNamespace.current().inode
            }
        } catch {
            throw DaemonError(error)
        }
        guard inode == namespaceInode else {
            throw DaemonError(
                code: "handover",
                "the daemon that runs is in another network namespace, net:[\(namespaceInode)]",
                nextStep: "Restart it, or leave the namespace of the configuration as it was.")
        }
    }
}

extension DaemonConfiguration {
    /// The namespace, known by the interface that all peers are on if they name the same one.
    var namespaceCare: NamespaceCare? {
        guard let namespace else { return nil }
        let interfaces = Set(peers.map(\.interface))
        var care = NamespaceCare(
            namespace, interface: interfaces.count == 1 ? interfaces.first ?? nil : nil)
        care.expectation.addresses = Set(peers.compactMap(\.sourceAddress)).sorted().map { "\($0)" }
        care.expectation.needsAddress = peers.contains { !$0.destinationAddress.isLinkLocal }
        // Who says it is the daemon itself.
        care.expectation.needsDaemon = false
        return care
    }
}
