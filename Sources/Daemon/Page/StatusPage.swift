internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// The page at `/`: one document with its style and script inside, which asks for `/status.json`.
///
/// It takes nothing from anywhere else, and nothing runs in it but its own script: each answer has
/// a word of its own (a nonce) that no other text can know.
struct StatusPage: Sendable {
    private static let mark = "{{nonce}}"
    private static let nonceByteCount = 32

    /// The document, cut where the nonce stands. All answers share it: however many clients do not
    /// read theirs, it is there once.
    private let pieces: [ByteBuffer]
    private let byteCount: Int

    init() {
        let scripts = [
            PackageResources.basics_js, PackageResources.model_js, PackageResources.history_js,
            PackageResources.charts_js, PackageResources.lists_js, PackageResources.live_js,
        ]
        let text = Self.text(PackageResources.page_html)
            .replacing("{{style}}", with: Self.text(PackageResources.page_css))
            .replacing("{{script}}", with: scripts.map(Self.text).joined(separator: "\n"))
        pieces = text.split(separator: Self.mark, omittingEmptySubsequences: false)
            .map { ByteBuffer(substring: $0) }
        byteCount = pieces.reduce((pieces.count - 1) * Self.nonceByteCount) {
            $0 + $1.readableBytes
        }
    }

    /// The page, with a nonce that has never been used.
    func response() -> Response {
        let nonce = Self.nonce()
        let body = ResponseBody(contentLength: byteCount) { [pieces] writer in
            for (place, piece) in pieces.enumerated() {
                if place > 0 { try await writer.write(ByteBuffer(string: nonce)) }
                try await writer.write(piece)
            }
            try await writer.finish(nil)
        }
        var headers = HTTPFields()
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.contentSecurityPolicy] = Self.policy(nonce: nonce)
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Own script, own style, own data, an icon made of text; no string ever becomes markup.
    private static func policy(nonce: String) -> String {
        [
            "default-src 'none'", "script-src 'nonce-\(nonce)'", "style-src 'nonce-\(nonce)'",
            "connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'",
            "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
        ].joined(separator: "; ")
    }

    private static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// What every answer of the metrics port says of itself, refusals included: nothing is kept,
/// nothing is guessed, nothing is for other sites.
struct PageHeaders<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Hummingbird.Request, context: Context,
        next: (Hummingbird.Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        for (name, value) in [
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("X-Frame-Options", "DENY"),
        ] {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        return response
    }
}
