extension NamespaceDiagnosis {
    /// What to do next, as whole sentences.
    public var nextStep: String {
        switch self {
        case .absent(let path): Self.stepWhenAbsent(path)
        case .plainFile(let path): Self.stepWhenPlainFile(path)
        case .mountedElsewhere(let path, let sighting), .heldByProcess(let path, let sighting):
            "Delete and make nothing there: that can destroy the namespace, or leave two of them. "
                + "Mount the living one there, without an outage: gatewatch namespace adopt "
                + "\(path). Or set namespace to \(sighting.path) as long as process "
                + "\(sighting.process) runs."
        case .leftBehind(let path):
            "Replace it: gatewatch namespace ensure \(path). Under Kube-OVN the kube-ovn-cni pod "
                + "picks the new namespace up within 5 s; it never repairs the file itself."
        case .directory(let path):
            "Give the namespace itself, such as \(path)/NAME, or its name; \"ip netns list\" shows "
                + "those there are."
                + (Self.creation(path).map { creation in
                    " If this directory was made by mistake in place of the namespace, remove it "
                        + "with \"rmdir \(path)\" and create the namespace with \"\(creation)\"."
                } ?? "")
        case .danglingLink(let path):
            "See where it leads with \"readlink \(path)\". If nobody needs it, remove it with "
                + "\"rm \(path)\", which harms no namespace, and run: gatewatch namespace ensure "
                + path
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
        case .wrongNamespace, .interfaceMissing, .interfaceFaulty, .notBound, .gatewaySilent,
            .daemonAbsent, .peerNotAllowed, .peerSilent, .packetsDiscarded, .directoryNotShared:
            stepInside ?? ""
        }
    }

    /// The step for what is wrong within a namespace that can be entered; nil for other forms.
    private var stepInside: String? {
        switch self {
        case .wrongNamespace(let path, let interface, let sighting):
            "Set namespace to \(sighting.path), which holds \(interface). When nothing lives in "
                + "\(path) any more (\"ip netns pids\"), take that name away with \"ip netns del\" "
                + "and mount the right one there: gatewatch namespace adopt \(path)"
        case .interfaceMissing(let path, let interface, _) where interface != "ovnext0":
            "See which are there with \"nsenter --net=\(path) ip link\". Put \(interface) in, or "
                + "correct the name; nothing has to be started anew."
        case .interfaceMissing(_, let interface, _):
            "See what Open vSwitch says: ovs-vsctl list Interface \(interface). Under Kube-OVN "
                + "\"ovs-vsctl del-port br-int \(interface)\" has kube-ovn-cni add it again within "
                + "5 s."
        case .interfaceFaulty(let path, let interface, _):
            "See it with \"nsenter --net=\(path) ip address\". "
                + (interface == "ovnext0"
                    ? "Compare it with the node's OvnEip; kube-ovn-cni applies that again by "
                        + "itself when its check fails. If it does not, see its log."
                    : "Gatewatch leaves links and addresses alone: whoever made \(interface) has "
                        + "to set it right.")
        case .notBound(_, let interface, _):
            "Gatewatch leaves OVN alone. Compare external_ids:iface-id of \(interface) with the "
                + "node's name, and the chassis of its Port_Binding with this node."
        case .gatewaySilent(_, let gateway):
            "Look for its ARP answer with \"tcpdump -ni any arp host \(gateway)\": none at all "
                + "means the VLAN or the upstream switch, not this node."
        case .daemonAbsent:
            "Start it: gatewatch run FILE, or systemctl start gatewatch."
        case .peerNotAllowed(_, let peer):
            "If it is a gateway of yours, add it under peers (dest-addr: \(peer)), or its subnet "
                + "under unsolicited; where that is there, its maximum-sessions are reached."
        case .peerSilent(_, let peer):
            "OVN sends only for a BFD row that a route or policy refers to; without one the row "
                + "stays in admin_down, which does not mean that \(peer) is down. See \"ovn-nbctl "
                + "list BFD\", and the chassis of the router port. Any other peer: is BFD on there?"
        case .packetsDiscarded(_, let packets):
            "See \"gatewatch status \(packets.peer)\". A low TTL is one router too many on the way "
                + "(minimum-ttl: 254 for an OVN egress gateway); an unknown discriminator is a "
                + "peer that remembers an earlier run."
        case .directoryNotShared:
            "Run \"gatewatch namespace ensure NAME\" or \"mount --make-rshared /run/netns\" before "
                + "the pods start, and start those that run already again."
        case .absent, .mountedElsewhere, .heldByProcess, .leftBehind, .plainFile, .directory,
            .danglingLink, .otherNamespace, .notNamespace, .notPermitted, .refused:
            nil
        }
    }
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
            "gatewatch namespace show \(path) --interface NAME" searches for the namespace with an \
            interface.
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
}
