internal import Foundation
internal import Synchronization

/// Removes labs, our own at their end and those whose owner did not live to do it.
///
/// A lab's folder holds `owner` and `processes`: a process id and its start time per line, since
/// an id alone may by now belong to somebody else.
public enum LabSweep {
    private static let root = "/tmp"
    private static let isSwept = Mutex(false)

    /// Removes the labs of dead owners, if this run has not done so yet.
    static func removeLeftoversOnce() {
        let isFirst = isSwept.withLock { swept in
            defer { swept = true }
            return !swept
        }
        if isFirst { removeLeftovers() }
    }

    /// Removes the labs of dead owners.
    public static func removeLeftovers() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        for name in names where name.hasPrefix("gwt-") {
            let folder = URL(filePath: root).appending(path: name)
            guard let owner = records(in: folder, file: "owner").first, !owner.isAlive else {
                continue
            }
            for process in records(in: folder, file: "processes") where process.isAlive {
                kill(process.identifier, SIGKILL)
            }
            let namespaces = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns"))
            remove(
                folder: folder,
                namespaces: (namespaces ?? []).filter { $0.hasPrefix("\(name)-") })
        }
    }

    static func writeOwner(of folder: URL) throws {
        try append(getpid(), to: folder.appending(path: "owner"))
    }

    static func remember(_ process: Int32, in folder: URL) throws {
        try append(process, to: folder.appending(path: "processes"))
    }

    /// Deletes namespaces, with whatever still runs inside, and the folder.
    static func remove(folder: URL, namespaces: [String]) {
        for name in namespaces {
            let inside = try? Command.run(["ip", "netns", "pids", name])
            for text in (inside ?? "").split(separator: "\n") {
                if let identifier = Int32(text) { kill(identifier, SIGKILL) }
            }
            _ = try? Command.run(["ip", "netns", "delete", name])
        }
        if ProcessInfo.processInfo.environment["GATEWATCH_KEEP_LABS"] == nil {
            try? FileManager.default.removeItem(at: folder)
        }
    }

    private struct Record {
        let identifier: Int32
        let startTime: String

        var isAlive: Bool { LabSweep.startTime(of: identifier) == startTime }
    }

    private static func records(in folder: URL, file: String) -> [Record] {
        let path = folder.appending(path: file)
        guard let text = try? String(contentsOf: path, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 2, let identifier = Int32(words[0]) else { return nil }
            return Record(identifier: identifier, startTime: String(words[1]))
        }
    }

    private static func append(_ identifier: Int32, to path: URL) throws {
        let line = "\(identifier) \(startTime(of: identifier) ?? "gone")\n"
        let earlier = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
        try (earlier + line).write(to: path, atomically: true, encoding: .utf8)
    }

    /// The 22nd field of `/proc/PID/stat`, counted after the command's closing parenthesis.
    private static func startTime(of identifier: Int32) -> String? {
        guard let text = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else {
            return nil
        }
        let fields = text[end...].split(separator: " ")
        return fields.count > 20 ? String(fields[20]) : nil
    }
}
