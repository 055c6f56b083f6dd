import Testing

@testable import BFDCore

@Suite("Lateness, counted in classes")
struct LatenessHistogramTests {
    private static func place(of span: Int64) -> Int? {
        var histogram = LatenessHistogram()
        histogram.note(Nanoseconds(span))
        return (0..<LatenessHistogram.classCount).first { histogram.count(ofClass: $0) == 1 }
    }

    @Test func `bounds double from 8 µs on, and the last class has none`() {
        let bounds = (0..<LatenessHistogram.classCount).map {
            LatenessHistogram.upperBound(ofClass: $0)
        }
        #expect(bounds.count == 16)
        #expect(bounds.first == Nanoseconds(8_192) && bounds.last == .some(nil))
        for number in 1..<15 {
            #expect(bounds[number]?.count == (bounds[number - 1]?.count ?? 0) * 2)
        }
        #expect(bounds[14] == Nanoseconds(134_217_728))
    }

    @Test(arguments: 0..<15)
    func `a bound belongs to its class, what is beyond it to the next`(_ number: Int) throws {
        let bound = try #require(LatenessHistogram.upperBound(ofClass: number)).count
        #expect(Self.place(of: bound) == number)
        #expect(Self.place(of: bound - 1) == number)
        #expect(Self.place(of: bound + 1) == number + 1)
    }

    @Test func `nothing and less than nothing are in the first class, hours in the last`() {
        #expect(Self.place(of: 0) == 0 && Self.place(of: 1) == 0)
        #expect(Self.place(of: -1) == 0 && Self.place(of: .min) == 0)
        #expect(Self.place(of: 86_400_000_000_000) == 15 && Self.place(of: .max) == 15)
    }

    @Test func `sum, maximum and count are of all that was noted`() {
        var histogram = LatenessHistogram()
        #expect(histogram.count == 0 && histogram.sum == .zero && histogram.maximum == .zero)
        for span: Int64 in [5_000, 20_000, -7_000, 9_000_000, 0, 20_000] {
            histogram.note(Nanoseconds(span))
        }
        #expect(histogram.count == 6)
        #expect(histogram.sum == Nanoseconds(9_045_000))
        #expect(histogram.maximum == Nanoseconds(9_000_000))
        let counts = (0..<LatenessHistogram.classCount).map { histogram.count(ofClass: $0) }
        #expect(counts == [3, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    }

    @Test func `an engine notes how late it is asked to send, and to judge`() throws {
        let bench = try Bench.up()
        let before = try bench.variables.counters.transmitLateness
        let due = try #require(bench.nextDeadline)
        bench.pause(for: due - bench.now + .microseconds(30))
        let sending = try bench.variables.counters.transmitLateness
        #expect(sending.count == before.count + 1)
        #expect(sending.sum - before.sum == .microseconds(30))
        #expect(bench.node.engine.transmitLateness.count >= sending.count)

        bench.pause(for: .milliseconds(900) + .microseconds(70))
        let session = try bench.variables
        #expect(session.state == .down)
        let late = bench.now - session.lastReceived - .milliseconds(900)
        #expect(session.counters.detectionOvershoot.count == 1)
        #expect(session.counters.detectionOvershoot.sum == late)
        #expect(bench.node.engine.detectionOvershoot.maximum == late)
        // Silence of one that is down already is no verdict.
        try bench.hear(.adminDown)
        bench.pause(for: .seconds(30))
        #expect(try bench.variables.counters.detectionOvershoot.count == 1)
    }
}
