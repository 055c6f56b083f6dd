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

    @Test func `An interface is judged by what it must be, and by nothing else`() {
        var seen = InterfaceEvidence()
        #expect(seen.faults(against: InterfaceExpectation()) == ["it has no address"])
        seen.addresses = ["10.9.0.10/24", "fd09::10/64"]
        seen.isLoopbackUp = false
        #expect(seen.faults(against: InterfaceExpectation()) == [])
        var wanted = InterfaceExpectation()
        wanted.addresses = ["10.9.0.10", "fd09::10/64"]
        #expect(seen.faults(against: wanted) == [])
        wanted.addresses = ["10.9.0.1"]
        #expect(
            seen.faults(against: wanted) == ["it has 10.9.0.10/24, fd09::10/64 and not 10.9.0.1"])
        wanted.isKubeOVN = true
        #expect(seen.faults(against: wanted).count == 3)
        wanted.needsAddress = false
        seen.defaultGateways = ["10.9.0.1"]
        #expect(
            seen.faults(against: wanted) == [
                "lo is down, so nobody reaches a daemon at 127.0.0.1"
            ])
    }

    @Test func `What the daemon counted and who was seen to send decide M, N and O`() {
        func judged(
            received: UInt64 = 0, _ discards: [String: UInt64] = [:], isContent: Bool = false,
            senders: Set<String>?, strays: [String: UInt64] = [:]
        ) -> NamespaceInterior {
            var interior = NamespaceInterior()
            let session = PeerTraffic(
                name: "tor", address: "10.9.0.1", isContent: isContent, received: received,
                discards: discards)
            interior.judge([session], senders: senders, strays: strays)
            return interior
        }
        #expect(judged(senders: nil) == NamespaceInterior())
        #expect(judged(senders: []).silentPeer == "tor")
        #expect(judged(isContent: true, senders: []) == NamespaceInterior())
        #expect(judged(received: 9, senders: []) == NamespaceInterior())
        #expect(judged(senders: ["10.9.0.3"]).unknownPeer == "10.9.0.3")
        let far = judged(senders: ["10.9.0.1"], strays: ["ttl_not_255": 7, "bad_length": 1])
        #expect(far.discarded?.reason == "ttl_not_255" && far.discarded?.count == 7)
        #expect(far.unknownPeer == nil && far.silentPeer == nil)
        #expect(judged(["auth_digest": 3], senders: nil).discarded?.reason == "auth_digest")
        #expect(judged(senders: ["10.9.0.1"]).discarded?.count == 0)
    }

    @Test func `Open vSwitch's word is judged from the device up`() {
        var port = PortEvidence()
        port.isThere = false
        #expect(port.faults(node: nil) == ["Open vSwitch has no interface of that name"])
        port.isThere = true
        port.number = -1
        #expect(port.faults(node: nil) == ["Open vSwitch could not make it (ofport -1)"])
        port.error = "File exists"
        #expect(port.faults(node: nil) == ["Open vSwitch says \"File exists\""])
        (port.error, port.number) = (nil, 3)
        #expect(port.faults(node: "n").count == 2)
        port.externalIDs = ["iface-id": "m", "ovn-installed": "true", "ip": "10.9.0.10,fd09::10"]
        #expect(port.faults(node: nil) == [])
        #expect(port.faults(node: "n") == ["external_ids:iface-id is m, not the node's name n"])
        #expect(port.addresses == ["10.9.0.10", "fd09::10"])
    }

    @Test func `Forms that waiting may mend are waited for, and no others`() {
        let sighting = Self.sighting(.mount)
        let path = Self.path
        for form in [
            NamespaceDiagnosis.absent(path: path), .plainFile(path: path),
            .mountedElsewhere(path: path, sighting), .heldByProcess(path: path, sighting),
            .leftBehind(path: path), .danglingLink(path: path),
        ] { #expect(form.entry == .waiting) }
        for form in [
            NamespaceDiagnosis.directory(path: path), .otherNamespace(path: path, type: "mnt"),
            .notNamespace(path: path), .notPermitted(path: path, operation: "setns"),
        ] { #expect(form.entry == .impossible) }
        #expect(NamespaceDiagnosis.directoryNotShared(path: path).entry == .possible)
    }

    @Test func `Where nothing lies, what is alive decides A, B and C`() {
        #expect(Self.code(.nothing) { $0.sightings = [Self.sighting(.mount)] } == "namespace-B")
        #expect(Self.code(.nothing) { $0.sightings = [Self.sighting(.process)] } == "namespace-C")
        #expect(
            Self.code(.nothing) {
                $0.sightings = [Self.sighting(.process, hasInterface: nil)]
            } == "namespace-A")
        for object in [NamespaceObject.nothing, .plainFile] {
            #expect(
                Self.code(object) {
                    $0.sightings = nil
                    $0.held = Self.sighting(.process, hasInterface: nil)
                } == "namespace-C")
        }
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
