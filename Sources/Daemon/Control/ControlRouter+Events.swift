internal import ControlProtocol
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

extension ControlRouter {
    /// A client was too slow: what it was to get next is not kept any more.
    private struct FellBehind: Error {}

    /// Events as lines of JSON, fetched page by page as the client reads: nothing is kept for one
    /// that does not.
    func events(
        _ request: Hummingbird.Request, follow: Bool, since: UInt64
    ) async throws -> Response {
        // The first page before the head, so that a refusal is one.
        let first = try await page(since: since, waits: false)
        let body = ResponseBody { writer in
            guard follow else {
                try await write(first, since, follow: false, &writer)
                return try await writer.finish(nil)
            }
            let stream = writer
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                var writer = stream
                try await write(first, since, follow: true, &writer)
                try await writer.finish(nil)
            }
        }
        return Response(status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
    }

    private func write(
        _ first: EventsPage, _ since: UInt64, follow: Bool, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var page = first
        var next = since
        while true {
            let events = page.events.drop { $0.sequence < next }
            if !events.isEmpty {
                var lines = ByteBuffer()
                for event in events { lines.writeBytes(try ControlCoding.line(event)) }
                try await writer.write(lines)
            }
            next = max(next, (events.last?.sequence ?? 0) + 1)
            guard follow || next <= first.lastSequence else { return }
            guard let later = await laterPage(since: next, waits: follow) else { return }
            page = later
            if let oldest = page.events.first, oldest.sequence > next {
                counts.end(.slowReader)
                throw FellBehind()
            }
        }
    }

    /// Nil when the daemon ends meanwhile.
    private func laterPage(since: UInt64, waits: Bool) async -> EventsPage? {
        try? await page(since: since, waits: waits)
    }

    private func page(since: UInt64, waits: Bool) async throws(Failure) -> EventsPage {
        let reply = try await questions.ask(
            .events(follow: waits, since: since), isPatient: waits)
        guard case .events(let page) = reply else { throw .stopping() }
        return page
    }
}
