internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// The running daemon against the description of its control API.
    @Suite struct DescriptionTests {
        private static let root = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../..").standardizedFileURL

        @Test func `The daemon answers as its description says, whatever it is asked`()
            async throws
        {
            let schemathesis = Self.root.appending(path: ".build/schemathesis/bin/schemathesis")
            try #require(
                FileManager.default.isExecutableFile(atPath: schemathesis.path),
                "schemathesis is missing: make test-deps installs it")
            try await withLab { lab in
                let (daemon, _) = try GatewatchDaemon.idle(
                    in: lab, "routes: [{prefix: 10.1.0.0/16, next-hops: [{peer: tor-a}]}]")
                try await daemon.start()
                let port = UInt16.random(in: 20_000..<30_000)
                _ = try lab.start(
                    "socat",
                    [
                        "socat", "TCP-LISTEN:\(port),fork,bind=127.0.0.1,reuseaddr",
                        "UNIX-CONNECT:\(daemon.socket)",
                    ])
                // What is right in form may be a configuration that no session can have: 422.
                try """
                [checks]
                positive_data_acceptance.expected-statuses = [
                    "2xx", "404", "409", "422", "5xx"]
                """.write(
                    to: lab.folder.appending(path: "schemathesis.toml"), atomically: true,
                    encoding: .utf8)
                // Events are a stream that may be without end, packets one that is:
                // HostileClientTests and CaptureTests read them.
                // It leaves notes where it is run.
                let result = try Command.result([
                    "env", "--chdir=\(lab.folder.path)", schemathesis.path, "run",
                    Self.root.appending(path: "Sources/Daemon/OpenAPI/openapi.json").path,
                    "--url", "http://127.0.0.1:\(port)", "--exclude-path", "/v1/events",
                    "--exclude-path", "/v1/capture",
                    "--max-examples", "30", "--seed", "1", "--request-timeout", "10",
                    "--generation-database", "none",
                ])
                #expect(result.status == 0, "\(result.output.suffix(4_000))")
                print(result.output.split(separator: "\n").suffix(6).joined(separator: "\n"))
                // Sessions have come and gone, and the daemon goes on.
                #expect(try await daemon.terminate() == 0)
            }
        }
    }
}
