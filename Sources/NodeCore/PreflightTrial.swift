/// What became of trying something.
public enum Trial: Sendable, Hashable {
    /// It works; with what was seen.
    case works(String)
    /// It does not; with the kernel's text.
    case fails(String)
    /// It was not tried; with the reason.
    case notTried(String)
}

/// Something that this node's kernel is asked to do before anything depends on it.
public enum PreflightFeature: String, Sendable, Hashable, CaseIterable {
    /// A network namespace is made, entered and taken away.
    case namespace = "a namespace"
    /// BFD packets go through a veth pair both ways.
    case packets = "BFD packets both ways"
    /// The kernel tells when a packet arrived.
    case receiveStamps = "receive stamps"
    /// A timerfd fires.
    case timer = "timerfd"
    /// Next-hop objects.
    case nextHops = "next-hop objects"
    /// Groups of them.
    case nextHopGroups = "next-hop groups"
    /// Groups that keep flows where they are.
    case resilientGroups = "resilient groups"
    /// SCHED_FIFO.
    case realTimePriority = "real-time priority"
    /// What the process may do.
    case capabilities = "capabilities"

    /// Whether nothing works without it.
    public var isRequired: Bool {
        switch self {
        case .namespace, .packets, .receiveStamps, .timer, .capabilities: true
        case .nextHops, .nextHopGroups, .resilientGroups, .realTimePriority: false
        }
    }

    /// What its absence means, and what to do; nil where it works or was not tried.
    public func explanation(_ trial: Trial) -> Explanation? {
        guard case .fails(let text) = trial else { return nil }
        return Explanation(
            code: code, evidence: "\(rawValue): \(text)", meaning: meaning, nextStep: nextStep)
    }

    private var code: String {
        switch self {
        case .namespace: "preflight-namespace"
        case .packets: "preflight-packets"
        case .receiveStamps: "preflight-receive-stamps"
        case .timer: "preflight-timer"
        case .nextHops: "preflight-next-hops"
        case .nextHopGroups: "preflight-next-hop-groups"
        case .resilientGroups: "preflight-resilient-groups"
        case .realTimePriority: "preflight-real-time"
        case .capabilities: "preflight-capabilities"
        }
    }

    private var meaning: String {
        switch self {
        case .namespace:
            "no network namespace at all can be made and entered here: the system or these rights "
                + "are at fault, not ovnext"
        case .packets: "BFD does not even work between two namespaces of this node"
        case .receiveStamps: "silence could not be told from our own lateness"
        case .timer: "deadlines could not be met"
        case .nextHops, .nextHopGroups:
            "routes are replaced whole, one message for each, instead of one for all"
        case .resilientGroups: "a route may not have resilient: flows move when a gateway is lost"
        case .realTimePriority: "other work on this node delays BFD"
        case .capabilities: "the daemon could not do its work with these rights"
        }
    }

    private var nextStep: String {
        switch self {
        case .namespace:
            "Run it as root on the host itself; in a container it takes CAP_SYS_ADMIN and a "
                + "seccomp profile that lets unshare, setns and mount pass."
        case .packets: "Look for firewall rules that hold in new namespaces, and for modprobe veth."
        case .receiveStamps, .timer: "Take a kernel that is not cut down so far."
        case .nextHops, .nextHopGroups: "Nothing must be done; Linux 5.3 and later have them."
        case .resilientGroups: "Nothing must be done; Linux 5.13 and later have them."
        case .realTimePriority:
            "Give CAP_SYS_NICE (in Kubernetes also a CPU quota that allows it), or choose slower "
                + "timers."
        case .capabilities:
            "Run the daemon as root or give it the capabilities: in the systemd unit "
                + "AmbientCapabilities=, in a pod securityContext.capabilities.add."
        }
    }
}
