internal import BFDCore
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
    let supervision = Supervision()
    let loop: EventLoop
    let service: HTTPService
    let server: ControlServer

    init(_ configuration: DaemonConfiguration, _ logger: Logger) throws(DaemonError) {
        try Daemon.allowDescriptors(for: configuration)
        keyChains = try KeyChains.read(configuration)
        privileges = try Privileges.reduced(for: configuration)
        do throws(SystemError) {
            loop = try EventLoop()
        } catch {
            throw DaemonError(error)
        }
        // Before routes are touched: a second daemon by mistake ends here.
        service = HTTPService(logger)
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
        guard let care = configuration.namespaceCare else { return .open(nil) }
        supervision.expect(startWithin: configuration.namespaceTimeout)
        let entrance = NamespaceEntrance(
            care, timeout: configuration.namespaceTimeout.count, loop, logger)
        return try entrance.wait(server)
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
