import Foundation
import LinuxSystem
import NodeSurvey
import Testing

/// Debian's NetworkManager on a system bus of its own, among mounts that nobody else sees.
///
/// It runs in the namespace of the thread that starts it and sees nothing of the machine's links,
/// configuration and bus. `/sys` is not writable there, so that it does not wait for udev.
final class NetworkManagerLab {
    static let isThere = ["/usr/sbin/NetworkManager", "/usr/bin/dbus-daemon", "/usr/bin/nmcli"]
        .allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }

    private let process = Process()

    /// Starts both with connection profiles, and a list of devices to leave alone.
    init(profiles: [String: String], unmanaged: String) throws {
        let files = profiles.map { name, text in
            "cat >$N/system-connections/\(name).nmconnection <<'END'\n\(text)\nEND\n"
        }
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = [
            "--kill-after=2", "90", "unshare", "-m", "--propagation", "private", "sh", "-ec",
            Self.prelude(unmanaged) + files.joined() + Self.start,
        ]
        process.standardInput = FileHandle.nullDevice
        let isTold = ProcessInfo.processInfo.environment["GATEWATCH_KEEP_LABS"] != nil
        if !isTold { process.standardError = FileHandle.nullDevice }
        process.standardOutput = FileHandle.nullDevice
        try launch()
    }

    /// Swift's own threads block signals; a process that inherits that never hears SIGTERM.
    private func launch() throws {
        var none = sigset_t()
        var previous = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &previous)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
        try process.run()
    }

    /// Ends both and waits for it.
    func end() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// Asks until it holds, for ten seconds.
    func waitUntil(_ what: String, _ condition: () throws -> Bool) throws {
        let deadline = Clock.monotonicNanoseconds() + 10_000_000_000
        while try !condition() {
            guard Clock.monotonicNanoseconds() < deadline, process.isRunning else {
                Issue.record("waited in vain until \(what)")
                return
            }
            usleep(50_000)
        }
    }

    /// Runs nmcli where it finds this bus.
    @discardableResult
    func nmcli(_ words: String...) throws -> String {
        let process = try #require(self.identifier)
        return try shell(["nsenter", "-m", "-t", "\(process)", "nmcli", "--terse"] + words)
    }

    /// NetworkManager's own process.
    private var identifier: Int32? {
        let tree = FileTree()
        guard let inode = try? NetworkNamespace.current().inode else { return nil }
        return tree.names(in: "/proc").compactMap { Int32($0) }.first {
            tree.text("/proc/\($0)/comm") == "NetworkManager\n"
                && tree.networkNamespace(ofProcess: $0) == inode
        }
    }

    private static func prelude(_ unmanaged: String) -> String {
        """
        N=/etc/NetworkManager
        for folder in /run $N /var/lib/NetworkManager; do mount -t tmpfs tmpfs $folder; done
        mount -t sysfs -o ro sysfs /sys
        mkdir -p /run/dbus $N/system-connections
        cat >$N/NetworkManager.conf <<END
        [main]
        plugins=keyfile
        dns=none
        auth-polkit=false
        no-auto-default=*
        [keyfile]
        unmanaged-devices=\(unmanaged)
        END
        cat >/run/dbus/bus.conf <<END
        <busconfig><type>system</type>
        <listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
        <policy context="default"><allow user="*"/><allow own="*"/>
        <allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
        END

        """
    }

    private static let start = """
        chmod 600 $N/system-connections/*
        dbus-daemon --config-file=/run/dbus/bus.conf --nofork --nopidfile & D=$!
        while ! test -S /run/dbus/system_bus_socket; do sleep 0.05; done
        NetworkManager --no-daemon & M=$!
        trap 'kill $M; wait $M; kill $D; exit 0' TERM
        wait $M
        """
}
