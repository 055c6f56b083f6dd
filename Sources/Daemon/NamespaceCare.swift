internal import Glibc
internal import LinuxSystem
public import NodeCore

/// Looks at the name of a network namespace, makes one, or gives a living one its name back.
public struct NamespaceCare: Sendable {
    /// The path, such as `/run/netns/ovnext`.
    public let path: String
    /// The interface that makes it the right one; nil for any.
    public let interface: String?

    /// Care for a name or path. Kube-OVN's `ovnext` is known by its port `ovnext0`.
    public init(_ name: String, interface: String? = nil) {
        path = NetworkNamespace.path(named: name)
        let isKubeOVN = path.split(separator: "/").last == "ovnext"
        self.interface = interface ?? (isKubeOVN ? "ovnext0" : nil)
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
        do throws(NetworkNamespaceError) {
            let interface = interface
            interior.hasInterface = try NamespaceVisit.make(path) {
                interface.map { NetworkInterface.index(named: $0) != nil }
            }
        } catch {
            evidence.object = NamespaceEvidence(error).object
            return
        }
        if interior.hasInterface == false { evidence.sightings = sightings ?? search() }
        evidence.interior = interior
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
