import ControlProtocol
import Foundation
import NodeCore
import Testing

/// The description of the control API against the models.
@Suite struct DescriptionTests {
    private let description: [String: Any]

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Daemon/OpenAPI/openapi.json")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        description = try #require(object as? [String: Any])
    }

    private func schema(_ name: String) throws -> [String: Any] {
        let components = try #require(description["components"] as? [String: Any])
        let schemas = try #require(components["schemas"] as? [String: Any])
        return try #require(schemas[name] as? [String: Any], "no schema \(name)")
    }

    @Test func `Every operation is described, and nothing else is`() throws {
        let paths = try #require(description["paths"] as? [String: [String: Any]])
        let described = paths.flatMap { path, item in
            item.keys.filter { $0 != "parameters" }.map { "\($0.uppercased()) \(path)" }
        }
        let known = ControlOperation.allCases.map { "\($0.method.rawValue) \($0.path)" }
        #expect(Set(described) == Set(known + ["GET \(ControlOperation.descriptionPath)"]))
        for operation in ControlOperation.allCases {
            let item = paths[operation.path]?[operation.method.rawValue.lowercased()]
            let detail = try #require(item as? [String: Any])
            let parameters = detail["parameters"] as? [[String: Any]] ?? []
            #expect(Set(parameters.compactMap { $0["name"] as? String }) == operation.queryNames)
            #expect(detail["operationId"] as? String == operation.rawValue)
        }
    }

    @Test(arguments: ReplyTests.replies)
    func `Every leaf of a reply is described`(_ reply: Reply) throws {
        let name =
            switch reply {
            case .version: "Version"
            case .status: "Status"
            case .explanation: "Explanation"
            case .routes: "Routes"
            case .events: "Event"
            // Packets follow, no value.
            case .capture: ""
            case .peer: "PeerReport"
            case .signal: "SignalReport"
            case .reload: "Reload"
            case .edit: "PeerEditReport"
            case .drain: "Drain"
            case .error: "Failure"
            }
        var value = try JSONSerialization.jsonObject(with: Data(Samples.json(reply).utf8))
        if case .events = reply {
            value = try #require(((value as? [String: Any])?["events"] as? [Any])?.first)
        }
        #expect(try findings(value, schema(name), at: name) == [])
    }

    @Test func `A leaf that is not described is found, as one that is missing`() throws {
        let value: [String: Any] = ["name": "a", "admin-down": true, "news": 1]
        let found = try findings(value, schema("PeerReport"), at: "x")
        #expect(found == ["x.changed is missing", "x.news is not described"])
    }

    /// The keys in which a value and its schema differ.
    private func findings(
        _ value: Any, _ given: [String: Any], at place: String
    ) throws -> [String] {
        var schema = given
        if let reference = given["$ref"] as? String {
            schema = try self.schema(String(reference.split(separator: "/").last ?? ""))
        }
        if let list = value as? [Any], let items = schema["items"] as? [String: Any] {
            return try list.flatMap { try findings($0, items, at: place + "[]") }
        }
        guard let object = value as? [String: Any],
            let properties = schema["properties"] as? [String: [String: Any]]
        else { return [] }
        let required = schema["required"] as? [String] ?? []
        let missing = required.filter { object[$0] == nil }.map { "\(place).\($0) is missing" }
        return try missing.sorted()
            + object.sorted { $0.key < $1.key }.flatMap { key, value in
                guard let inner = properties[key] else {
                    return ["\(place).\(key) is not described"]
                }
                return try findings(value, inner, at: "\(place).\(key)")
            }
    }
}
