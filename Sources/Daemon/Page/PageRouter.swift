internal import ControlProtocol
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// The paths of the status page, which are part of the metrics port.
struct PageRouter: Sendable {
    static let paths = ["/", "/status.json"]

    private let hosts = PageHosts.ofThisMachine
    private let page = StatusPage()
    private let feed: PageFeed

    init(_ questions: Questions, _ service: HTTPService) {
        feed = PageFeed(questions, service.executor, host: hosts.machineName)
    }

    func add(to router: Router<BasicRequestContext>) {
        router.get("/") { request, _ in
            refusal(of: request) ?? page.response()
        }
        router.get("/status.json") { request, _ in
            if let refusal = refusal(of: request) { return refusal }
            return Response(json: try await feed.json())
        }
    }

    /// The answer to who came by a name that may be a stranger's.
    private func refusal(of request: Hummingbird.Request) -> Response? {
        guard !hosts.contains(request.head.authority) else { return nil }
        return Response(
            status: .misdirectedRequest, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(
                byteBuffer: ByteBuffer(
                    string: "The status page is served under an address, localhost or this "
                        + "machine's own name only.\n")))
    }
}
