@testable import Daemon
import Foundation
import LinuxSystem
import Testing

/// A log that nobody reads.
@Suite struct LogOutputTests {
    private static func notice(_ count: Int) -> String { "\(count) missing" }

    /// All that is in the pipe now.
    private func content(_ pipe: Pipe) -> String {
        let handle = pipe.fileHandleForReading
        var data = Data()
        while DescriptorReadiness.waitUntilReadable(handle.fileDescriptor, milliseconds: 0) {
            data.append(handle.availableData)
        }
        return String(decoding: data, as: UTF8.self)
    }

    @Test func `Lines that have no room are left out and counted, and nobody waits for ever`() {
        let pipe = Pipe()
        let output = LogOutput(
            descriptor: pipe.fileHandleForWriting.fileDescriptor, patienceMilliseconds: 1)
        // More than a pipe holds.
        let line = String(repeating: "x", count: 999)
        for _ in 0..<2_000 { output.write(line, notice: Self.notice) }
        let linesBefore = content(pipe).split(separator: "\n")
        #expect(linesBefore.count < 2_000 && linesBefore.allSatisfy { $0.count == 999 })
        output.write("there is room again", notice: Self.notice)
        #expect(
            content(pipe) == "\(2_000 - linesBefore.count) missing\nthere is room again\n")
        output.write("and still", notice: Self.notice)
        #expect(content(pipe) == "and still\n")
    }

    @Test func `A line longer than what a pipe takes at once comes whole`() {
        let pipe = Pipe()
        let output = LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let line = String(repeating: "y", count: 30_000)
        output.write(line, notice: Self.notice)
        #expect(content(pipe) == line + "\n")
    }
}
