import Foundation
import LinuxSystem
import NodeSurvey

/// A tree of files in a folder that goes with it.
final class FakeTree {
    private let folder: URL
    var tree: FileTree { FileTree(root: folder.path) }
    var survey: NetworkManagerSurvey { NetworkManagerSurvey(tree) }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "gwt-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func write(_ path: String, _ text: String) throws {
        let file = folder.appending(path: String(path.dropFirst()))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: false, encoding: .utf8)
    }

    func link(_ path: String, to target: String) throws {
        let file = folder.appending(path: String(path.dropFirst()))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: file.path, withDestinationPath: target)
    }

    /// NetworkManager as a process in the namespace with this inode.
    func runNetworkManager(process: Int32, namespace: UInt64) throws {
        try write("/proc/\(process)/comm", "NetworkManager\n")
        try link("/proc/\(process)/ns/net", to: "net:[\(namespace)]")
    }
}
