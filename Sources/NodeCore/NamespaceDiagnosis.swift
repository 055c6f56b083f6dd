/// Why a network namespace cannot be entered, one case per form that needs its own repair.
public enum NamespaceDiagnosis: Sendable, Hashable {
    /// A: nothing is at the path.
    case absent(path: String)
    /// B, C or D: a plain file. The namespace may live in another mount namespace (B), be held by
    /// a process alone (C), or be gone (D); the file itself does not tell.
    case plainFile(path: String)
    /// E: a directory.
    case directory(path: String)
    /// E: a namespace of another type.
    case otherNamespace(path: String, type: String)
    /// E: no namespace at all.
    case notNamespace(path: String)
    /// F: the kernel refuses for want of rights.
    case notPermitted(path: String, operation: String)
    /// X: the kernel refuses for another reason.
    case refused(path: String, operation: String, reason: String)

    /// The verdict on what was met.
    public init(_ evidence: NamespaceEvidence) {
        let path = evidence.path
        switch evidence.object {
        case .nothing: self = .absent(path: path)
        case .plainFile: self = .plainFile(path: path)
        case .directory: self = .directory(path: path)
        case .otherNamespace(let type): self = .otherNamespace(path: path, type: type)
        case .somethingElse: self = .notNamespace(path: path)
        case .outOfReach(let operation): self = .notPermitted(path: path, operation: operation)
        case .failing(let operation, let reason):
            self = .refused(path: path, operation: operation, reason: reason)
        }
    }

    /// A short code that stays the same when words change.
    public var code: String {
        switch self {
        case .absent: "namespace-A"
        case .plainFile: "namespace-BCD"
        case .directory, .otherNamespace, .notNamespace: "namespace-E"
        case .notPermitted: "namespace-F"
        case .refused: "namespace-X"
        }
    }

    /// What is wrong, as a sentence without a final stop.
    public var cause: String {
        switch self {
        case .absent(let path):
            "no network namespace at \(path): nothing is there"
        case .plainFile(let path):
            "\(path) is a plain file: seen from here no network namespace is mounted on it "
                + "(the kernel would say \"Invalid argument\"). The namespace may well be alive, "
                + "mounted only inside a pod such as kube-ovn-cni"
        case .directory(let path):
            "\(path) is a directory, not a network namespace"
        case .otherNamespace(let path, let type):
            "\(path) is a namespace, but of type \(Self.described(type)), not a network namespace"
        case .notNamespace(let path):
            "\(path) is neither a network namespace nor any other namespace"
        case .notPermitted(let path, let operation):
            "no permission to enter the network namespace \(path) (\(operation) was refused)"
        case .refused(let path, let operation, let reason):
            "the network namespace \(path) cannot be entered (\(operation): \(reason))"
        }
    }

    /// What to do next, as whole sentences.
    public var nextStep: String {
        switch self {
        case .absent(let path): Self.stepWhenAbsent(path)
        case .plainFile(let path): Self.stepWhenPlainFile(path)
        case .directory(let path):
            "Give the namespace itself, such as \(path)/NAME, or its name; \"ip netns list\" shows "
                + "those there are."
                + (Self.creation(path).map { creation in
                    " If this directory was made by mistake in place of the namespace, remove it "
                        + "with \"rmdir \(path)\" and create the namespace with \"\(creation)\"."
                } ?? "")
        case .otherNamespace(let path, _): Self.stepWhenOtherNamespace(path)
        case .notNamespace(let path):
            "See what it is with \"stat \(path)\", then give the name or path of a network "
                + "namespace; \"ip netns list\" shows those there are."
        case .notPermitted(_, let operation):
            "Start gatewatch as root, or with CAP_SYS_ADMIN and CAP_NET_ADMIN in the user "
                + "namespace that owns the network namespace; in a pod also allow "
                + "\"\(operation)\" in its seccomp and AppArmor profiles."
        case .refused(let path, _, _):
            "Try it by hand with \"nsenter --net=\(path) ip link\"; the same refusal there means "
                + "the node is at fault, not gatewatch."
        }
    }

    /// The verdict with its words.
    public var finding: Finding { Finding(code: code, cause: cause, nextStep: nextStep) }
}

extension NamespaceDiagnosis {
    private static func stepWhenAbsent(_ path: String) -> String {
        guard let creation = creation(path) else {
            return "Check the path; \"ip netns list\" and \"lsns -t net\" show the network "
                + "namespaces there are. A path under /proc is gone when its process is."
        }
        return "Check the spelling: \"ip netns list\" shows those there are. If the name is right, "
            + "create it with \"\(creation)\"; under Kube-OVN do that before the kube-ovn-cni pod "
            + "starts, or wait until the pod has made it."
    }

    private static func stepWhenPlainFile(_ path: String) -> String {
        let name = lastComponent(path)
        let last =
            creation(path).map { "so nothing lives there: rm \(path) && \($0)" }
            ?? "so this file has nothing to do with a namespace: give the name or path of one"
        return """
            Do not delete the file yet: if the namespace is alive, deleting it here can destroy it.
            1. Find who has it mounted: grep -ls "/\(name) .* nsfs " /proc/[0-9]*/mountinfo
               A line /proc/PID/mountinfo means it is alive: set namespace to \
            /proc/PID/root\(path)
            2. No line: find processes that live in it without a mount: lsns -t net
               If one of them is it, set namespace to /proc/PID/ns/net
            3. Neither finds it, \(last)
            """
    }

    private static func stepWhenOtherNamespace(_ path: String) -> String {
        let general = "\"ip netns list\" and \"lsns -t net\" show the network namespaces there are."
        let directory = path.dropLast(lastComponent(path).utf8.count)
        guard directory.hasSuffix("/ns/") else {
            return "Give the name or path of a network namespace; \(general)"
        }
        return "Use the network namespace of the same process, \(directory)net; \(general)"
    }

    /// The command that makes a namespace at the path; nil where iproute2 keeps none.
    private static func creation(_ path: String) -> String? {
        let name = lastComponent(path)
        let directories = ["/run/netns/", "/var/run/netns/"]
        return directories.contains { path == $0 + name } ? "ip netns add \(name)" : nil
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func described(_ type: String) -> String {
        switch type {
        case "mnt": "mnt (a mount namespace)"
        case "user": "user (a user namespace)"
        case "pid": "pid (a process namespace)"
        default: type
        }
    }
}
