import Foundation
import TestSupport
import Testing

/// What is written about the library for those who use it.
@Suite(.serialized) struct DocumentationTests {
    private static let catalogue = BuiltLibrary.path("Sources/Gatewatch/Gatewatch.docc")

    private struct SymbolGraph: Decodable {
        struct Symbol: Decodable {
            struct Comment: Decodable {}
            let pathComponents: [String]
            let docComment: Comment?
        }

        let symbols: [Symbol]
    }

    /// A piece of code in an article.
    private struct Snippet {
        let article: String
        let language: String
        let text: String

        var name: String { "\(article): \(text.prefix { $0 != "(" })" }
    }

    private static func snippets() throws -> [Snippet] {
        try FileManager.default.contentsOfDirectory(atPath: catalogue).sorted().flatMap { name in
            try String(contentsOfFile: "\(catalogue)/\(name)", encoding: .utf8)
                .matches(of: /\n```(swift|c)\n((?:[^`]|`(?!``))*)```/)
                .map {
                    Snippet(
                        article: name, language: String($0.output.1), text: String($0.output.2))
                }
        }
    }

    @Test func `it renders without a warning, and nothing public goes without`() throws {
        let folder = "\(try BuiltLibrary.folder.get())/docs"
        let script = BuiltLibrary.path("deploy/library/docs.sh")
        let result = try Command.result(["sh", script, try BuiltLibrary.build().path, folder])
        let output = result.output + result.errors
        #expect(result.status == 0 && !output.contains("warning:"), "\(output)")
        for module in ["Gatewatch", "BFDDriver", "BFDCore", "RouteController", "RouteCore"] {
            let data = try Data(
                contentsOf: URL(filePath: "\(folder)/symbols/\(module)/\(module).symbols.json"))
            let symbols = try JSONDecoder().decode(SymbolGraph.self, from: data).symbols
            #expect(symbols.count > 50)
            let bare = symbols.filter { $0.docComment == nil }
            #expect(bare.map { $0.pathComponents.joined(separator: ".") } == [], "\(module)")
        }
    }

    @Test func `every piece of code in the articles compiles`() throws {
        let snippets = try Self.snippets()
        #expect(snippets.count >= 5)
        let build = try BuiltLibrary.build()
        let maps =
            ["CLinux.build", "CEv.build"].map { build.appending(path: $0).path }
            + [BuiltLibrary.path("Sources/CNetlinkRoute")]
        let headers = try Command.run(["pkg-config", "--cflags-only-I", "libnl-route-3.0"])
            .split(whereSeparator: \.isWhitespace).map(String.init)
        let clang = maps.map { "-fmodule-map-file=\($0)/module.modulemap" } + headers
        let swift =
            ["swiftc", "-typecheck", "-parse-as-library", "-swift-version", "6"]
            + ["-enable-upcoming-feature", "MemberImportVisibility", "-warnings-as-errors"]
            + ["-I", build.appending(path: "Modules").path] + clang.flatMap { ["-Xcc", $0] }
        let c = ["cc", "-std=c11", "-fsyntax-only", "-I\(BuiltLibrary.header)"]
        for (place, snippet) in snippets.enumerated() {
            let file = "\(try BuiltLibrary.folder.get())/snippet-\(place).\(snippet.language)"
            try snippet.text.write(toFile: file, atomically: true, encoding: .utf8)
            let isC = snippet.language == "c"
            let command = isC ? c + BuiltLibrary.warnings : swift
            let result = try Command.result(command + [file])
            #expect(result.status == 0, "\(snippet.name): \(result.errors)")
        }
    }

    @Test func `the manual page has every function, and groff finds nothing amiss`() throws {
        let page = "\(try BuiltLibrary.root.get())/usr/share/man/man3/gatewatch.3"
        let result = try Command.result(["groff", "-man", "-ww", "-T", "utf8", "-P", "-c", page])
        #expect(result.status == 0 && result.errors == "", "\(result.errors)")
        for match in try BuiltLibrary.interface().matches(of: /[ *](gatewatch_[a-z_]+)\(/) {
            #expect(result.output.contains("\(match.output.1)("))
        }
    }
}
