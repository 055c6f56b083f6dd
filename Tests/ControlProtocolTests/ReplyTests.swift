import ControlProtocol
import Foundation
import Testing

@Suite struct ReplyTests {
    static let replies: [Reply] = [
        .version(
            VersionReport(
                version: "0.1.0", processID: 4_711, startTime: Samples.time, namespace: "ovnext")),
        .status(Samples.status),
        .routes(
            RoutesReport(routes: [
                RouteStatus(
                    prefix: "0.0.0.0/0", table: 254, metric: 50, state: .partial,
                    nextHops: [
                        NextHopStatus(
                            peer: "tor-a", via: "10.9.0.1", interface: nil, weight: 1,
                            isWanted: false, isInstalled: false, reason: "session Down")
                    ], error: "netlink: No route to host")
            ])),
        .events(
            EventsPage(
                events: [
                    EventRecord(
                        sequence: 1, time: Samples.time, kind: .session, peer: "tor-a",
                        oldState: "up", newState: "down",
                        localDiagnostic: DiagnosticName(wireValue: 1), cause: "silence")
                ], lastSequence: 7)),
        .signal(SignalReport(name: "tor-a", signal: .verify)),
        .peer(PeerReport(name: "tor-a", isAdministrativelyDown: true, hasChanged: true)),
        .reload(Samples.reload),
        .edit(
            PeerEditReport(
                peer: "tor-a", action: .set, hasChanged: true, changes: ["role active -> passive"],
                savedTo: "a.yaml", warnings: ["doubtful"])),
        .drain(
            DrainReport(
                isDrained: true, hasChanged: true, peerCount: 2, movedCount: 1,
                waiting: [.init(name: "tor-a", remoteState: .up, remainingMilliseconds: 7)])),
        .error(.unknownPeer("tor-x")),
        .error(
            Failure(
                code: .badConfiguration, message: "no", nextStep: "Correct it.", details: ["1:1"])),
    ]

    @Test(arguments: replies)
    func `A reply survives the way through JSON`(_ reply: Reply) throws {
        let json = try Samples.json(reply)
        let again: Reply =
            switch reply {
            case .version: .version(try Samples.decode(VersionReport.self, json))
            case .status: .status(try Samples.decode(StatusReport.self, json))
            case .explanation: .explanation(try Samples.decode(ExplanationReport.self, json))
            case .routes: .routes(try Samples.decode(RoutesReport.self, json))
            case .events: .events(try Samples.decode(EventsPage.self, json))
            case .capture: .capture
            case .peer: .peer(try Samples.decode(PeerReport.self, json))
            case .signal: .signal(try Samples.decode(SignalReport.self, json))
            case .reload: .reload(try Samples.decode(ReloadReport.self, json))
            case .edit: .edit(try Samples.decode(PeerEditReport.self, json))
            case .drain: .drain(try Samples.decode(DrainReport.self, json))
            case .error: .error(try Samples.decode(FailureReport.self, json).error)
            }
        #expect(again == reply)
    }

    @Test func `A held back next hop survives the way through JSON`() throws {
        var hop = NextHopStatus(
            peer: "a", via: "10.9.0.1", interface: nil, weight: 1, isWanted: false,
            isInstalled: false, reason: "session up, suppressed")
        hop.heldUntil = Samples.time
        hop.isSuppressed = true
        hop.penalty = 2_890
        let json = try Samples.json(hop)
        #expect(json.contains(#""held-until":""#) && json.contains(#""suppressed":true"#))
        #expect(json.contains(#""penalty":2890"#))
        #expect(try Samples.decode(NextHopStatus.self, json) == hop)
    }

    @Test func `A refusal says what to do next`() throws {
        let json = try Samples.json(Reply.error(.unknownPeer("tor-x")))
        #expect(
            json == #"{"error":{"code":"unknown-peer","message":"no peer is named \"tor-x\"","#
                + #""next-step":"See the names with: gatewatch status"}}"#)
    }

    @Test func `A status tells what the link guard refused`() throws {
        var report = StatusReport(
            sessions: [], summary: SessionSummary(counting: []), discards: [:])
        report.linkGuard = LinkGuardStatus(
            protectedLinks: ["eth*"],
            refusals: [
                .init(change: "set-down", reason: "team", count: 2, link: "team0", cause: "no"),
                .init(change: "delete", reason: "protected", count: 1, link: "eth0", cause: "no"),
            ])
        let json = try Samples.json(report)
        #expect(json.contains(#""protected-links":["eth*"],"refusal-count":3"#))
        #expect(json.contains(#""change":"set-down","count":2,"link":"team0","reason":"team""#))
        #expect(try Samples.decode(StatusReport.self, json) == report)
    }

    @Test(arguments: [
        (Failure.badRequest(""), 400), (.tooLarge(), 413), (.unknownPeer("a"), 404),
        (.unknownPath(), 404), (.unknownMethod(["GET"]), 405), (.notPermitted(), 403),
        (.crowded(), 503), (.stopping(), 503),
        (Failure(code: .internal, message: "", nextStep: ""), 500),
        (Failure(code: .init(rawValue: "of a later version"), message: "", nextStep: ""), 500),
    ])
    func `A refusal has its status code`(_ failure: Failure, _ statusCode: Int) {
        #expect(failure.statusCode == statusCode)
    }

    @Test func `An event is flat, with leaf names and its time`() throws {
        let record = EventRecord(
            sequence: 5, time: Samples.time, kind: .session, peer: "tor-a", oldState: "up",
            newState: "down", localDiagnostic: DiagnosticName(wireValue: 1), cause: "silence")
        #expect(
            try Samples.json(record) == #"{"cause":"silence","local-diagnostic":"control-expiry","#
                + #""new-state":"down","old-state":"up","peer":"tor-a","sequence":5,"#
                + #""time":"2026-11-21T03:14:51.000042Z","type":"session"}"#)
    }
}
