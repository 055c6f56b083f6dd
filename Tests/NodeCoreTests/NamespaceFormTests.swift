import NodeCore
import Testing

/// Every form of the list leads to its own verdict, from the evidence that shows it.
@Suite struct NamespaceFormTests {
    private static let path = "/run/netns/ovnext"

    private static func code(
        _ object: NamespaceObject = .networkNamespace(inode: 7),
        _ change: (inout NamespaceEvidence) -> Void = { _ in }
    ) -> String? {
        var evidence = NamespaceEvidence(path: path, object: object)
        evidence.interface = "ovnext0"
        evidence.sightings = []
        evidence.isDirectoryShared = true
        var interior = NamespaceInterior()
        interior.hasInterface = true
        interior.hasDaemon = true
        evidence.interior = interior
        change(&evidence)
        let verdict = NamespaceDiagnosis.primary(evidence)
        if let finding = verdict?.finding {
            #expect(finding.cause.isEmpty == false && finding.nextStep.hasSuffix(" ") == false)
            #expect(finding.nextStep.first?.isUppercase == true)
        }
        return verdict?.code
    }

    private static func sighting(
        _ hold: NamespaceSighting.Hold, hasInterface: Bool? = true
    ) -> NamespaceSighting {
        NamespaceSighting(
            hold, process: 4711, command: "bfdd-beacon", path: "/proc/4711/ns/net", inode: 9,
            hasInterface: hasInterface)
    }

    @Test func `What lies at the path decides A, E, F and X`() {
        #expect(Self.code(.nothing) == "namespace-A")
        for object in [
            NamespaceObject.directory, .danglingLink, .otherNamespace(type: "mnt"), .somethingElse,
        ] {
            #expect(Self.code(object) == "namespace-E")
        }
        #expect(Self.code(.outOfReach(operation: "setns")) == "namespace-F")
        #expect(Self.code(.failing(operation: "open", reason: "x")) == "namespace-X")
    }

    @Test func `Where a plain file's namespace lives decides B, C and D`() {
        #expect(Self.code(.plainFile) { $0.sightings = nil } == "namespace-BCD")
        #expect(Self.code(.plainFile) { $0.sightings = [Self.sighting(.mount)] } == "namespace-B")
        let both = [Self.sighting(.process), Self.sighting(.mount, hasInterface: false)]
        #expect(Self.code(.plainFile) { $0.sightings = both } == "namespace-B")
        for hold in [NamespaceSighting.Hold.process, .descriptor] {
            #expect(Self.code(.plainFile) { $0.sightings = [Self.sighting(hold)] } == "namespace-C")
        }
        #expect(Self.code(.plainFile) == "namespace-D")
    }

    @Test func `What cannot be looked into counts as alive`() {
        let closed = [Self.sighting(.process, hasInterface: nil)]
        #expect(Self.code(.plainFile) { $0.sightings = closed } == "namespace-C")
    }

    @Test func `Without an interface to go by no process's namespace is taken for it`() {
        let code = Self.code(.plainFile) {
            $0.interface = nil
            $0.sightings = [Self.sighting(.process, hasInterface: nil)]
        }
        #expect(code == "namespace-BCD")
    }

    @Test func `Where the interface is decides G and H`() {
        #expect(
            Self.code {
                $0.interior?.hasInterface = false
                $0.sightings = [Self.sighting(.process)]
            } == "namespace-G")
        #expect(Self.code { $0.interior?.hasInterface = false } == "namespace-H")
    }

    @Test func `The inside decides I to P, and a sound one has no verdict`() {
        #expect(Self.code { $0.interior?.interfaceFaults = ["down"] } == "namespace-I")
        #expect(Self.code { $0.interior?.ovnFaults = ["no chassis"] } == "namespace-J")
        #expect(Self.code { $0.interior?.silentGateway = "10.9.0.1" } == "namespace-K")
        #expect(Self.code { $0.interior?.hasDaemon = false } == "namespace-L")
        #expect(Self.code { $0.interior?.unknownPeer = "10.9.0.3" } == "namespace-M")
        #expect(Self.code { $0.interior?.silentPeer = "10.9.0.3" } == "namespace-N")
        let packets = DiscardedPackets(peer: "tor", reason: "ttl_not_255", count: 3)
        #expect(Self.code { $0.interior?.discarded = packets } == "namespace-O")
        #expect(Self.code { $0.isDirectoryShared = false } == "namespace-P")
        #expect(Self.code() == nil)
    }

    @Test func `While anything lives, no step deletes anything`() {
        for verdict in [
            NamespaceDiagnosis.mountedElsewhere(path: Self.path, Self.sighting(.mount)),
            .heldByProcess(path: Self.path, Self.sighting(.process)),
        ] {
            #expect(!verdict.nextStep.contains("rm "))
            #expect(verdict.nextStep.contains("gatewatch namespace adopt"))
        }
    }
}
