internal import ControlProtocol
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import LinuxSystem
internal import Logging
internal import NIOCore
internal import Synchronization

/// The paths of the metrics port.
struct MetricsRouter: Sendable {
    private let questions: Questions
    private let usesKubeOVNNames: Bool
    private let logger: Logger
    private let page: SharedPage
    private let vitals: Vitals
    private let statusPage: PageRouter?

    init(
        _ questions: Questions, _ service: HTTPService,
        _ settings: DaemonConfiguration.Metrics, _ logger: Logger
    ) {
        self.questions = questions
        usesKubeOVNNames = settings.usesKubeOVNNames
        self.logger = logger
        page = SharedPage(service.executor) { .seconds(1) }
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
            let text = try await page.text { try await metrics() }
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: text))
        }
        router.get("/healthz") { _, _ in await health() }
        router.get("/readyz") { _, _ in await readiness() }
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
    private func health() async -> Response {
        guard await vitals.areGood(questions.loop) else {
            return plain(.serviceUnavailable, "a thread that keeps sessions or routes hangs")
        }
        switch await answer(.version) {
        case .success: return plain(.ok, "ok")
        case .failure(let failure):
            let isAlive = failure.code == .waiting
            return plain(isAlive ? .ok : .serviceUnavailable, failure.message)
        }
    }

    /// Whether the configuration is in force, sockets are bound and routes as they are wanted.
    private func readiness() async -> Response {
        switch await answer(.routes) {
        case .success(.routes(let report)):
            let failed = report.routes.first { $0.state == .error || $0.state == .conflict }
            guard let failed else { return plain(.ok, "ok") }
            return plain(
                .serviceUnavailable,
                "route \(failed.prefix): \(failed.error ?? failed.state.rawValue)")
        case .success: return plain(.serviceUnavailable, "another question was answered")
        case .failure(let failure): return plain(.serviceUnavailable, failure.message)
        }
    }

    private func answer(_ request: ControlProtocol.Request) async -> Result<Reply, Failure> {
        do {
            return .success(try await questions.ask(request))
        } catch {
            return .failure(error)
        }
    }

    private func plain(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n")))
    }
}

/// A text that many ask for at once: made when it has outlived its time, and shared.
final class SharedPage: Sendable {
    private struct Edition {
        let text: Task<ByteBuffer, any Error>
        let made: NIODeadline
    }

    private let executor: LoopExecutor
    private let lifetime: @Sendable () -> TimeAmount
    private let edition = Mutex<Edition?>(nil)

    init(_ executor: LoopExecutor, lifetime: @escaping @Sendable () -> TimeAmount) {
        self.executor = executor
        self.lifetime = lifetime
    }

    func text(_ make: @escaping @Sendable () async throws -> String) async throws -> ByteBuffer {
        let current = edition.withLock { edition in
            if let edition, .now() - edition.made < lifetime() { return edition }
            let text = Task(executorPreference: executor) { ByteBuffer(string: try await make()) }
            let new = Edition(text: text, made: .now())
            edition = new
            return new
        }
        return try await current.text.value
    }
}
