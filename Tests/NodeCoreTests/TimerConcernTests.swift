import NodeCore
import Testing

/// Timers judged before anything runs.
@Suite struct TimerConcernTests {
    private static func triple(
        _ tx: Int64, _ rx: Int64, _ multiplier: Int64, _ name: String = "ours"
    ) -> TimerTriple {
        TimerTriple(name: name, minTx: tx, minRx: rx, multiplier: multiplier)
    }

    private static let quick = triple(50_000, 50_000, 3)

    private func codes(
        _ ours: TimerTriple, _ theirs: TimerTriple? = nil, isOVN: Bool = false,
        worst: Int64? = nil
    ) -> [String] {
        let lateness = worst.map { NodeLateness(worst: $0, priority: 0, wakeUpCount: 5_000) }
        return TimerConcern.all(ours: ours, theirs: theirs, isOVN: isOVN, lateness: lateness)
            .map(\.code)
    }

    @Test func `Timers that fit the node and the peer raise no concern`() {
        #expect(codes(Self.quick, Self.quick, worst: 1_000_000).isEmpty)
        #expect(codes(Self.quick, nil, isOVN: true, worst: nil).isEmpty)
    }

    @Test(arguments: [(24_999_999, false), (25_000_001, true)] as [(Int64, Bool)])
    func `Twice the worst lateness must fit into what one lost packet leaves`(
        _ worst: Int64, _ isTooFast: Bool
    ) {
        #expect(codes(Self.quick, worst: worst) == (isTooFast ? ["timers-too-fast"] : []))
    }

    @Test func `Lateness is judged by the interval that is negotiated, not by our own`() {
        let slow = Self.triple(1_000_000, 1_000_000, 3, "theirs")
        #expect(!codes(Self.quick, slow, worst: 26_000_000).contains("timers-too-fast"))
    }

    @Test func `OVN counts in whole milliseconds`() {
        let fine = Self.triple(1_500, 50_000, 3)
        #expect(codes(fine, isOVN: true) == ["timers-below-ovn"])
        #expect(codes(fine, isOVN: false).isEmpty)
    }

    @Test(arguments: [0, 256, 3_600_000] as [Int64])
    func `A multiplier has eight bits`(_ multiplier: Int64) {
        let theirs = Self.triple(100_000, 100_000, multiplier, "theirs")
        #expect(codes(Self.quick, theirs) == ["timers-multiplier"])
    }

    @Test(arguments: [Int.max, .min, 9_300_000_000_000_000])
    func `Numbers that no packet can say are told of, and nothing else`(_ number: Int) throws {
        let text = "dst_ip=10.9.0.1 min_tx=\(number) min_rx=\(number) detect_mult=\(number)"
        let row = TimerTriple(try #require(OVNBFDRow.rows(in: text).first))
        #expect(codes(row).contains("timers-multiplier"))
        #expect(!Negotiation(of: row, for: row).text.isEmpty)
        let kubeOVN = try #require(TimerTriple(kubeOVN: "\(Int64.max)/4294967/4294967"))
        #expect(Negotiation(of: kubeOVN, for: kubeOVN).detectionTime == .max)
    }

    @Test func `Zero is no interval`() {
        #expect(codes(Self.triple(0, 50_000, 3)) == ["timers-zero"])
        #expect(codes(Self.quick, Self.triple(50_000, 0, 3)) == ["timers-zero"])
    }

    @Test func `What Kube-OVN's operator thinks is 300 ms takes three seconds`() throws {
        let ovn = try #require(TimerTriple(kubeOVN: "3/100/100"))
        let concerns = TimerConcern.all(
            ours: .beacon, theirs: ovn, isOVN: true, lateness: nil)
        #expect(concerns.map(\.code) == ["timers-slower-than-thought"])
        let words = try #require(concerns.first).explanation
        #expect(
            words.evidence
                == "OVN (3/100/100) gives bfdd-beacon of Kube-OVN up after 3 x max(1 s sent, "
                + "100 ms taken) = 3 s, not the 300 ms of its own numbers")
        #expect(words.nextStep.contains("Lower the interval at which bfdd-beacon"))
    }

    @Test func `Ends that notice a failure at very different times are told`() throws {
        let theirs = Self.triple(50_000, 50_000, 10, "theirs")
        let concerns = TimerConcern.all(
            ours: Self.quick, theirs: theirs, isOVN: false, lateness: nil)
        #expect(
            concerns.map(\.code) == ["timers-slower-than-thought", "timers-mismatched"])
        let words = try #require(concerns.last).explanation
        #expect(words.evidence.contains("= 150 ms, but ours gives theirs up after 10 x"))
    }

    @Test func `Every concern has words of its own`() {
        let here = Negotiation(of: Self.quick, for: Self.quick)
        let lateness = NodeLateness(worst: 30_000_000, priority: 50, wakeUpCount: 9)
        let concerns: [TimerConcern] = [
            .multiplierOutOfRange(Self.quick), .intervalZero(Self.quick), .belowOVN(Self.quick),
            .tooFast(here, lateness), .slowerThanThought(here, expected: 1_000),
            .mismatched(here, here),
        ]
        #expect(Set(concerns.map(\.code)).count == concerns.count)
        for words in concerns.map(\.explanation) {
            #expect(!words.evidence.hasSuffix(".") && !words.meaning.hasSuffix("."))
            #expect(words.nextStep.hasSuffix("."), "\(words)")
        }
    }

    @Test(arguments: ["3/100", "3/100/100/1", "a/b/c", "3/-1/100", "", "3/100/99999999999"])
    func `What is no triple is refused`(_ text: String) {
        #expect(TimerTriple(kubeOVN: text) == nil)
    }

    @Test func `A triple has Kube-OVN's order: detect-mult, min_rx, min_tx`() {
        let triple = TimerTriple(kubeOVN: "5/200/100")
        #expect(triple?.multiplier == 5)
        #expect(triple?.minRx == 200_000 && triple?.minTx == 100_000)
    }
}
