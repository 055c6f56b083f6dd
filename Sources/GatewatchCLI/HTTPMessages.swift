internal import ControlProtocol
internal import NIOCore
internal import NIOEmbedded
internal import NIOHTTP1

/// Turns requests into octets and octets into parts of answers: HTTP without a connection.
final class HTTPMessages {
    private let codec: EmbeddedChannel
    private var parts: [HTTPClientResponsePart] = []

    init() {
        codec = EmbeddedChannel(handlers: [
            HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder()),
        ])
    }

    deinit {
        _ = try? codec.finish(acceptAlreadyClosed: true)
    }

    /// Whether nothing has come that was not asked for yet.
    var isEmpty: Bool { parts.isEmpty }

    /// A request as it is sent.
    func octets(of request: Request, body: [UInt8]) throws -> [UInt8] {
        var head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.operation.method.rawValue),
            uri: request.target)
        head.headers.add(name: "Host", value: "gatewatch")
        if !body.isEmpty {
            head.headers.add(name: "Content-Type", value: "application/json")
            head.headers.add(name: "Content-Length", value: "\(body.count)")
        }
        try codec.writeOutbound(HTTPClientRequestPart.head(head))
        if !body.isEmpty {
            let buffer = IOData.byteBuffer(ByteBuffer(bytes: body))
            try codec.writeOutbound(HTTPClientRequestPart.body(buffer))
        }
        try codec.writeOutbound(HTTPClientRequestPart.end(nil))
        var octets: [UInt8] = []
        while let data = try codec.readOutbound(as: IOData.self) {
            if case .byteBuffer(let buffer) = data { octets += buffer.readableBytesView }
        }
        return octets
    }

    /// Takes octets of an answer.
    func take(_ octets: [UInt8]) throws {
        try codec.writeInbound(ByteBuffer(bytes: octets))
        while let part = try codec.readInbound(as: HTTPClientResponsePart.self) {
            parts.append(part)
        }
    }

    /// The next part of an answer, if it has come.
    func next() -> HTTPClientResponsePart? {
        parts.isEmpty ? nil : parts.removeFirst()
    }
}
