internal import Foundation
internal import LinuxSystem
internal import Logging

// A service manager takes a process of its unit only for the unit's main one, unless root says so.
// A successor is started beside the unit, so it moves there first; then the one before it names it:
//
//     running                               its successor
//                 may follow + terms →      which manager supervises the running one
//                                           moves to its control group, if it may
//                            ← name me      asks to be named
//                            ← go …
//                            yours →
//     MAINPID= → manager
//                            history →      READY=1, WATCHDOG=1 → manager
//     ends

/// Which service manager supervises a daemon.
struct ServiceTerms: Codable {
    /// Where it listens.
    var notifySocket: String
    /// How often it wants a sign of life at the latest; nil when it does not.
    var watchdogMicroseconds: UInt64?

    /// Nil where nobody listens.
    init?(_ notifier: ServiceNotifier) {
        guard let path = notifier.path else { return nil }
        notifySocket = path
        watchdogMicroseconds = notifier.watchdogMicroseconds
    }

    /// The way to tell it.
    var notifier: ServiceNotifier {
        ServiceNotifier(path: notifySocket, watchdogMicroseconds: watchdogMicroseconds)
    }
}

/// The control group by which a service manager knows the processes of a unit (cgroup v2).
enum UnitControlGroup {
    /// Moves this process to the group of another one; what was against it, or nil.
    static func join(processID: Int32) -> String? {
        guard let path = path(ofProcess: "\(processID)") else {
            return "process \(processID) is in no control group of version 2"
        }
        guard path != self.path(ofProcess: "self") else { return nil }
        // Outside of what this process sees of the tree.
        guard !path.contains("/../"), !path.hasSuffix("/..") else { return "it is out of sight" }
        let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        guard
            let root = roots.first(where: {
                FileManager.default.fileExists(atPath: "\($0)/cgroup.procs")
                    && !FileManager.default.fileExists(atPath: "\($0)/tasks")
            })
        else { return "no control groups of version 2 are mounted" }
        do {
            let file = try FileHandle(
                forWritingTo: URL(fileURLWithPath: "\(root)\(path)/cgroup.procs"))
            try file.write(contentsOf: Data("0\n".utf8))
            return nil
        } catch {
            return ConfigurationFile.reason(error)
        }
    }

    private static func path(ofProcess process: String) -> String? {
        let text = try? String(contentsOfFile: "/proc/\(process)/cgroup", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("0::") }
        return line.map { String($0.dropFirst(3)) }
    }
}

extension Predecessor {
    /// What supervises this process from now on: its own manager, or else that of the one before,
    /// to whose unit it moves.
    func followService(_ logger: Logger) {
        guard !ServiceNotifier().isHeard, let service = terms.service else { return }
        notifier = service.notifier
        guard let reason = UnitControlGroup.join(processID: terms.processID) else { return }
        logger.warning(
            """
            not moved to the control group of process \(terms.processID), so the service manager \
            may not go on with this one: \(reason)
            """)
    }
}

extension Daemon {
    /// Has the service manager go on with the successor, if that wants to be supervised by it.
    func name(successor: Int32?) {
        guard let successor, successor > 0 else {
            // What sockets it keeps would be nobody's.
            return sockets.end()
        }
        if let refusal = supervision.name(successor: successor) {
            logger.warning("the service manager was not told of the successor: \(refusal)")
        }
    }
}
