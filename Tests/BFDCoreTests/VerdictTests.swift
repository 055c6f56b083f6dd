import Testing

@testable import BFDCore

/// Sending needs nothing that has arrived; a verdict needs all of it.
@Suite("What is judged waits for what has been heard, what is sent does not")
struct VerdictTests {
    private static let unheard = Instant(nanoseconds: .min)

    /// Whether all that was due is done.
    private func serve(_ bench: Bench, at now: Instant, heardUntil: Instant) -> Bool {
        let isDone = bench.node.engine.handleTimeout(at: now, heardUntil: heardUntil)
        bench.node.fetch(at: now)
        return isDone
    }

    @Test func `a packet that is due leaves although nothing has been heard`() throws {
        let bench = try Bench.up()
        let due = try #require(bench.nextDeadline)
        #expect(serve(bench, at: due, heardUntil: Self.unheard))
        #expect(bench.sent.map(\.at) == [due])
        #expect(try #require(bench.nextDeadline) > due)
    }

    @Test func `a moment before anything is due asks for nothing`() throws {
        let bench = try Bench.up()
        let due = try #require(bench.nextDeadline)
        let before = due - Nanoseconds(1)
        #expect(serve(bench, at: before, heardUntil: Self.unheard))
        #expect(bench.sent.isEmpty)
    }

    @Test func `a failure that is due asks for all that arrived before it`() throws {
        let bench = try Bench.up()
        let end = bench.now + .milliseconds(900)
        var now = bench.now
        // Until then every packet leaves unheard, and each time all is done.
        while let deadline = bench.nextDeadline, deadline < end {
            now = deadline
            #expect(serve(bench, at: now, heardUntil: Self.unheard))
        }
        #expect(bench.sent.count >= 3 && bench.changes.isEmpty)
        #expect(!serve(bench, at: end, heardUntil: end - Nanoseconds(1)))
        #expect(bench.changes.isEmpty)
        #expect(serve(bench, at: end, heardUntil: end))
        #expect(bench.changes.map(\.to) == [.down])
    }

    @Test func `a failure that waits to be judged holds back no packet`() throws {
        let bench = try Bench.up()
        // Nothing was served for long: a packet is due, and so is a failure.
        let late = bench.now + .milliseconds(900)
        #expect(!serve(bench, at: late, heardUntil: Self.unheard))
        #expect(bench.sent.map(\.at) == [late] && bench.changes.isEmpty)
        // It is asked for again at once, and packets go on leaving until it is judged.
        #expect(try #require(bench.nextDeadline) <= late)
        let later = late + .milliseconds(1_500)
        #expect(!serve(bench, at: later, heardUntil: Self.unheard))
        #expect(bench.sent.map(\.at) == [late, later] && bench.changes.isEmpty)
        #expect(serve(bench, at: later, heardUntil: late))
        #expect(bench.changes.map(\.to) == [.down])
    }

    @Test func `silence counts anew after packets were lost before they were read`() throws {
        let bench = try Bench.up()
        let late = bench.now + .milliseconds(2_000)
        bench.node.engine.listenAnew(from: late)
        #expect(serve(bench, at: late, heardUntil: late))
        #expect(bench.changes.isEmpty)
        let end = late + .milliseconds(900)
        #expect(serve(bench, at: end, heardUntil: end))
        #expect(bench.changes.map(\.to) == [.down])
    }

    @Test func `what has been heard for is judged although more may have arrived since`() throws {
        let bench = try Bench.up()
        let end = bench.now + .milliseconds(900)
        let now = end + .milliseconds(40)
        #expect(serve(bench, at: now, heardUntil: end))
        #expect(bench.changes.map(\.to) == [.down] && bench.changes.map(\.at) == [now])
    }

    @Test func `a session that lingers is gone once its time is over, heard or not`() throws {
        let bench = try Bench.up()
        try bench.remove()
        bench.run(for: .seconds(60))
        #expect(bench.node.removed == [bench.session])
        #expect(bench.node.engine.sessionCount == 0)
    }
}
