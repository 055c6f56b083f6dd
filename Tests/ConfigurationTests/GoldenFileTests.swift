import Daemon
import Foundation
import Testing

/// Each `<name>.yaml` gives exactly the lines of `<name>.errors`.
///
/// `UPDATE_FIXTURES=1 swift test --filter GoldenFileTests` rewrites them, to be reviewed as diffs.
@Suite struct GoldenFileTests {
    @Test(arguments: Fixtures.names)
    func `A file gives the expected messages`(_ name: String) throws {
        let report = try Fixtures.read(name)
        let found = report.lines.map { $0 + "\n" }.joined()
        let file = Fixtures.directory.appending(path: "\(name).errors")
        if Fixtures.isUpdating { try Data(found.utf8).write(to: file) }
        let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(found == expected)
        #expect((report.configuration == nil) == (report.errorCount > 0))
    }

    @Test(arguments: Fixtures.names)
    func `Messages come in the order of the file, each once`(_ name: String) throws {
        let report = try Fixtures.read(name)
        let places = report.problems.compactMap(\.place)
        #expect(places == places.sorted())
        #expect(Set(report.lines).count == report.lines.count)
    }

    @Test func `Six different mistakes give six errors with line, column and allowed range`() throws
    {
        let report = try Fixtures.read("six-mistakes")
        #expect(report.errorCount == 6)
        #expect(report.problems.compactMap(\.place?.line) == [3, 7, 9, 11, 14, 15])
        let ranges = report.lines.filter { $0.contains("(allowed: ") }
        #expect(ranges.count == 4)
    }
}
