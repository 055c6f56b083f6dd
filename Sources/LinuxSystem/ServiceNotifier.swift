internal import CLinux
internal import Glibc

/// Tells the service manager how the daemon is doing, as sd_notify(3) describes; says nothing where
/// no manager listens.
public struct ServiceNotifier: Sendable {
    /// Where it listens; nil where none does.
    public let path: String?
    /// How often the manager wants a sign of life at the latest; nil when it does not.
    public let watchdogMicroseconds: UInt64?
    /// How long to wait for room for what must not be lost.
    private static let patience: Int32 = 1_000

    /// The manager that the environment names.
    public init() {
        let process = Self.variable("WATCHDOG_PID").flatMap { Int32($0) }
        let interval = Self.variable("WATCHDOG_USEC").flatMap { UInt64($0) }
        self.init(
            path: Self.variable("NOTIFY_SOCKET"),
            watchdogMicroseconds: process == nil || process == getpid() ? interval : nil)
    }

    /// A manager that listens at a path, or at an abstract name that begins with @.
    public init(path: String?, watchdogMicroseconds: UInt64?) {
        self.path = path
        self.watchdogMicroseconds = watchdogMicroseconds
    }

    /// Whether somebody listens.
    public var isHeard: Bool { path != nil }

    /// Sends assignments such as `READY=1`; a manager that cannot be reached is its own trouble.
    public func tell(_ assignments: String...) {
        guard let path else { return }
        _ = unsafe gw_notify(path, assignments.joined(separator: "\n"), -1, 0)
    }

    /// The same for what must not be lost: waits for room, but not long; the refusal, or nil.
    public func insist(_ assignments: String...) -> Errno? {
        send(assignments.joined(separator: "\n"), passing: -1)
    }

    /// Has the manager keep a descriptor for this process and those after it; the refusal, or nil.
    public func keep(_ descriptor: Int32, named name: String) -> Errno? {
        // It is no business of the manager what can be read from it.
        send("FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0", passing: descriptor)
    }

    /// Has the manager close the descriptors that it keeps by a name; the refusal, or nil.
    public func forget(named name: String) -> Errno? {
        send("FDSTOREREMOVE=1\nFDNAME=\(name)", passing: -1)
    }

    private func send(_ text: String, passing descriptor: Int32) -> Errno? {
        guard let path else { return nil }
        let result = unsafe gw_notify(path, text, descriptor, Self.patience)
        return result < 0 ? Errno(rawValue: -result) : nil
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}

/// A socket that the service manager has kept for this process; whoever has it closes it.
public struct PassedSocket: Sendable, Hashable {
    /// The name that it was kept by.
    public let name: String
    /// Its descriptor.
    public let descriptor: Int32

    /// A socket by its name.
    public init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }

    /// Takes what was passed to this process, as sd_listen_fds_with_names(3) describes, out of the
    /// environment.
    ///
    /// To be called once, while there is one thread. What is for another process, or no socket, is
    /// left alone.
    public static func takeAll() -> [PassedSocket] {
        let names = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"]
        let values = names.map { name in unsafe getenv(name).map { unsafe String(cString: $0) } }
        for name in names { unsafe unsetenv(name) }
        guard let process = values[0].flatMap({ Int32($0) }), process == getpid(),
            let count = values[1].flatMap({ Int32($0) }), count > 0, count <= 65_536
        else { return [] }
        let called = (values[2] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        return (0..<count).compactMap { place in
            let descriptor = 3 + place
            guard gw_adopt_socket(descriptor) == 1 else { return nil }
            let name = called.count == Int(count) ? String(called[Int(place)]) : ""
            return PassedSocket(name: name, descriptor: descriptor)
        }
    }
}
