import Foundation
import TestSupport
import Testing

extension OnAMachine {
    /// The unit, as systemd reads it.
    @Suite struct UnitTests {
        /// Above this, what the unit takes away has become less.
        private static let mostExposure = 2.5

        private func withUnit(_ body: (String) throws -> Void) async throws {
            try await withLab { lab in
                let root = lab.folder.appending(path: "root").path
                try Deployment.install(into: root, in: lab)
                let unit = lab.folder.appending(path: "gatewatch.service").path
                let text = try String(
                    contentsOfFile: "\(root)/usr/lib/systemd/system/gatewatch.service",
                    encoding: .utf8)
                // What it starts is not installed on this machine.
                try text.replacing("/usr/bin/gatewatch", with: "\(root)/usr/bin/gatewatch")
                    .replacing("Documentation=man:gatewatch(1)\n", with: "")
                    .write(toFile: unit, atomically: true, encoding: .utf8)
                try body(unit)
            }
        }

        @Test func `systemd understands every line`() async throws {
            try await withUnit { unit in
                let result = try Command.result(["systemd-analyze", "verify", unit])
                let complaints = result.errors.split(separator: "\n").filter {
                    $0.contains("gatewatch.service")
                }
                #expect(complaints == [] && result.status == 0, "\(result.errors)")
            }
        }

        @Test func `The service is exposed to little, by systemd's own measure`() async throws {
            try await withUnit { unit in
                let result = try Command.result([
                    "systemd-analyze", "security", "--offline=true", "--no-pager", unit,
                ])
                let line = try #require(
                    result.output.split(separator: "\n").first { $0.contains("Overall exposure") })
                let score = try #require(line.split(separator: " ").compactMap { Double($0) }.first)
                print("systemd-analyze security: \(score)")
                #expect(score <= Self.mostExposure, "\(result.output)")
            }
        }
    }
}
