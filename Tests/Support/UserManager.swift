internal import Foundation

/// systemd itself, as the manager of a user's services, in namespaces of its own.
///
/// It has `/run` to itself, so that it takes the system for one that systemd has started, and a
/// control group, in which all that it starts stays.
public final class UserManager {
    /// Whether the kernel lets us make control groups of version 2.
    public static let isPossible: Bool = {
        let script = "mount -t cgroup2 none /sys/fs/cgroup && mkdir $0 && rmdir $0"
        let group = "/sys/fs/cgroup/gwp-\(UUID().uuidString.prefix(8))"
        let result = try? Command.result(["unshare", "--mount", "sh", "-c", script, group])
        return result?.status == 0
    }()

    /// systemd closes what it inherits, and whoever starts a process notices its end by that: so
    /// a shell waits for it.
    private static let start = """
        mount -t tmpfs tmpfs /run
        mkdir -p /run/systemd/system
        mount -t cgroup2 none /sys/fs/cgroup
        mkdir "/sys/fs/cgroup/$0"
        echo $$ >"/sys/fs/cgroup/$0/cgroup.procs"
        "$@" &
        wait $!
        """

    /// Ends what is in a control group, and takes it away; so too with those of labs that are gone.
    private static let end = """
        mount -t cgroup2 none /sys/fs/cgroup
        cd /sys/fs/cgroup
        for group in gwm-*; do
            [ -d "$group" ] || continue
            [ "$group" = "$0" ] || [ ! -d "/tmp/gwt-${group#gwm-}" ] || continue
            for _ in $(seq 300); do
                members=$(find "$group" -name cgroup.procs -exec cat {} +)
                [ -n "$members" ] || break
                kill -KILL $members || true
                sleep 0.1
            done
            find "$group" -depth -type d -exec rmdir {} +
        done
        """

    private let group: String
    private let units: URL
    private let runtime: String
    private let process: RunningProcess

    /// A manager that answers and has started nothing.
    public init(in lab: Lab, _ namespace: Namespace) async throws {
        group = "gwm-\(lab.identifier)"
        let folder = try lab.makeFolder("manager")
        units = folder.appending(path: "units")
        runtime = folder.appending(path: "run").path
        for name in ["units", "run", "nothing"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: false)
        }
        // Nothing but what is ours is found, whatever is installed on the machine.
        for name in ["default", "basic", "shutdown", "exit"] {
            try "[Unit]\nDescription=\(name)\n".write(
                to: units.appending(path: "\(name).target"), atomically: true, encoding: .utf8)
        }
        let nothing = folder.appending(path: "nothing").path
        process = try lab.start(
            "systemd",
            [
                "env", "-u", "NOTIFY_SOCKET", "-u", "LISTEN_FDS", "-u", "LISTEN_PID",
                "-u", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR=\(runtime)",
                "XDG_CONFIG_HOME=\(folder.path)", "SYSTEMD_UNIT_PATH=\(units.path)",
                "SYSTEMD_GENERATOR_PATH=\(nothing)",
                "SYSTEMD_ENVIRONMENT_GENERATOR_PATH=\(nothing)", "SYSTEMD_LOG_TARGET=console",
                "unshare", "--mount", "--propagation=private", "sh", "-ec", Self.start, group,
                "/lib/systemd/systemd", "--user", "--unit=default.target",
            ], in: namespace)
        try await eventually("systemd answers") {
            guard process.isRunning else { throw LabError("systemd ended: \(process.output)") }
            return try Command.result(systemctl(["show", "--property=Version"])).status == 0
        }
    }

    /// What runs a command where the manager is: its namespaces, not its control group.
    public var entrance: [String] {
        [
            "nsenter", "--target", "\(process.identifier)", "--mount", "--net", "--",
            "env", "XDG_RUNTIME_DIR=\(runtime)",
        ]
    }

    private func systemctl(_ arguments: [String]) -> [String] {
        entrance + ["systemctl", "--user", "--no-pager"] + arguments
    }

    /// Gives it a unit.
    public func install(_ name: String, _ text: String) throws {
        try text.write(to: units.appending(path: name), atomically: true, encoding: .utf8)
        try control("daemon-reload")
    }

    /// Has it do something, and waits until that is done.
    @discardableResult
    public func control(_ arguments: String...) throws -> String {
        try Command.run(systemctl(arguments))
    }

    /// What it knows of a unit.
    public func show(_ unit: String) throws -> Unit {
        Unit(try Command.run(systemctl(["show", unit])))
    }

    /// Ends everything that it has started, and itself.
    public func remove() {
        _ = try? Command.result(
            [
                "unshare", "--mount", "--propagation=private", "sh", "-ec", Self.end, group,
            ])
    }

    /// A unit's properties, as `systemctl show` prints them.
    public struct Unit: Sendable, CustomStringConvertible {
        private let properties: [String: String]

        fileprivate init(_ text: String) {
            let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                return parts.count == 2 ? (parts[0], parts[1]) : nil
            }
            properties = Dictionary(pairs) { first, _ in first }
        }

        /// One of them; empty when there is none.
        public subscript(_ name: String) -> String { properties[name] ?? "" }

        /// The unit's process; nil when it has none.
        public var mainProcess: Int32? { Int32(self["MainPID"]).flatMap { $0 > 1 ? $0 : nil } }

        /// Those that tell how it does.
        public var description: String {
            [
                "ActiveState", "SubState", "Result", "MainPID", "NRestarts",
                "NFileDescriptorStore",
            ].map { "\($0)=\(self[$0])" }.joined(separator: " ")
        }
    }
}
