internal import Foundation

/// A service manager, as far as a daemon notices: it hears what is told, keeps descriptors, and
/// passes them to the next process.
public final class ServiceManager {
    /// Prints what it hears, a datagram a line, after the process it came from. Keeps sockets by
    /// name, each once, and gives whoever connects what it has.
    private static let script = """
        import array, os, socket, struct, sys, threading
        heard, given = sys.argv[1:3]
        kept = []

        def inode(descriptor):
            return os.fstat(descriptor).st_ino

        def give():
            door = socket.socket(socket.AF_UNIX)
            door.bind(given)
            door.listen()
            while True:
                client = door.accept()[0]
                have = list(kept)
                names = ":".join(name for name, _ in have).encode()
                rights = array.array("i", [number for _, number in have])
                aside = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if have else []
                client.sendmsg([struct.pack("<I", len(names)) + names], aside)
                client.close()

        def hear(data, descriptors):
            lines = data.decode().split("\\n")
            values = dict(line.split("=", 1) for line in lines)
            name = values.get("FDNAME", "stored")
            if "FDSTOREREMOVE" in values:
                for member in [member for member in kept if member[0] == name]:
                    kept.remove(member)
                    os.close(member[1])
            for descriptor in descriptors:
                known = any(inode(descriptor) == inode(other) for _, other in kept)
                if "FDSTORE" in values and not known:
                    kept.append((name, descriptor))
                else:
                    os.close(descriptor)
            return " ".join(lines)

        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        listener.bind(heard)
        threading.Thread(target=give, daemon=True).start()
        while not os.path.exists(given):
            pass
        print("listening", flush=True)
        while True:
            data, aside, _, _ = listener.recvmsg(4096, 4096)
            descriptors, process = [], 0
            for _, kind, octets in aside:
                if kind == socket.SCM_RIGHTS:
                    whole = len(octets) - len(octets) % 4
                    descriptors += array.array("i", octets[:whole])
                elif kind == socket.SCM_CREDENTIALS:
                    process = struct.unpack("3i", octets[:12])[0]
            print(process, hear(data, descriptors), flush=True)
        """

    /// Takes what the manager has, and becomes the daemon with it.
    private static let starter = """
        import array, fcntl, os, socket, struct, sys
        given = socket.socket(socket.AF_UNIX)
        given.connect(sys.argv[1])
        data, aside, _, _ = given.recvmsg(65536, socket.CMSG_SPACE(4 * 253))
        descriptors = array.array("i")
        for _, kind, octets in aside:
            descriptors.frombytes(octets)
        high = [fcntl.fcntl(each, fcntl.F_DUPFD, 400) for each in descriptors]
        given.close()
        # What was inherited stays open: whoever started this notices the end by it.
        for number in [int(each) for each in os.listdir("/proc/self/fd")]:
            if 2 < number < 400 and number not in descriptors:
                try:
                    fcntl.fcntl(number, fcntl.F_DUPFD, 600)
                except OSError:
                    pass
        os.closerange(3, 400)
        for place, descriptor in enumerate(high):
            os.dup2(descriptor, 3 + place)
        os.closerange(400, 600)
        if descriptors:
            os.environ["LISTEN_FDS"] = str(len(descriptors))
            os.environ["LISTEN_FDNAMES"] = data[4:].decode()
            os.environ["LISTEN_PID"] = str(os.getpid())
        os.execvp(sys.argv[2], sys.argv[2:])
        """

    private let process: RunningProcess
    private let paths: (heard: String, given: String)

    /// A manager that listens.
    public init(in lab: Lab) async throws {
        let name = UUID().uuidString.prefix(8)
        paths = (
            lab.folder.appending(path: "notify-\(name)").path,
            lab.folder.appending(path: "stored-\(name)").path
        )
        process = try lab.start(
            "manager", ["python3", "-uc", Self.script, paths.heard, paths.given])
        try await eventually("the manager listens") { [process] in
            process.output.contains("listening")
        }
    }

    /// What starts a daemon as this manager does, with more in its environment.
    public func wrapper(_ environment: String...) -> [String] {
        ["env", "NOTIFY_SOCKET=\(paths.heard)"] + environment + [
            "python3", "-c", Self.starter, paths.given,
        ]
    }

    /// Where it listens.
    public var path: String { paths.heard }

    /// What it has heard: from which process, and the assignments with spaces between them.
    public var messages: [(process: Int32, text: String)] {
        process.output.split(separator: "\n").dropFirst().compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let process = Int32(parts[0]) else { return nil }
            return (process, String(parts[1]))
        }
    }

    /// What one process has said.
    public func texts(of process: Int32) -> [String] {
        messages.filter { $0.process == process }.map(\.text)
    }

    /// The names of the descriptors that it was told to keep, less those to forget.
    public var keptNames: Set<String> {
        var names: Set<String> = []
        for (_, text) in messages {
            let values = text.split(separator: " ")
            guard let name = values.first(where: { $0.hasPrefix("FDNAME=") })?.dropFirst(7) else {
                continue
            }
            if values.contains("FDSTORE=1") { names.insert(String(name)) }
            if values.contains("FDSTOREREMOVE=1") { names.remove(String(name)) }
        }
        return names
    }
}
