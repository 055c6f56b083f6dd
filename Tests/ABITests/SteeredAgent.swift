import Foundation
import TestSupport
import Testing

/// `Programs/steered.c` in a namespace, under valgrind where that is installed.
final class SteeredAgent {
    enum Mode: String, CaseIterable, Sendable {
        case managed, driven
    }

    private let process: RunningProcess
    private let pipe: FileHandle

    init(_ mode: Mode, in lab: Lab, _ namespace: Namespace) async throws {
        let program = try BuiltLibrary.compile("\(BuiltLibrary.programs)/steered.c")
        let path = try lab.makeFolder("agent-\(namespace.name)").appending(path: "pipe").path
        try Command.run(["mkfifo", path])
        process = try lab.start(
            "agent", try BuiltLibrary.command(program, [mode.rawValue, path]), in: namespace)
        // For reading, too: it is there from the start, whoever else has opened it.
        pipe = try #require(FileHandle(forUpdatingAtPath: path))
        try await expect("ready")
    }

    /// What it has told so far.
    var lines: [String] { process.output.split(separator: "\n").map(String.init) }

    /// Has it do something, and waits for the result; what comes behind the verb.
    @discardableResult
    func tell(_ line: String) async throws -> String {
        let verb = line.prefix { $0 != " " }
        func answers() -> [String] {
            lines.filter { $0.prefix { $0 != " " } == verb }
                .map { String($0.dropFirst(verb.count + 1)) }
        }
        let told = answers().count
        try pipe.write(contentsOf: Data("\(line)\n".utf8))
        return try await eventualValue("the agent answers to \(line), not \(process.output)") {
            let answers = answers()
            return answers.count > told ? answers[told] : nil
        }
    }

    /// Waits until it has told something.
    func expect(_ line: String, times: Int = 1) async throws {
        try await eventually("the agent tells \(line) in \(process.output)") {
            self.lines.count { $0.hasPrefix(line) } >= times
        }
    }

    /// Waits until the status of a session has some words.
    func expectStatus(_ number: Int, _ words: String...) async throws {
        let patience = Date(timeIntervalSinceNow: 60)
        while true {
            let status = try await tell("status \(number)").split(separator: " ")
            if words.allSatisfy({ status.contains(Substring($0)) }) { return }
            guard Date() < patience else { throw LabError("\(status) and not \(words)") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Ends it, and whether it has left nothing behind.
    func end() async throws {
        try pipe.write(contentsOf: Data("end\n".utf8))
        try await expect("ended")
        #expect(try await process.waitForEnd() == 0, "\(process.output)")
    }
}
