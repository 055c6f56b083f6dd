import NodeCore
import Testing

/// Why a session is not Up: from evidence to causes, and their words.
@Suite struct SessionCauseTests {
    @Test(arguments: SessionSamples.all.indices)
    func `Evidence of one cause gives that cause, in words that help`(_ index: Int) throws {
        let (code, evidence, says) = SessionSamples.all[index]
        let causes = SessionCause.all(evidence)
        #expect(causes.map(\.code) == [code])
        let explanation = try #require(causes.first).explanation
        let text = [explanation.evidence, explanation.meaning, explanation.nextStep]
            .joined(separator: "\n")
        for words in says { #expect(text.contains(words), "\(text)") }
    }

    @Test(arguments: SessionSamples.all.indices)
    func `Evidence and meaning have no final stop, and every next step is a whole sentence`(
        _ index: Int
    ) throws {
        let cause = try #require(SessionCause.all(SessionSamples.all[index].evidence).first)
        let explanation = cause.explanation
        for text in [explanation.evidence, explanation.meaning] {
            #expect(!text.isEmpty)
            #expect(!text.hasSuffix("."), "\(text)")
        }
        #expect(explanation.nextStep.first?.isUppercase == true, "\(explanation.nextStep)")
        #expect(explanation.code.hasPrefix("session-"))
    }

    @Test func `Every cause of the list has a sample here`() {
        #expect(Set(SessionSamples.all.map(\.code)).count == 34)
    }

    @Test func `A session that is Up needs no cause, whatever else was seen`() {
        let evidence = SessionSamples.discard("ttl_not_255", .hopLimit)
        var up = evidence
        up.state = .up
        #expect(SessionCause.all(up).isEmpty)
    }

    @Test func `A disabled session is explained by that alone`() {
        var evidence = SessionSamples.complaint(.portUnreachable)
        evidence.state = .disabled
        #expect(SessionCause.all(evidence) == [.disabledHere(peer: "tor-a")])
    }

    @Test func `A path that was reported down is not called disabled`() {
        let evidence = SessionSamples.down { evidence in
            evidence.state = .disabled
            evidence.isPathDown = true
        }
        #expect(SessionCause.all(evidence) == [.pathReportedDown])
    }

    @Test func `What is near is named before what is far, and what follows from it is not`() {
        let evidence = SessionSamples.down { evidence in
            evidence.path.link = .down("ovnext0")
            evidence.path.route = .nowhere("Network is unreachable")
            evidence.path.neighbor = .failed
            evidence.sendFailure = SendFailure(.other, text: "send: Network is unreachable")
            evidence.wire?.complaint = WireEvidence.Complaint(
                .unreachable, sender: "10.9.0.10", code: "ICMP 3/1")
        }
        #expect(SessionCause.all(evidence) == [.linkDown(link: "ovnext0")])
    }

    @Test func `Several causes are all told, the most frequent discard first`() {
        let evidence = SessionSamples.down { evidence in
            evidence.sendFailure = SendFailure(.filtered, text: "send: no")
            evidence.discards = [
                DiscardEvidence(
                    reason: "auth_key_unknown", meaning: "", kind: .authenticationKey, count: 3),
                DiscardEvidence(reason: "ttl_not_255", meaning: "", kind: .hopLimit, count: 9),
            ]
        }
        #expect(
            SessionCause.all(evidence).map(\.code) == [
                "session-filter-out", "session-ttl", "session-auth-key",
            ])
    }

    @Test func `A router that does not answer is not called the peer`() throws {
        let evidence = SessionSamples.down { evidence in
            evidence.path.route = .through(router: "10.9.0.254")
            evidence.path.nextHop = "10.9.0.254"
            evidence.path.neighbor = .incomplete
        }
        let cause = try #require(SessionCause.all(evidence).first)
        #expect(cause.evidence.contains("10.9.0.254"))
        #expect(cause.meaning.contains("the router on the way"))
    }

    @Test func `A single-hop peer behind a router has no way of its own`() throws {
        let behind = SessionSamples.down { evidence in
            evidence.path.route = .through(router: "10.9.0.254")
            evidence.path.nextHop = "10.9.0.254"
            evidence.path.neighbor = .known
            evidence.sendFailure = SendFailure(.other, text: "send: Network is unreachable")
        }
        let cause = try #require(SessionCause.all(behind).first)
        #expect(cause.code == "session-no-route" && cause.evidence.contains("router 10.9.0.254"))
        var far = behind
        far.kind = .multihop
        #expect(SessionCause.all(far).map(\.code) == ["session-send-refused"])
        var near = behind
        near.minimumTTL = 254
        #expect(SessionCause.all(near).map(\.code) == ["session-send-refused"])
    }

    @Test func `Packets that the reverse path filter drops are told by it`() throws {
        let evidence = SessionSamples.down { evidence in
            evidence.wire = WireEvidence(milliseconds: 1_500, arrived: 3, delivered: 0)
            evidence.wire?.reversePathDrops = 3
        }
        let cause = try #require(SessionCause.all(evidence).first)
        #expect(cause.evidence.contains("the reverse path filter dropped 3"))
        #expect(cause.nextStep.contains("rp_filter"))
    }

    @Test func `A handshake gets three seconds before it is called one-way`() {
        let evidence = SessionSamples.down { evidence in
            evidence.state = .initializing
            evidence.secondsInState = 2
            evidence.heard = SessionSamples.word(.down)
        }
        #expect(SessionCause.all(evidence) == [.comingUp(peer: "tor-a")])
    }

    @Test(arguments: [
        (UInt8(254), "minimum-ttl: 254"), (62, "193 routers in between"),
        (100, "The sender does not start from 255"), (255, "needs 255"),
    ])
    func `The next step for a low TTL follows from how low it is`(
        _ hopLimit: UInt8, _ words: String
    ) throws {
        let evidence = SessionSamples.discard("ttl_not_255", .hopLimit) { $0.hopLimit = hopLimit }
        let cause = try #require(SessionCause.all(evidence).first)
        #expect(cause.nextStep.contains(words), "\(cause.nextStep)")
    }

    @Test func `Rows are read as ovn-nbctl lists them`() {
        let text = """
            _uuid               : 4b1e8b06-9d39-4e62-a2a1-9cdf6b2c6a1b
            detect_mult         : 3
            dst_ip              : "10.5.204.101"
            external_ids        : {}
            logical_port        : vpc1-external
            min_rx              : 100
            min_tx              : 100
            options             : {}
            status              : admin_down

            _uuid               : a6f7f0c9-3d9a-4ec2-9bd1-0c7a9a3e6a11
            detect_mult         : []
            dst_ip              : "10.5.204.102"
            logical_port        : vpc1-external
            min_rx              : []
            min_tx              : []
            status              : up
            """
        #expect(
            OVNBFDRow.rows(in: text) == [
                OVNBFDRow(
                    logicalPort: "vpc1-external", destination: "10.5.204.101",
                    status: "admin_down", minTx: 100, minRx: 100, detectMultiplier: 3),
                OVNBFDRow(
                    logicalPort: "vpc1-external", destination: "10.5.204.102", status: "up"),
            ])
        #expect(
            OVNBFDRow.rows(in: "dst_ip=10.5.204.101 min_tx=100, min_rx=200 detect_mult=3") == [
                OVNBFDRow(
                    destination: "10.5.204.101", minTx: 100, minRx: 200, detectMultiplier: 3)
            ])
        #expect(OVNBFDRow.rows(in: "nothing of the kind\n\n").isEmpty)
    }
}
