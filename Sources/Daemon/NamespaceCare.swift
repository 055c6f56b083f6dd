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

    /// Everything that can be seen without a change.
    public func evidence() -> NamespaceEvidence {
        var evidence = NamespaceEvidence(path: path, object: .nothing)
        do throws(NetworkNamespaceError) {
            let namespace = try NetworkNamespace.open(path: path)
            evidence.object = .networkNamespace(inode: namespace.inode)
        } catch {
            evidence = NamespaceEvidence(error)
            if evidence.object == .nothing, NamespaceSurvey.isLink(path) {
                evidence.object = .danglingLink
            }
        }
        evidence.interface = interface
        evidence.isDirectoryShared = NamespaceSurvey.isDirectoryShared(of: path)
        switch evidence.object {
        case .networkNamespace: look(inside: &evidence)
        case .plainFile: evidence.sightings = search()
        case .nothing, .danglingLink, .directory, .otherNamespace, .somethingElse, .outOfReach,
            .failing:
            break
        }
        return evidence
    }

    private func look(inside evidence: inout NamespaceEvidence) {
        var interior = NamespaceInterior()
        if let interface {
            interior.hasInterface = NamespaceSurvey.hasInterface(interface, at: path)
        }
        if interior.hasInterface == false { evidence.sightings = search() }
        evidence.interior = interior
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
