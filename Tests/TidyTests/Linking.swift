import Foundation
import Testing

/// An agent that links the library gets neither Foundation nor anything above it.
@Suite("Linking")
struct LinkingTests {
    /// What `Gatewatch` needs of this package; a dependency too many or too few fails to link.
    static let swiftTargets = [
        "BFDCore", "BFDAuthentication", "RouteCore", "NodeCore", "LinuxSystem", "EventLoop",
        "Netlink", "BFDDriver", "RouteController", "Gatewatch",
    ]
    static let cTargets = ["CLinux", "CEv"]
    /// swift-crypto, whose digests `BFDAuthentication` uses; it needs FoundationEssentials.
    static let cryptoTargets = [
        "Crypto", "CryptoBoringWrapper", "CCryptoBoringSSL", "CCryptoBoringSSLShims", "CXKCP",
        "CXKCPShims",
    ]

    @Test func `an agent that imports Gatewatch does not link Foundation`() throws {
        let libraries = try libraries(ofAgent: "import Gatewatch\nprint(Gatewatch.self)\n")
        #expect(libraries.contains { $0.hasPrefix("libev.") })
        #expect(libraries.contains { $0.hasPrefix("libnl-route-3.") })
        #expect(libraries.filter(isTooMuch) == [])
    }

    @Test func `an agent that imports Foundation itself is found out`() throws {
        let source = "import Foundation\nimport Gatewatch\nprint(Gatewatch.self, Date())\n"
        #expect(try libraries(ofAgent: source).contains(where: isTooMuch))
    }

    private func isTooMuch(_ library: String) -> Bool {
        let isFoundation = library.contains("Foundation") && !library.contains("Essentials")
        return isFoundation || library.contains("ICU")
    }

    /// The shared libraries of a program made of `source` and the objects of this build.
    private func libraries(ofAgent source: String) throws -> [String] {
        let build = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        try #require(build.path.contains("/.build"), "this test needs the folder it was built in")
        var inputs = ["-I", build.appending(path: "Modules").path]
        for target in Self.cTargets {
            let map = build.appending(path: "\(target).build/module.modulemap").path
            inputs += ["-Xcc", "-fmodule-map-file=\(map)"]
        }
        for target in Self.swiftTargets + Self.cTargets + Self.cryptoTargets {
            // A build folder keeps the objects of files that are gone.
            let sources = Set(
                Tree.files.filter { $0.target == target }.map { $0.path.split(separator: "/").last }
            )
            inputs += try objects(in: build.appending(path: "\(target).build")).filter { path in
                let name = path.split(separator: "/").last?.dropLast(2)
                return Self.cryptoTargets.contains(target) || sources.contains(name)
            }
        }
        inputs += ["-I", Tree.root.appending(path: "Sources/CNetlinkRoute").path]
        inputs += try run("pkg-config", "--cflags", "--libs", "libnl-route-3.0").output
            .split(whereSeparator: \.isWhitespace).map(String.init)
        return try withTemporaryFolder { folder in
            let main = folder.appending(path: "main.swift")
            try source.write(to: main, atomically: true, encoding: .utf8)
            let agent = folder.appending(path: "agent").path
            let compiled = try run(
                "swiftc", "-swift-version", "6", "-lev", "-lstdc++", "-o", agent, main.path,
                sources: inputs)
            try #require(compiled.status == 0, "\(compiled.output)")
            return try run("ldd", agent).output.split(separator: "\n")
                .compactMap { $0.split(whereSeparator: \.isWhitespace).first.map(String.init) }
        }
    }

    private func objects(in folder: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".o") }.sorted()
            .map { folder.appending(path: $0).path }
    }
}
