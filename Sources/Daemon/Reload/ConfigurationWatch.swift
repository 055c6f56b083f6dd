internal import EventLoop
internal import Foundation
internal import LinuxSystem

/// Notices that files have changed, whoever changes them and how.
///
///     gatewatch.yaml ─▶ ..data/gatewatch.yaml     a volume of Kubernetes: a new folder is made,
///     ..data ─▶ ..2026_11_21_09_03_00.1           and `..data` led there by one rename
///
/// The directories of the paths and of what they lead to are watched. What happened there is a
/// reason to look: files count as changed when they are others than at the last reading, and stay
/// the same from one look to the next. So a file is not read while somebody writes it.
final class ConfigurationWatch {
    /// What tells a file from what it was before.
    private struct Mark: Hashable {
        var path: String
        var inode: UInt64
        var byteCount: UInt64
        var modified: Date?
    }

    /// Between two looks that must see the same.
    private static let settling: Int64 = 100_000_000
    /// For what no directory tells of, such as a folder above that is exchanged.
    private static let pause: Int64 = 10_000_000_000

    private let watch: DirectoryWatch
    private var paths: [String] = []
    private var read: [String: Mark] = [:]
    private var seen: [String: Mark]?
    private var isSettling = false
    private var watcher: DescriptorWatcher?
    private var timer: TimerWatcher?
    private let onChange: () -> Void

    init(
        _ path: String, _ loop: EventLoop, onChange: @escaping () -> Void
    ) throws(SystemError) {
        self.onChange = onChange
        watch = try DirectoryWatch()
        watcher = DescriptorWatcher(loop, descriptor: watch.descriptor) { [unowned self] in
            self.watch.acknowledge()
            self.settle()
        }
        timer = TimerWatcher(loop) { [unowned self] in self.look() }
        paths = [path]
        noteReading()
        timer?.fire(after: Self.pause)
    }

    /// Watches other files too from now on, such as those with secrets.
    func follow(_ others: [String]) {
        let all = [paths[0]] + Set(others).sorted()
        guard all != paths else { return }
        paths = all
        for (path, mark) in marks() where read[path] == nil { read[path] = mark }
        watchDirectories()
    }

    /// The files are being read as they are now.
    func noteReading() {
        read = marks()
        seen = nil
        watchDirectories()
    }

    /// However much happens in the directories, looks are neither put off nor more frequent.
    private func settle() {
        guard !isSettling else { return }
        isSettling = true
        timer?.fire(after: Self.settling)
    }

    private func look() {
        isSettling = false
        watchDirectories()
        let now = marks()
        guard now != read else {
            seen = nil
            timer?.fire(after: Self.pause)
            return
        }
        guard now == seen else {
            seen = now
            settle()
            return
        }
        seen = nil
        timer?.fire(after: Self.pause)
        onChange()
    }

    private func watchDirectories() {
        for path in paths {
            for place in Set([path, Self.resolved(path)]) {
                watch.watch(Self.directory(of: place), contents: true)
            }
        }
    }

    private func marks() -> [String: Mark] {
        var marks: [String: Mark] = [:]
        for path in paths {
            let target = Self.resolved(path)
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else {
                continue
            }
            marks[path] = Mark(
                path: target,
                inode: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0,
                byteCount: (attributes[.size] as? NSNumber)?.uint64Value ?? 0,
                modified: attributes[.modificationDate] as? Date)
        }
        return marks
    }

    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
