import NodeCore

/// Evidence that shows one cause each.
enum SessionSamples {
    static func down(_ change: (inout SessionEvidence) -> Void = { _ in }) -> SessionEvidence {
        var evidence = SessionEvidence(name: "tor-a", address: "10.9.0.1", state: .down)
        evidence.localDiscriminator = 4_711
        evidence.intervals.desiredMinTx = 50_000
        evidence.intervals.requiredMinRx = 50_000
        evidence.path.link = .running("ovnext0")
        evidence.path.route = .through(router: nil)
        evidence.path.neighbor = .known
        evidence.path.nextHop = "10.9.0.1"
        evidence.wire = WireEvidence(milliseconds: 1_500, arrived: 0, delivered: 0)
        change(&evidence)
        return evidence
    }

    static func word(_ state: PeerWord.State, requiredMinRx: UInt32 = 50_000) -> PeerWord {
        PeerWord(
            state: state, diagnostic: "none", desiredMinTx: 1_000_000,
            requiredMinRx: requiredMinRx, multiplier: 3)
    }

    static func discard(
        _ reason: String, _ kind: DiscardEvidence.Kind, count: UInt64 = 12,
        _ change: (inout PacketSample) -> Void = { _ in }
    ) -> SessionEvidence {
        var sample = PacketSample(
            source: "10.9.0.1", byteCount: 24, ageMilliseconds: 40, octets: "20400318")
        sample.interface = "ovnext0"
        sample.hopLimit = 255
        change(&sample)
        return down { evidence in
            evidence.wire = WireEvidence(milliseconds: 1_500, arrived: 2, delivered: 2)
            evidence.discards = [
                DiscardEvidence(
                    reason: reason, meaning: "a meaning", kind: kind, count: count, sample: sample)
            ]
        }
    }

    static func complaint(_ kind: WireEvidence.Complaint.Kind) -> SessionEvidence {
        down {
            $0.wire?.complaint = WireEvidence.Complaint(
                kind, sender: "10.9.0.254", code: "ICMP 3/13")
        }
    }

    /// Each cause by its code, with what its words must say.
    static let all: [(code: String, evidence: SessionEvidence, says: [String])] = [
        ("session-disabled-here", down { $0.state = .disabled }, ["gatewatch peer enable tor-a"]),
        ("session-start-delay", down { $0.secondsToStart = 40 }, ["40 s"]),
        ("session-path-down", down { $0.isPathDown = true }, ["outside BFD"]),
        ("session-link-absent", down { $0.path.link = .absent("ovnext0") }, ["ovnext0"]),
        ("session-link-down", down { $0.path.link = .down("ovnext0") }, ["ip link set ovnext0 up"]),
        (
            "session-no-carrier", down { $0.path.link = .withoutCarrier("ovnext0") },
            ["ovnext0", "carrier"]
        ),
        (
            "session-source-missing", down { $0.path.missingSource = "10.9.0.10" },
            ["10.9.0.10", "source-addr"]
        ),
        (
            "session-no-route", down { $0.path.route = .nowhere("Network is unreachable") },
            ["Network is unreachable", "ip route get 10.9.0.1"]
        ),
        (
            "session-neighbour", down { $0.path.neighbor = .failed },
            ["nobody answers for 10.9.0.1 on ovnext0", "tcpdump"]
        ),
        (
            "session-filter-out",
            down { $0.sendFailure = SendFailure(.filtered, text: "send: no") },
            ["EPERM", "nft list ruleset"]
        ),
        (
            "session-send-refused",
            down { $0.sendFailure = SendFailure(.other, text: "send: Message too long") },
            ["Message too long"]
        ),
        (
            "session-port-shared",
            down {
                $0.otherReceivers = [
                    PortHolder(process: 99, command: "bfdd", address: "10.9.0.10")
                ]
            }, ["bfdd (process 99, bound to 10.9.0.10)", "stop bfdd"]
        ),
        (
            "session-filter-in",
            down { $0.wire = WireEvidence(milliseconds: 1_500, arrived: 2, delivered: 0) },
            ["2 of its packets came to a link", "let UDP 3784, 3785 and 4784 in"]
        ),
        ("session-port-unreachable", complaint(.portUnreachable), ["10.9.0.254", "UDP 3784"]),
        ("session-prohibited", complaint(.prohibited), ["ICMP 3/13", "pass at 10.9.0.254"]),
        ("session-unreachable", complaint(.unreachable), ["does not reach 10.9.0.1"]),
        (
            "session-ttl", discard("ttl_not_255", .hopLimit) { $0.hopLimit = 254 },
            ["12 packets", "their TTL is 254, at least 255", "minimum-ttl: 254", "20400318"]
        ),
        (
            "session-stale-discriminator",
            discard("unknown_your_discr", .staleDiscriminator) { $0.yourDiscriminator = 8 },
            ["discriminator 8, ours is 4711", "profile: ovn"]
        ),
        (
            "session-auth-type",
            discard("auth_type_mismatch", .authenticationType) {
                $0.authenticationType = "keyed-md5"
            }, ["theirs is keyed-md5, ours is none"]
        ),
        ("session-auth-expired", down { $0.hasKeyToSend = false }, ["send-lifetime"]),
        (
            "session-auth-key", discard("auth_key_unknown", .authenticationKey) { $0.keyID = 9 },
            ["the id 9", "Add key id 9"]
        ),
        (
            "session-auth-sequence",
            discard("auth_seq_window", .authenticationSequence) { $0.sequence = 17 },
            ["the last number was 17", "two detection times"]
        ),
        (
            "session-auth-secret",
            discard("auth_mismatch", .authenticationDigest) { $0.keyID = 7 },
            ["key id 7", "Compare the secrets"]
        ),
        (
            "session-discards", discard("source_mismatch", .other),
            ["source_mismatch", "a meaning", "strict-source"]
        ),
        (
            "session-peer-admin-down", down { $0.heard = word(.adminDown) },
            ["says AdminDown", "no failure"]
        ),
        (
            "session-peer-admin-down", down { $0.hasSaidGoodbye = true },
            ["it is silent now", "no failure"]
        ),
        (
            "session-peer-wants-silence", down { $0.heard = word(.down, requiredMinRx: 0) },
            ["Required Min RX Interval 0"]
        ),
        (
            "session-ovn-interval",
            down {
                $0.hasFallenSilent = true
                $0.intervals.requiredMinRx = 500
            }, ["500 µs", "reads less as 0"]
        ),
        (
            "session-too-late", down { $0.intervals.worstLateness = 160_000_000 },
            ["160000 µs late", "3 x 50000 µs = 150000 µs", "gatewatch jitter"]
        ),
        (
            "session-one-way",
            down {
                $0.state = .initializing
                $0.secondsInState = 12
                $0.heard = word(.down)
            }, ["is heard and has been saying Down for 12 s", "do not arrive there"]
        ),
        (
            "session-ovn-admin-down",
            down {
                $0.isOVN = true
                $0.ovnRow = OVNBFDRow(
                    logicalPort: "vpc1-ext", destination: "10.9.0.10", status: "admin_down")
            },
            ["vpc1-ext to 10.9.0.10", "no route or policy", "does not mean that this node"]
        ),
        (
            "session-ovn-silent", down { $0.isOVN = true },
            ["OVN always speaks first", "admin_down"]
        ),
        ("session-silent", down(), ["in 1500 ms no packet from 10.9.0.1 to UDP 3784"]),
        ("session-silent", down { $0.isPassive = true }, ["role: active"]),
        (
            "session-not-returned", down { $0.kind = .unaffiliatedEcho },
            ["ip_forward=1", "accept_local=1"]
        ),
        ("session-coming-up", down { $0.heard = word(.down) }, ["a second or two"]),
    ]
}
