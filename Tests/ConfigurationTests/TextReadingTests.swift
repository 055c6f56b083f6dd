@testable import Daemon
import Testing

@Suite struct DurationReaderTests {
    @Test(arguments: [
        ("250us", Int64(250)), ("250µs", 250), ("50ms", 50_000), ("1s", 1_000_000),
        ("0.333ms", 333), ("1.50s", 1_500_000), ("50 ms", 50_000), ("007ms", 7_000), ("0s", 0),
    ])
    func `A number and a unit are a duration`(_ text: String, _ microseconds: Int64) throws {
        #expect(try DurationReader.microseconds(text) == microseconds)
    }

    @Test(arguments: [
        ("50", DurationReader.Mistake.withoutUnit(number: "50")),
        ("1.5", .withoutUnit(number: "1.5")),
        ("5m", .unknownUnit("m")), ("5min", .unknownUnit("min")), ("5ns", .unknownUnit("ns")),
        ("5MS", .unknownUnit("MS")),
        ("", .malformed), ("ms", .malformed), ("-5ms", .malformed), ("5.ms", .malformed),
        ("5e3us", .malformed), ("５ms", .malformed), ("1s500ms", .malformed),
        ("0.5us", .finerThanMicroseconds), ("1.0000001s", .finerThanMicroseconds),
        ("9223372036854775807s", .tooLarge),
    ])
    func `Anything else is a mistake of its own kind`(
        _ text: String, _ mistake: DurationReader.Mistake
    ) {
        #expect(throws: mistake) { try DurationReader.microseconds(text) }
    }

    @Test(arguments: [Int64(0), 250, 1_000, 300_000, 1_000_000, 4_294_967_295])
    func `What is written can be read`(_ microseconds: Int64) throws {
        #expect(try DurationReader.microseconds(DurationReader.text(microseconds)) == microseconds)
    }
}

@Suite struct SpellingTests {
    @Test(arguments: [
        ("namespce", "namespace"), ("peer", "peers"), ("rotues", "routes"), ("Peers", "peers"),
        ("state_directory", "state-directory"), ("netns", "namespace"),
    ])
    func `A near word is suggested`(_ word: String, _ meant: String) {
        let keys = ["namespace", "peers", "routes", "state-directory"]
        #expect(Spelling.suggestion(for: word, among: keys) == meant)
    }

    @Test(arguments: ["", "bgp", "x", String(repeating: "peers", count: 100)])
    func `A far word is not`(_ word: String) {
        #expect(Spelling.suggestion(for: word, among: ["namespace", "peers", "routes"]) == nil)
    }

    @Test(arguments: [
        ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "acb", 1), ("weigth", "weight", 1),
        ("kitten", "sitting", 3),
    ])
    func `Distance counts letters and exchanges`(_ left: String, _ right: String, _ count: Int) {
        #expect(Spelling.distance(left, right) == count)
    }
}
