internal import Foundation
internal import TestSupport

/// Kube-OVN's part, played by `fixtures/kube-ovn` in a namespace where the program of this build
/// has OpenBFDD's names.
struct KubeOVNPart {
    static let python = "/usr/bin/python3"

    let lab: Lab
    let namespace: Namespace
    /// What scripts and beacon run with.
    var environment: [String] = []
    /// The scripts, and a place for state.
    let folder: URL
    private let programs: URL

    /// `executable` is what the names stand for; the `gatewatch` next to the tests unless given.
    init(in lab: Lab, _ namespace: Namespace, executable: String? = nil) throws {
        self.lab = lab
        self.namespace = namespace
        programs = try lab.makeFolder("bin-\(namespace.name)")
        folder = try lab.makeFolder("part-\(namespace.name)")
        let fixtures = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "fixtures/kube-ovn")
        // Users other than root may not be let into the tree.
        try Command.run(["cp", "-R", "\(fixtures.path)/.", folder.path])
        let program = try executable ?? BuiltProduct.path(of: "gatewatch")
        for name in ["gatewatch", "bfdd-beacon", "bfdd-control"] {
            try FileManager.default.createSymbolicLink(
                atPath: programs.appending(path: name).path, withDestinationPath: program)
        }
        environment = [
            "PATH=\(programs.path):/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "GATEWATCH_STATE_DIRECTORY=\(folder.path)",
        ]
    }

    /// A command line with the environment before it.
    func line(_ arguments: [String]) -> [String] { ["env"] + environment + arguments }

    /// A program by its name, with whatever comes of it.
    func result(_ arguments: String...) throws -> CommandResult { try result(arguments) }

    /// The same with the arguments in a list.
    func result(_ arguments: [String]) throws -> CommandResult {
        try Command.result(line(arguments), in: namespace)
    }

    /// The output of `bfdd-control`.
    @discardableResult
    func control(_ arguments: String...) throws -> String {
        try Command.run(line(["bfdd-control"] + arguments), in: namespace)
    }

    /// What `part.py` prints.
    @discardableResult
    func play(_ arguments: String...) throws -> String {
        try Command.run(
            line([Self.python, folder.appending(path: "part.py").path] + arguments), in: namespace)
    }

    /// One of the scripts, with whatever comes of it.
    func script(_ name: String, _ arguments: String...) throws -> CommandResult {
        let path = folder.appending(path: "\(name).sh").path
        return try Command.result(line(["bash", path] + arguments), in: namespace)
    }

    /// What the supervisor reads out of the status.
    func sessions() throws -> [Session] {
        try JSONDecoder().decode([Session].self, from: Data(play("status").utf8))
    }

    /// Waits until it reads that all of so many sessions are in a state.
    func waitForAll(_ state: String, of count: Int) async throws {
        try await eventually("\(count) sessions are \(state)", within: 60) {
            let found = try sessions()
            return found.count == count && found.allSatisfy { $0.state == state }
        }
    }

    /// The processes in the namespace that have a name of OpenBFDD's.
    func beacons() throws -> [Int32] {
        let inside = try Command.run(["ip", "netns", "pids", namespace.name])
        return inside.split(separator: "\n").compactMap { Int32($0) }.filter { process in
            let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
            return name == "bfdd-beacon\n"
        }
    }

    /// Ends what beacons there are.
    func killBeacons() {
        for process in (try? beacons()) ?? [] { kill(process, SIGKILL) }
    }

    /// A discriminator of ours, as `status` shows it at its second level.
    func localDiscriminators() throws -> [Substring] {
        try control("status", "all", "level", "2", "compact").split(separator: " ")
            .filter { $0.hasPrefix("LocalId=") }
    }

    /// A session as the supervisor reads it.
    struct Session: Decodable, Equatable {
        let id: UInt32
        let local: String
        let remote: String
        let state: String
    }
}
