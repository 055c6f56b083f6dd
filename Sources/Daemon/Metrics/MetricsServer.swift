internal import ControlProtocol
internal import LinuxSystem
internal import Logging
internal import NIOCore

/// Serves metrics, health and the status page over TCP, in the namespace that the daemon was
/// started in.
///
/// The thread is the control socket's; the same limits hold for its clients.
enum MetricsServer {
    /// Takes the port, and serves it as long as the service runs.
    static func start(
        _ settings: DaemonConfiguration.Metrics, _ questions: Questions, _ service: HTTPService,
        _ logger: Logger
    ) throws(DaemonError) {
        let router = MetricsRouter(questions, service, settings, logger)
        do {
            try service.serve("\(settings.address)", port: settings.port, router.responder)
        } catch {
            let reason = (error as? IOError).map { Errno(rawValue: $0.errnoCode).description }
            throw DaemonError(
                code: "metrics",
                "the metrics port \(settings.port) of \(settings.address) cannot be served: "
                    + (reason ?? "\(error)"),
                nextStep: "Give metrics.listen an address of this machine and a free port.")
        }
    }
}
