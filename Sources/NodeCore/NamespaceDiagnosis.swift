/// What stands between a daemon and its network namespace, one case per form that needs its own
/// repair.
public enum NamespaceDiagnosis: Sendable, Hashable {
    /// A: nothing is at the path.
    case absent(path: String)
    /// B: a plain file; the namespace is mounted under this name in another mount namespace.
    case mountedElsewhere(path: String, NamespaceSighting)
    /// C: a plain file; a process lives in the namespace, or holds it, without any mount.
    case heldByProcess(path: String, NamespaceSighting)
    /// D: a plain file, and the search found nothing alive.
    case leftBehind(path: String)
    /// B, C or D: a plain file, and nobody has searched.
    case plainFile(path: String)
    /// E: a directory.
    case directory(path: String)
    /// E: a symbolic link that leads nowhere.
    case danglingLink(path: String)
    /// E: a namespace of another type.
    case otherNamespace(path: String, type: String)
    /// E: no namespace at all.
    case notNamespace(path: String)
    /// F: the kernel refuses for want of rights.
    case notPermitted(path: String, operation: String)
    /// G: a network namespace, but the interface is in another one.
    case wrongNamespace(path: String, interface: String, NamespaceSighting)
    /// H: the right namespace, as far as can be told, but the interface is in none; with what Open
    /// vSwitch says of it.
    case interfaceMissing(path: String, interface: String, faults: [String])
    /// I: the interface is there, but not as it must be.
    case interfaceFaulty(path: String, interface: String, faults: [String])
    /// J: OVN has not bound the port.
    case notBound(path: String, interface: String, faults: [String])
    /// K: the gateway does not answer ARP or neighbour solicitations.
    case gatewaySilent(path: String, gateway: String)
    /// L: no BFD daemon answers.
    case daemonAbsent(path: String)
    /// M: somebody sends BFD packets who is no configured peer.
    case peerNotAllowed(path: String, peer: String)
    /// N: the peer sends nothing.
    case peerSilent(path: String, peer: String)
    /// O: packets arrive and are discarded.
    case packetsDiscarded(path: String, DiscardedPackets)
    /// P: mounts made here do not reach pods, nor theirs us.
    case directoryNotShared(path: String)
    /// X: the kernel refuses for another reason.
    case refused(path: String, operation: String, reason: String)

    /// The verdict on why a namespace could not be entered.
    public init(_ evidence: NamespaceEvidence) {
        self =
            Self.primary(evidence)
            ?? .refused(path: evidence.path, operation: "enter", reason: "no reason was found")
    }

    /// The one verdict to act on first; nil when nothing is wrong.
    public static func primary(_ evidence: NamespaceEvidence) -> NamespaceDiagnosis? {
        let path = evidence.path
        return switch evidence.object {
        case .networkNamespace(let inode): onNamespace(inode, evidence)
        case .nothing: onNothing(evidence)
        case .danglingLink: .danglingLink(path: path)
        case .plainFile: onPlainFile(evidence)
        case .directory: .directory(path: path)
        case .otherNamespace(let type): .otherNamespace(path: path, type: type)
        case .somethingElse: .notNamespace(path: path)
        case .outOfReach(let operation): .notPermitted(path: path, operation: operation)
        case .failing(let operation, let reason):
            .refused(path: path, operation: operation, reason: reason)
        }
    }

    private static func onNothing(_ evidence: NamespaceEvidence) -> NamespaceDiagnosis {
        let path = evidence.path
        let sightings = evidence.sightings ?? []
        if let mount = sightings.first(where: { $0.hold == .mount && $0.mayHoldInterface }) {
            return .mountedElsewhere(path: path, mount)
        }
        let holder = evidence.held ?? sightings.first { $0.hasInterface == true }
        return holder.map { .heldByProcess(path: path, $0) } ?? .absent(path: path)
    }

    private static func onPlainFile(_ evidence: NamespaceEvidence) -> NamespaceDiagnosis {
        let path = evidence.path
        guard let sightings = evidence.sightings else {
            return evidence.held.map { .heldByProcess(path: path, $0) } ?? .plainFile(path: path)
        }
        let right = evidence.interface == nil ? sightings : sightings.filter(\.mayHoldInterface)
        // A mount under the very name is the namespace, whatever is in it by now.
        if let mount = right.first(where: { $0.hold == .mount })
            ?? sightings.first(where: { $0.hold == .mount })
        {
            return .mountedElsewhere(path: path, mount)
        }
        if let held = evidence.held { return .heldByProcess(path: path, held) }
        // Without an interface to go by, any namespace of any container would do.
        guard evidence.interface != nil || right.isEmpty else { return .plainFile(path: path) }
        if let holder = right.first(where: { $0.hold == .process }) ?? right.first {
            return .heldByProcess(path: path, holder)
        }
        return .leftBehind(path: path)
    }

    private static func onNamespace(
        _ inode: UInt64, _ evidence: NamespaceEvidence
    ) -> NamespaceDiagnosis? {
        let path = evidence.path
        let interior = evidence.interior ?? NamespaceInterior()
        if let interface = evidence.interface, interior.hasInterface == false {
            let elsewhere = (evidence.sightings ?? []).first {
                $0.inode != inode && $0.hasInterface == true
            }
            if let elsewhere {
                return .wrongNamespace(path: path, interface: interface, elsewhere)
            }
            return .interfaceMissing(
                path: path, interface: interface, faults: interior.ovnFaults)
        }
        if evidence.isDirectoryShared == false { return .directoryNotShared(path: path) }
        return onInterior(interior, path, evidence.interface ?? "its interface")
    }

    private static func onInterior(
        _ interior: NamespaceInterior, _ path: String, _ interface: String
    ) -> NamespaceDiagnosis? {
        if !interior.interfaceFaults.isEmpty {
            return .interfaceFaulty(
                path: path, interface: interface, faults: interior.interfaceFaults)
        }
        if !interior.ovnFaults.isEmpty {
            return .notBound(path: path, interface: interface, faults: interior.ovnFaults)
        }
        if let gateway = interior.silentGateway {
            return .gatewaySilent(path: path, gateway: gateway)
        }
        if interior.hasDaemon == false { return .daemonAbsent(path: path) }
        if let peer = interior.unknownPeer { return .peerNotAllowed(path: path, peer: peer) }
        if let discarded = interior.discarded { return .packetsDiscarded(path: path, discarded) }
        if let peer = interior.silentPeer { return .peerSilent(path: path, peer: peer) }
        return nil
    }

    /// The verdict with its words.
    public var finding: Finding { Finding(code: code, cause: cause, nextStep: nextStep) }
}

extension NamespaceSighting {
    /// Unless it is known that the interface is not there.
    fileprivate var mayHoldInterface: Bool { hasInterface != false }

    /// The process as people name it.
    var holder: String { "process \(process) (\(command))" }
}
