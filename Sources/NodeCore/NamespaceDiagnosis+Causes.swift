extension NamespaceDiagnosis {
    /// A short code that stays the same when words change; its letter is the form's.
    public var code: String {
        switch self {
        case .absent: "namespace-A"
        case .mountedElsewhere: "namespace-B"
        case .heldByProcess: "namespace-C"
        case .leftBehind: "namespace-D"
        case .plainFile: "namespace-BCD"
        case .directory, .danglingLink, .otherNamespace, .notNamespace: "namespace-E"
        case .notPermitted: "namespace-F"
        case .wrongNamespace: "namespace-G"
        case .interfaceMissing: "namespace-H"
        case .interfaceFaulty: "namespace-I"
        case .notBound: "namespace-J"
        case .gatewaySilent: "namespace-K"
        case .daemonAbsent: "namespace-L"
        case .peerNotAllowed: "namespace-M"
        case .peerSilent: "namespace-N"
        case .packetsDiscarded: "namespace-O"
        case .directoryNotShared: "namespace-P"
        case .refused: "namespace-X"
        }
    }

    /// What is wrong, as a sentence without a final stop.
    public var cause: String {
        switch self {
        case .absent(let path):
            "no network namespace at \(path): nothing is there"
        case .mountedElsewhere(let path, let sighting):
            "no namespace is mounted on \(path) here, but net:[\(sighting.inode)] is alive: it is "
                + "mounted there only for \(sighting.holder), as a pod does"
        case .heldByProcess(let path, let sighting):
            "no namespace is mounted on \(path), here or elsewhere, but net:[\(sighting.inode)] is "
                + "alive, kept by \(sighting.holder)"
        case .leftBehind(let path):
            "\(path) is a plain file that a namespace left behind: no mount, process or descriptor "
                + "of it was found"
        case .plainFile(let path):
            "\(path) is a plain file: seen from here no network namespace is mounted on it "
                + "(the kernel would say \"Invalid argument\"). The namespace may well be alive, "
                + "mounted only inside a pod such as kube-ovn-cni"
        case .directory(let path):
            "\(path) is a directory, not a network namespace"
        case .danglingLink(let path):
            "\(path) is a symbolic link that leads nowhere"
        case .otherNamespace(let path, let type):
            "\(path) is a namespace, but of type \(Self.described(type)), not a network namespace"
        case .notNamespace(let path):
            "\(path) is neither a network namespace nor any other namespace"
        case .notPermitted(let path, let operation):
            "no permission to enter the network namespace \(path) (\(operation) was refused)"
        case .refused(let path, let operation, let reason):
            "the network namespace \(path) cannot be entered (\(operation): \(reason))"
        case .wrongNamespace(let path, let interface, let sighting):
            "\(path) is a network namespace, but not the one with \(interface): that is in "
                + "net:[\(sighting.inode)], kept by \(sighting.holder)"
        case .interfaceMissing(let path, let interface, let faults):
            "the network namespace \(path) can be entered, but \(interface) is not in it"
                + faults.map { "; \($0)" }.joined()
        case .interfaceFaulty(let path, let interface, let faults):
            "\(interface) in \(path) is not as it must be: \(faults.joined(separator: ", "))"
        case .notBound(let path, let interface, let faults):
            "OVN has not bound \(interface) of \(path): \(faults.joined(separator: ", "))"
        case .gatewaySilent(let path, let gateway):
            "gateway \(gateway) does not answer ARP or neighbour solicitations from \(path)"
        case .daemonAbsent(let path):
            "no BFD daemon answers in \(path): nobody tells the gateways that this node is alive"
        case .peerNotAllowed(let path, let peer):
            "\(peer) sends BFD packets into \(path) and is no configured peer"
        case .peerSilent(let path, let peer):
            "no BFD packet has come from \(peer) into \(path)"
        case .packetsDiscarded(let path, let packets):
            (packets.count > 0 ? "\(packets.count) packets" : "packets")
                + " of \(packets.peer) reached \(path) and were discarded: \(packets.reason)"
        case .directoryNotShared(let path):
            "the directory of \(path) is not a shared mount: what is mounted there does not "
                + "reach pods, and what they mount does not come back"
        }
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
