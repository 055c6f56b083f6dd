internal import ControlProtocol
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import LinuxSystem
internal import Logging
internal import NIOCore

/// The paths of the metrics port.
struct MetricsRouter: Sendable {
    /// How old what probes are told may be: whoever asks without end costs no more than ten do.
    private static let findingLifetime: Int64 = 100_000_000

    private let questions: Questions
    private let usesKubeOVNNames: Bool
    private let logger: Logger
    private let page: SharedAnswer<ByteBuffer>
    private let health: SharedAnswer<Finding>
    private let readiness: SharedAnswer<Finding>
    private let vitals: Vitals
    private let statusPage: PageRouter?

    init(
        _ questions: Questions, _ service: HTTPService,
        _ settings: DaemonConfiguration.Metrics, _ logger: Logger
    ) {
        self.questions = questions
        usesKubeOVNNames = settings.usesKubeOVNNames
        self.logger = logger
        page = SharedAnswer(service.executor) { 1_000_000_000 }
        health = SharedAnswer(service.executor) { Self.findingLifetime }
        readiness = SharedAnswer(service.executor) { Self.findingLifetime }
        vitals = service.vitals
        statusPage = settings.showsPage ? PageRouter(questions, service) : nil
    }

    private var paths: [String] {
        ["/metrics", "/healthz", "/readyz"] + (statusPage == nil ? [] : PageRouter.paths)
    }

    /// Answers requests of HTTP.
    var responder: HTTPService.Responder {
        let router = Router(
            context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: PageHeaders())
        let paths = paths
        router.add(middleware: FailureMiddleware { paths.contains($0) ? ["GET", "HEAD"] : [] })
        statusPage?.add(to: router)
        router.get("/metrics") { _, _ in
            let text = try await page.value { ByteBuffer(string: try await metrics()) }
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: text))
        }
        router.get("/healthz") { _, _ in
            try await health.value { await lookAtHealth() }.response
        }
        router.get("/readyz") { _, _ in
            try await readiness.value { await lookAtReadiness() }.response
        }
        return router.responder(logger)
    }

    private func metrics() async throws -> String {
        var replies: [Reply] = []
        for question in [ControlProtocol.Request.version, .status(peer: nil), .routes] {
            replies.append(try await questions.ask(question))
        }
        return try text(of: replies)
    }

    private func text(of replies: [Reply]) throws(Failure) -> String {
        guard replies.count == 3, case .version(let version) = replies[0],
            case .status(let status) = replies[1], case .routes(let routes) = replies[2]
        else { throw .stopping() }
        let now = Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds())
        return MetricsText.text(
            version, status, routes, now: now, usesKubeOVNNames: usesKubeOVNNames)
    }

    /// Whether the process and its loops run; peers, routes and the namespace do not matter.
    ///
    /// Each thread is asked for a sign of life, and has less than a second for it: what a watchdog
    /// of systemd lives by.
    private func lookAtHealth() async -> Finding {
        guard await vitals.areGood(questions.loop) else {
            return Finding(problem: "a thread that keeps sessions or routes hangs")
        }
        switch await answer(.version) {
        case .success: return Finding(isGood: true, text: "ok")
        case .failure(let failure):
            return Finding(isGood: failure.code == .waiting, text: failure.message)
        }
    }

    /// Whether the configuration is in force, sockets are bound and routes as they are wanted.
    private func lookAtReadiness() async -> Finding {
        switch await answer(.routes) {
        case .success(.routes(let report)):
            let failed = report.routes.first { $0.state == .error || $0.state == .conflict }
            guard let failed else { return Finding(isGood: true, text: "ok") }
            return Finding(
                problem: "route \(failed.prefix): \(failed.error ?? failed.state.rawValue)")
        case .success: return Finding(problem: "another question was answered")
        case .failure(let failure): return Finding(problem: failure.message)
        }
    }

    private func answer(_ request: ControlProtocol.Request) async -> Result<Reply, Failure> {
        do {
            return .success(try await questions.ask(request))
        } catch {
            return .failure(error)
        }
    }
}

extension MetricsRouter {
    /// Whether something is well, and what there is to say of it.
    fileprivate struct Finding: Sendable {
        var isGood: Bool
        var text: String

        init(isGood: Bool, text: String) {
            self.isGood = isGood
            self.text = text
        }

        init(problem text: String) {
            self.init(isGood: false, text: text)
        }

        var response: Response {
            Response(
                status: isGood ? .ok : .serviceUnavailable,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n")))
        }
    }
}
