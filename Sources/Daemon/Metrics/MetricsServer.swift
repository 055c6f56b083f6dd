internal import ControlProtocol
internal import Logging
internal import Synchronization

/// Serves metrics and health over TCP, in the namespace that the daemon was started in.
///
/// The thread is the control socket's; the same limits hold for its clients.
final class MetricsServer: Sendable {
    private let pulse: Mutex<(@Sendable () -> Bool)?>

    /// Takes the port.
    init(
        _ settings: DaemonConfiguration.Metrics, _ questions: Questions, _ service: HTTPService,
        _ logger: Logger
    ) throws(DaemonError) {
        pulse = Mutex(nil)
        let router = MetricsRouter(
            questions, service, settings.usesKubeOVNNames, logger,
            isBeating: { [unowned self] in self.isBeating })
        do {
            try service.serve("\(settings.address)", port: settings.port, router.responder)
        } catch {
            throw DaemonError(
                code: "metrics",
                "the metrics port \(settings.address) port \(settings.port) cannot be served: "
                    + "\(error)",
                nextStep: "Give metrics.listen an address of this machine and a free port.")
        }
    }

    /// Says how to see whether the threads of sessions and routes do their rounds.
    func watch(_ isBeating: @escaping @Sendable () -> Bool) {
        pulse.withLock { $0 = isBeating }
    }

    private var isBeating: Bool { pulse.withLock(\.self)?() ?? true }
}
