internal import BFDDriver
internal import ControlProtocol
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import LinuxSystem
internal import Logging
internal import NIOCore

/// The paths of the control API: requests in, answers of the main thread out.
struct ControlRouter: Sendable {
    private let questions: Mailbox<ControlQuestion>
    private let logger: Logger
    let counts: ClientCounts

    init(_ questions: Mailbox<ControlQuestion>, _ counts: ClientCounts, _ logger: Logger) {
        self.questions = questions
        self.counts = counts
        self.logger = logger
    }

    /// Answers requests of HTTP.
    var responder: HTTPService.Responder {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: FailureMiddleware())
        for operation in ControlOperation.allCases {
            let method = HTTPRequest.Method(rawValue: operation.method.rawValue) ?? .get
            router.on(RouterPath(operation.path), method: method) { request, context in
                try await respond(to: request, context, operation)
            }
        }
        router.get("/v1/openapi.json") { _, _ in
            Response(json: ByteBuffer(bytes: PackageResources.openapi_json))
        }
        let paths = router.buildResponder()
        let logger = logger
        return { request, writer, channel in
            let source = ApplicationRequestContextSource(channel: channel, logger: logger)
            let context = BasicRequestContext(source: source)
            let response = try await paths.respond(to: request, context: context)
            try await writer.write(response: response.head, body: response.body)
        }
    }

    /// Answers every request with a refusal, and ends the connection.
    static func refusal(_ failure: Failure) -> HTTPService.Responder {
        { request, writer, channel in
            var response = Response(failure, method: request.method)
            response.headers[.connection] = "close"
            try await writer.write(response: response.head, body: response.body)
            channel.close(promise: nil)
        }
    }

    private func respond(
        to request: Hummingbird.Request, _ context: BasicRequestContext,
        _ operation: ControlOperation
    ) async throws -> Response {
        var body = ByteBuffer()
        if operation.method != .get {
            body = try await self.body(of: request)
        }
        let question = try ControlCoding.request(
            operation, peer: context.parameters["peer"].map { String($0) },
            query: request.uri.query, body: Array(body.readableBytesView))
        if case .events(let follow, let since) = question {
            return try await events(request, follow: follow, since: since ?? 0)
        }
        let reply = try await ask(question)
        return Response(json: ByteBuffer(bytes: try ControlCoding.line(reply)))
    }

    private func body(of request: Hummingbird.Request) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(
                upTo: ControlProtocol.Request.maximumByteCount)
        } catch is NIOTooManyBytesError {
            throw Failure.tooLarge()
        }
    }

    /// Asks the main thread.
    func ask(_ request: ControlProtocol.Request) async throws(Failure) -> Reply {
        let (answers, answer) = AsyncStream.makeStream(
            of: Reply.self, bufferingPolicy: .bufferingOldest(1))
        let question = ControlQuestion(request: request, answer: answer)
        answer.onTermination = { _ in question.withdrawal.make() }
        guard questions.post(question) else { throw .crowded() }
        for await reply in answers {
            if case .error(let failure) = reply { throw failure }
            return reply
        }
        throw .stopping()
    }
}
