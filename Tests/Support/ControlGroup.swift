internal import Foundation

/// Limits of memory and processor time, by whichever control groups the machine has.
public final class ControlGroup {
    private var folders: [URL] = []
    /// Where the most memory that was used at a time can be read; nil without a limit.
    private var peak: URL?
    /// What the machine cannot limit.
    public private(set) var missing: [String] = []

    /// A group that gets `memory` octets, and `processor` percent of one processor.
    public init(in lab: Lab, memory: Int, processor: Int) throws {
        let root = URL(filePath: "/sys/fs/cgroup")
        let name = "gwt-\(lab.identifier)"
        let times = "\(processor * 1_000)"
        let controllers = (try? text(root.appending(path: "cgroup.controllers"))) ?? ""
        if controllers.contains("memory"), controllers.contains("cpu") {
            try? write("+memory +cpu", root.appending(path: "cgroup.subtree_control"))
            let folder = try make(root.appending(path: name))
            try write("\(memory)", folder.appending(path: "memory.max"))
            try write("\(times) 100000", folder.appending(path: "cpu.max"))
            peak = folder.appending(path: "memory.peak")
            return
        }
        do {
            let folder = try make(root.appending(path: "memory/\(name)"))
            try write("\(memory)", folder.appending(path: "memory.limit_in_bytes"))
            peak = folder.appending(path: "memory.max_usage_in_bytes")
        } catch {
            missing.append("memory")
        }
        do {
            let folder = try make(root.appending(path: "cpu/\(name)"))
            try write("100000", folder.appending(path: "cpu.cfs_period_us"))
            try write(times, folder.appending(path: "cpu.cfs_quota_us"))
        } catch {
            missing.append("processor time")
        }
    }

    deinit {
        remove()
    }

    /// Files that a process writes its number to in order to be limited.
    public var doors: [String] { folders.map { $0.appending(path: "cgroup.procs").path } }

    /// The most octets that were used at a time; nil when nobody counted.
    public var peakMemory: Int? {
        peak.flatMap { try? text($0) }.flatMap { Int($0.filter(\.isNumber)) }
    }

    /// Takes the group away; its processes have to be gone.
    public func remove() {
        for folder in folders { unsafe rmdir(folder.path) }
        folders = []
    }

    private func make(_ folder: URL) throws -> URL {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        folders.append(folder)
        return folder
    }

    private func write(_ text: String, _ file: URL) throws {
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        try handle.write(contentsOf: Data(text.utf8))
    }

    private func text(_ file: URL) throws -> String {
        try String(contentsOf: file, encoding: .utf8)
    }
}
