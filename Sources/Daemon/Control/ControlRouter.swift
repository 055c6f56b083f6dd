internal import ControlProtocol
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// The paths of the control API: requests in, answers of the main thread out.
struct ControlRouter: Sendable {
    let questions: Questions
    private let logger: Logger
    let counts: ClientCounts
    let captures = CaptureCount()

    init(_ questions: Questions, _ counts: ClientCounts, _ logger: Logger) {
        self.questions = questions
        self.counts = counts
        self.logger = logger
    }

    /// Answers requests of HTTP.
    var responder: HTTPService.Responder {
        let router = Router(context: BasicRequestContext.self)
        router.add(
            middleware: FailureMiddleware { ControlOperation.methods(of: $0).map(\.rawValue) })
        for operation in ControlOperation.allCases {
            let method = HTTPRequest.Method(rawValue: operation.method.rawValue) ?? .get
            router.on(RouterPath(operation.path), method: method) { request, context in
                try await respond(to: request, context, operation)
            }
        }
        router.get(RouterPath(ControlOperation.descriptionPath)) { _, _ in
            Response(json: ByteBuffer(bytes: PackageResources.openapi_json))
        }
        return router.responder(logger)
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
        if case .capture = question { return try await capture(request, question) }
        let reply = try await questions.ask(question)
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
}

extension Router<BasicRequestContext> {
    /// Answers requests of HTTP.
    func responder(_ logger: Logger) -> HTTPService.Responder {
        let paths = buildResponder()
        return { request, writer, channel in
            let source = ApplicationRequestContextSource(channel: channel, logger: logger)
            let context = BasicRequestContext(source: source)
            let response = try await paths.respond(to: request, context: context)
            try await writer.write(response: response.head, body: response.body)
        }
    }
}
