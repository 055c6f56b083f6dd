internal import CLinux
internal import Glibc

/// Tells the service manager how the daemon is doing, as sd_notify(3) describes; says nothing where
/// no manager listens.
public struct ServiceNotifier: Sendable {
    private let path: String?
    /// How often the manager wants a sign of life at the latest; nil when it does not.
    public let watchdogMicroseconds: UInt64?

    /// The manager that the environment names.
    public init() {
        path = Self.variable("NOTIFY_SOCKET")
        let process = Self.variable("WATCHDOG_PID").flatMap { Int32($0) }
        let interval = Self.variable("WATCHDOG_USEC").flatMap { UInt64($0) }
        watchdogMicroseconds = process == nil || process == getpid() ? interval : nil
    }

    /// Whether somebody listens.
    public var isHeard: Bool { path != nil }

    /// Sends assignments such as `READY=1`; a manager that cannot be reached is its own trouble.
    public func tell(_ assignments: String...) {
        guard let path else { return }
        _ = unsafe gw_notify(path, assignments.joined(separator: "\n"))
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
