internal import ControlProtocol
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// Makes every refusal, those of the server included, a reply of ours.
struct FailureMiddleware<Context: RequestContext>: RouterMiddleware {
    /// The methods that a path knows; none when it leads nowhere.
    let methods: @Sendable (String) -> [String]

    func handle(
        _ request: Hummingbird.Request, context: Context,
        next: (Hummingbird.Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let failure as Failure {
            return Response(failure, method: request.method)
        } catch let error as HTTPError {
            return refusal(of: request, error.status)
        }
    }

    private func refusal(
        of request: Hummingbird.Request, _ status: HTTPResponse.Status
    ) -> Response {
        switch status {
        case .contentTooLarge: return Response(.tooLarge(), method: request.method)
        case .notFound:
            let methods = methods(request.uri.path)
            guard !methods.isEmpty else { return Response(.unknownPath(), method: request.method) }
            var response = Response(.unknownMethod(methods), method: request.method)
            response.headers[.allow] = methods.joined(separator: ", ")
            return response
        default:
            return Response(.badRequest(status.reasonPhrase), method: request.method)
        }
    }
}

extension Response {
    /// An answer in JSON.
    init(_ status: HTTPResponse.Status = .ok, json: ByteBuffer) {
        self.init(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: json))
    }

    /// A refusal; to HEAD without its body.
    init(_ failure: Failure, method: HTTPRequest.Method) {
        let status = HTTPResponse.Status(code: failure.statusCode)
        let bytes = (try? ControlCoding.line(Reply.error(failure))) ?? []
        self.init(status, json: ByteBuffer(bytes: bytes))
        if method == .head { self = createHeadResponse() }
    }
}
