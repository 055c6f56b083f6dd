internal import Glibc
internal import LinuxSystem
public import NodeCore
internal import NodeSurvey

/// What packets in a namespace show.
public struct NamespaceTraffic: Sendable {
    /// The sessions of the daemon that lives there.
    public var sessions: [PeerTraffic]
    /// Who was seen to send BFD packets there; nil when nobody watched.
    public var senders: Set<String>?
    /// Packets that were discarded before a session was found, by reason.
    public var strays: [String: UInt64]

    /// Traffic by its parts.
    public init(
        sessions: [PeerTraffic], senders: Set<String>? = nil, strays: [String: UInt64] = [:]
    ) {
        self.sessions = sessions
        self.senders = senders
        self.strays = strays
    }
}

/// Looks at the name of a network namespace, makes one, or gives a living one its name back.
public struct NamespaceCare: Sendable {
    /// The path, such as `/run/netns/ovnext`.
    public let path: String
    /// The interface that makes it the right one; nil for any.
    public let interface: String?
    /// What the interface must be like.
    public var expectation = InterfaceExpectation()
    /// Gateways that must answer, beside those of default routes.
    public var gateways: [String] = []
    /// Whether gateways are asked, which sends an empty datagram to each.
    public var asksGateways = false
    /// The database of Open vSwitch; nil where nobody is to ask it.
    public var openVSwitchSocket: String?
    /// The node's name in Kubernetes; nil when it is not known.
    public var node: String?
    /// What the sessions of a daemon in the namespace show; nil without one.
    public var traffic: (@Sendable (_ inode: UInt64) -> NamespaceTraffic?)?

    /// Care for a name or path. Kube-OVN's `ovnext` is known by its port `ovnext0`.
    public init(_ name: String, interface: String? = nil) {
        path = NetworkNamespace.path(named: name)
        let isOvnext = path.split(separator: "/").last == "ovnext"
        self.interface = interface ?? (isOvnext ? "ovnext0" : nil)
        expectation.isKubeOVN = self.interface == "ovnext0"
        expectation.needsDaemon = expectation.isKubeOVN
    }

    /// What is at the path, without a look at what it leads to.
    func object() -> NamespaceObject {
        do throws(NetworkNamespaceError) {
            return .networkNamespace(inode: try NetworkNamespace.open(path: path).inode)
        } catch {
            let object = NamespaceEvidence(error).object
            return object == .nothing && NamespaceSurvey.isLink(path) ? .danglingLink : object
        }
    }

    /// Everything that can be seen without a change.
    ///
    /// `held` is the inode of the namespace that this process lives in and entered by this path;
    /// `sightings` are those of a search shortly before, which spare another one.
    public func evidence(
        held: UInt64? = nil, sightings: [NamespaceSighting]? = nil
    ) -> NamespaceEvidence {
        var evidence = NamespaceEvidence(path: path, object: object())
        evidence.interface = interface
        evidence.isDirectoryShared = NamespaceSurvey.isDirectoryShared(of: path)
        evidence.held = held.map(ownSighting)
        switch evidence.object {
        case .networkNamespace: look(inside: &evidence, sightings)
        case .plainFile, .nothing:
            if held == nil { evidence.sightings = sightings ?? search() }
        case .danglingLink, .directory, .otherNamespace, .somethingElse, .outOfReach, .failing:
            break
        }
        return evidence
    }

    private func look(
        inside evidence: inout NamespaceEvidence, _ sightings: [NamespaceSighting]?
    ) {
        var interior = NamespaceInterior()
        var inspection = NamespaceInspection(interface: interface)
        inspection.gateways = gateways
        inspection.asks = asksGateways
        do throws(NetworkNamespaceError) {
            let result = try inspection.make(inNamespaceAt: path)
            interior.hasInterface = result.hasInterface
            if let state = result.state {
                judge(state, &interior)
            } else if let port = switchPort() {
                interior.ovnFaults = port.deviceFaults
            }
        } catch {
            evidence.object = NamespaceEvidence(error).object
            return
        }
        if interior.hasInterface == false { evidence.sightings = sightings ?? search() }
        if case .networkNamespace(let inode) = evidence.object, let seen = traffic?(inode) {
            interior.hasDaemon = true
            interior.judge(seen.sessions, senders: seen.senders, strays: seen.strays)
        }
        evidence.interior = interior
    }

    private func judge(_ state: InterfaceEvidence, _ interior: inout NamespaceInterior) {
        let port = switchPort()
        var wanted = expectation
        if wanted.addresses.isEmpty, let port { wanted.addresses = port.addresses }
        interior.interfaceFaults = state.faults(against: wanted)
        interior.silentGateway = state.silentGateways.first
        if expectation.needsDaemon { interior.hasDaemon = state.hasReceiver }
        if let port { interior.ovnFaults = port.faults(node: node) }
    }

    private func switchPort() -> PortEvidence? {
        guard let openVSwitchSocket, let interface else { return nil }
        return OpenVSwitch(socket: openVSwitchSocket).port(interface)
    }

    private func ownSighting(_ inode: UInt64) -> NamespaceSighting {
        let process = getpid()
        return NamespaceSighting(
            .process, process: process, command: "gatewatch",
            path: NamespaceSurvey.path(to: inode, in: process) ?? "/proc/\(process)/ns/net",
            inode: inode, hasInterface: nil)
    }

    private func search() -> [NamespaceSighting] {
        NamespaceSurvey.search(path: path, interface: interface).map(NamespaceSighting.init)
    }

    /// Makes the namespace, unless it is there; gives what was done as a sentence.
    ///
    /// A file that a dead namespace left is replaced; a living one is adopted, never replaced.
    public func ensure() throws(Finding) -> String {
        let evidence = evidence()
        guard let verdict = NamespaceDiagnosis.primary(evidence) else {
            return "\(path) is there and sound; nothing was changed."
        }
        switch verdict {
        case .absent: return try create()
        case .mountedElsewhere, .heldByProcess: return try adopt()
        case .leftBehind:
            // Who has just made the file may be about to mount a namespace on it.
            usleep(300_000)
            guard NamespaceDiagnosis.primary(self.evidence()) == verdict else {
                return try ensure()
            }
            do throws(SystemError) {
                try NetworkNamespace.removeLeftover(path)
            } catch {
                throw failure("the left file \(path) cannot be removed (\(error))")
            }
            return try create()
        case .directoryNotShared:
            do throws(NetworkNamespaceError) {
                try NetworkNamespace.prepareDirectory()
            } catch {
                throw verdict.finding
            }
            return "\(path) is there; its directory is a shared mount now."
        case .interfaceMissing:
            return "\(path) is there, and its interface is not in it yet; nothing was changed."
        case .plainFile, .directory, .danglingLink, .otherNamespace, .notNamespace, .notPermitted,
            .wrongNamespace, .interfaceFaulty, .notBound, .gatewaySilent, .daemonAbsent,
            .peerNotAllowed, .peerSilent, .packetsDiscarded, .refused:
            throw verdict.finding
        }
    }

    /// Mounts the living namespace on its name, and says which; a sound name is left alone.
    public func adopt() throws(Finding) -> String {
        switch NamespaceDiagnosis.primary(evidence()) {
        case .mountedElsewhere(_, let sighting), .heldByProcess(_, let sighting):
            return try adopt(sighting)
        case .some(let verdict): throw verdict.finding
        case nil: return "\(path) is there and sound; nothing was changed."
        }
    }

    private func adopt(_ sighting: NamespaceSighting) throws(Finding) -> String {
        guard sighting.hold == .mount || sighting.hasInterface == true else {
            throw failure("\(sighting.path) may be another namespace: it could not be looked into")
        }
        do throws(AdoptionError) {
            let inode = try NetworkNamespace.adopt(from: sighting.path, onto: path)
            return "adopted net:[\(inode)], kept by process \(sighting.process) "
                + "(\(sighting.command)), as \(path)."
        } catch {
            throw failure("the namespace at \(sighting.path) was not adopted (\(error))")
        }
    }

    private func create() throws(Finding) -> String {
        do throws(NetworkNamespaceError) {
            let namespace = try NetworkNamespace.create(named: path)
            return "created net:[\(namespace.inode)] as \(path)."
        } catch {
            throw NamespaceDiagnosis(NamespaceEvidence(error)).finding
        }
    }

    private func failure(_ cause: String) -> Finding {
        Finding(
            code: "namespace-X", cause: cause,
            nextStep: "It needs root, in the host's own mount namespace: "
                + "nsenter --target 1 --mount gatewatch namespace adopt \(path)")
    }
}

extension NamespaceSighting {
    init(_ sight: NamespaceSight) {
        let hold: Hold =
            switch sight.hold {
            case .mount: .mount
            case .process: .process
            case .descriptor: .descriptor
            }
        self.init(
            hold, process: sight.process, command: sight.command, path: sight.path,
            inode: sight.inode, hasInterface: sight.hasInterface)
    }
}
