import BFDCore
import ControlProtocol
import Foundation
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000000Z"),
        (1, "1970-01-01T00:00:00.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (1_795_230_891_000_042, "2026-11-21T03:14:51.000042Z"),
        (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ])
    func `A moment is written in RFC 3339 with microseconds and read back`(
        _ microseconds: Int64, _ text: String
    ) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test func `Every day of four centuries agrees with Foundation`() {
        let style = Date.ISO8601FormatStyle(timeZone: .gmt)
        for day in stride(from: Int64(-73_000), through: 73_000, by: 97) {
            let moment = Timestamp(microseconds: day * 86_400_000_000 + 3_723_000_000)
            let expected = Date(timeIntervalSince1970: Double(day * 86_400 + 3_723))
                .formatted(style)
            #expect(moment.description == expected.dropLast() + ".000000Z")
            #expect(Timestamp(moment.description) == moment)
        }
    }

    @Test(arguments: [
        "", "2026", "2026-11-21", "2026-11-21T03:14:51Z", "2026-13-21T03:14:51.000000Z",
        "2026-02-30T03:14:51.000000Z", "2026-11-21T24:14:51.000000Z",
        "2026-11-21 03:14:51.000000Z", "2026-11-21T03:14:51.000000+",
        "99999999999999999999999999Z", "9223372036854775807-01-01T0",
    ])
    func `Anything else is refused`(_ text: String) {
        #expect(Timestamp(text) == nil)
    }
}

@Suite struct DurationTextTests {
    @Test(arguments: [
        (UInt64(50_000), "50 ms"), (1_000_000, "1 s"), (333, "333 µs"), (1_500_000, "1500 ms"),
        (4_294_967_295, "4294967295 µs"), (0, "0 s"),
    ])
    func `A span is shown in the largest unit that shows it whole`(
        _ microseconds: UInt64, _ text: String
    ) {
        #expect(DurationText.exact(microseconds: microseconds) == text)
    }

    @Test func `No interval is a dash`() {
        #expect(DurationText.exact(Microseconds(0)) == "-")
        #expect(DurationText.exact(Microseconds(250)) == "250 µs")
    }

    @Test(arguments: [
        (Int64(0), "0 s"), (59, "59 s"), (60, "1 min"), (192, "3 min 12 s"), (3_600, "1 h"),
        (3_659, "1 h"), (90_000, "1 d 1 h"), (34_560_000, "400 d"),
    ])
    func `An age has two units at most`(_ seconds: Int64, _ text: String) {
        #expect(DurationText.age(seconds: seconds) == text)
    }
}
