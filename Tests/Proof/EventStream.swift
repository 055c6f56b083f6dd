import Foundation

/// A test function and how it went.
struct TestRecord {
    let id: String
    /// The sentence it is named by.
    let name: String
    /// What its cases are called, when it has arguments.
    let cases: [String]
    var hasEnded = false
    var isSkipped = false
    var issueCount = 0

    var hasPassed: Bool { hasEnded && !isSkipped && issueCount == 0 }

    /// The target and the name.
    var title: String { "\(id.prefix { $0 != "." }): \(name)" }
}

/// What Swift Testing writes while it runs tests: a line of JSON for each test and event.
enum EventStream {
    private struct Line: Decodable {
        let kind: String
        let payload: Payload
    }

    private struct Payload: Decodable {
        let kind: String
        let id: String?
        let name: String?
        let displayName: String?
        let testID: String?
        let cases: [Case]?
        let issue: Issue?

        enum CodingKeys: String, CodingKey {
            case kind, id, name, displayName, testID, issue
            case cases = "_testCases"
        }
    }

    private struct Case: Decodable {
        let displayName: String?
    }

    private struct Issue: Decodable {
        let isKnown: Bool?
        let isFailure: Bool?
    }

    /// All tests of some streams, in the order they were announced.
    static func tests(in paths: [String]) throws -> [TestRecord] {
        var records: [TestRecord] = []
        var places: [String: Int] = [:]
        for path in paths {
            for text in try Files.lines(path) where !text.isEmpty {
                let line = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
                let payload = line.payload
                if line.kind == "test", payload.kind == "function", let id = payload.id {
                    places[id] = records.count
                    records.append(record(payload, id))
                } else if let id = payload.testID, let place = places[id] {
                    note(payload, in: &records[place])
                }
            }
        }
        return records
    }

    private static func record(_ payload: Payload, _ id: String) -> TestRecord {
        TestRecord(
            id: id, name: payload.displayName ?? payload.name ?? id,
            cases: (payload.cases ?? []).compactMap(\.displayName))
    }

    private static func note(_ payload: Payload, in record: inout TestRecord) {
        switch payload.kind {
        case "testEnded": record.hasEnded = true
        case "testSkipped": record.isSkipped = true
        case "issueRecorded":
            let isFailure = payload.issue?.isFailure ?? true
            if payload.issue?.isKnown != true && isFailure { record.issueCount += 1 }
        default: break
        }
    }
}
