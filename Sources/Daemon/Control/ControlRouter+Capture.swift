internal import ControlProtocol
internal import Gatewatch
internal import Hummingbird
internal import HummingbirdCore
internal import LinuxSystem
internal import NIOCore
internal import Synchronization

/// How many captures are under way.
final class CaptureCount: Sendable {
    private static let maximum = 4
    private let count = Mutex(0)

    /// Counts one more, which ends with the ticket; nil when there are as many as there may be.
    func begin() -> Ticket? {
        let isAdmitted = count.withLock { count in
            guard count < Self.maximum else { return false }
            count += 1
            return true
        }
        return isAdmitted ? Ticket(self) : nil
    }

    fileprivate func end() {
        count.withLock { $0 -= 1 }
    }

    /// A capture that is counted.
    final class Ticket: Sendable {
        private let count: CaptureCount

        fileprivate init(_ count: CaptureCount) {
            self.count = count
        }

        deinit {
            count.end()
        }
    }
}

extension ControlRouter {
    /// How often packets are fetched.
    private static let pause = TimeAmount.milliseconds(100)

    /// Packets as pcapng until the client ends it, fetched while the client reads: for one that
    /// does not, as much as the engine keeps is kept, and the rest is lost and counted.
    func capture(
        _ request: Hummingbird.Request, _ question: ControlProtocol.Request
    ) async throws -> Response {
        let box = CaptureBox()
        guard let ticket = captures.begin() else { throw Failure.tooManyCaptures() }
        _ = try await questions.ask(question, box)
        guard let capture = box.take() else { throw Failure.stopping() }
        let body = ResponseBody { writer in
            defer { withExtendedLifetime(ticket) { capture.close() } }
            let stream = writer
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                var writer = stream
                try await write(capture, &writer)
                try await writer.finish(nil)
            }
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-pcapng"], body: body)
    }

    private func write(
        _ capture: PacketCapture, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var file = CaptureWriter()
        while !Task.isCancelled {
            let octets = file.octets(of: capture, at: Clock.realtimeNanoseconds())
            if !octets.isEmpty { try await writer.write(ByteBuffer(bytes: octets)) }
            try await questions.loop.scheduleTask(in: Self.pause) {}.futureResult.get()
        }
    }
}
