import ArgumentParser
import ControlProtocol
import Daemon
@testable import GatewatchCLI
import Testing

@Suite struct TextTableTests {
    private func table(_ rows: [[String]]) -> [Substring] {
        var table = TextTable([.flexible("NAME"), .fixed("STATE"), .flexible("CAUSE")])
        rows.forEach { table.add($0) }
        return table.text.split(separator: "\n")
    }

    @Test func `Columns are as wide as they need to be`() {
        #expect(
            table([["a", "up", "-"], ["tor-b", "down", "silence"]]) == [
                "NAME   STATE  CAUSE", "a      up     -", "tor-b  down   silence",
            ])
    }

    @Test func `A table is never wider than 100 columns`() {
        let long = String(repeating: "abcdefghij", count: 20)
        let lines = table([[long, "up", long]])
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(lines[1].contains("…") && lines[1].contains("  up     "))
    }

    @Test func `Control characters do not reach the terminal`() {
        #expect(table([["a\u{1b}[2J", "u\np", "\r\n"]])[1] == "a [2J  u p")
    }
}

@Suite struct SessionTextTests {
    @Test func `All sessions stand in a table, with their counts below`() {
        let sessions = [
            Samples.session("tor-a", .up), Samples.session("tor-b", .down, address: "10.9.0.2"),
            Samples.session("tor-c", .adminDown, address: "2001:db8::1", cause: nil),
        ]
        let text = SessionText.table(Samples.report(sessions), now: Samples.now)
        let rows = text.split(separator: "\n").map { line in
            line.split(separator: "  ").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
        }
        #expect(
            rows == [
                [
                    "PEER", "ADDRESS", "STATE", "SINCE", "TX", "RX", "DETECTION", "ROUTES",
                    "LAST CAUSE",
                ],
                [
                    "tor-a", "10.9.0.1", "up", "3 min 12 s", "50 ms", "50 ms", "150 ms",
                    "0.0.0.0/0", "no packet for 150 ms",
                ],
                ["tor-b", "10.9.0.2", "down", "1 h", "1 s", "-", "-", "-", "no packet for 150 ms"],
                ["tor-c", "2001:db8::1", "adminDown", "1 h", "1 s", "-", "-", "-", "-"],
                ["3 sessions: 1 up, 1 down, 1 administratively down"],
            ])
    }

    @Test func `Long names, addresses and causes still fit 100 columns`() {
        let name = String(repeating: "gateway-", count: 8)
        let session = Samples.session(
            name, .up, address: "2001:db8:1111:2222:3333:4444:5555:6666",
            cause: String(repeating: "because ", count: 30))
        let text = SessionText.table(Samples.report([session]), now: Samples.now)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test func `One session in full shows the detection time as a sum, and what discards mean`() {
        let text = SessionText.full(Samples.session("tor-a", .up), now: Samples.now)
        #expect(text.contains("detection time   3 x 50 ms = 150 ms\n"))
        #expect(text.contains("state            up, for 3 min 12 s\n"))
        #expect(text.contains("diagnostic       control-expiry here, none there\n"))
        #expect(text.contains("\n  12  from_the_future\n   3  ttl_not_255: a router is in between"))
    }

    @Test func `5880-9-02: a warning stands in the full status`() {
        var session = Samples.session("tor-a", .up)
        session.warnings = ["several hops without authentication"]
        let text = SessionText.full(session, now: Samples.now)
        let line = text.split(separator: "\n").first { $0.hasPrefix("warning ") }
        #expect(line?.hasSuffix("several hops without authentication") == true)
        #expect(
            !SessionText.full(Samples.session("tor-a", .up), now: Samples.now).contains("warning"))
    }

    @Test func `A session whose peer is not heard says so`() {
        let text = SessionText.full(Samples.session("tor-a", .down), now: Samples.now)
        #expect(text.contains("detection time   - (the peer is not heard)\n"))
    }
}

@Suite struct RouteAndEventTextTests {
    @Test func `A route shows each next hop with the reason it is missing`() {
        let route = RouteStatus(
            prefix: "0.0.0.0/0", table: 254, metric: 50, state: .partial,
            nextHops: [
                NextHopStatus(
                    peer: "tor-a", via: "10.9.0.1", interface: "ovnext0", weight: 1,
                    isWanted: true, isInstalled: true, reason: nil),
                NextHopStatus(
                    peer: "tor-b", via: "10.9.0.2", interface: nil, weight: 2, isWanted: false,
                    isInstalled: false, reason: "session down: silence"),
            ], error: nil)
        #expect(
            RouteText.text([route]) == """
                0.0.0.0/0 table main metric 50: installed in part
                  PEER   VIA               WEIGHT  WANTED  INSTALLED  REASON
                  tor-a  10.9.0.1%ovnext0  1       yes     yes        -
                  tor-b  10.9.0.2          2       no      no         session down: silence
                """)
    }

    @Test func `A held back next hop says until when, and what its failures add up to`() {
        var hops = ["up", "down"].map { state in
            NextHopStatus(
                peer: "tor-\(state)", via: "10.9.0.1", interface: nil, weight: 1, isWanted: false,
                isInstalled: false, reason: "session \(state)")
        }
        hops[0].reason = "session up, suppressed"
        hops[0].heldUntil = Timestamp("2026-11-21T09:10:11.250000Z")
        hops[0].isSuppressed = true
        hops[0].penalty = 2_890
        let route = RouteStatus(
            prefix: "::/0", table: 9, metric: 0, state: .withdrawn, nextHops: hops, error: nil)
        let lines = RouteText.text([route]).split(separator: "\n")
        #expect(lines[2].hasSuffix("  suppressed until 09:10:11.250Z, penalty 2890"))
        #expect(lines[3].hasSuffix("session down"))
    }

    @Test func `No routes is an answer, too`() {
        #expect(RouteText.text([]) == "No routes are configured.")
    }

    @Test func `An event is one line`() {
        let record = EventRecord(
            sequence: 5, time: Samples.now, kind: .session, peer: "tor-a", oldState: "up",
            newState: "down", localDiagnostic: DiagnosticName(wireValue: 1), cause: "silence")
        #expect(
            EventText.line(record) == "2026-11-21T03:14:51.000042Z  session  tor-a  up -> down  "
                + "(control-expiry): silence")
    }

    @Test func `An event is one line and moves no cursor, whatever its cause says`() {
        let record = EventRecord(
            sequence: 5, time: Samples.now, kind: .daemon,
            cause: "bfdd-control allow 10.9.1.1 \u{1b}[2J\u{9b}1A\r\nforged\u{2028}line")
        let line = EventText.line(record)
        #expect(line.hasSuffix("allow 10.9.1.1  [2J 1A forged line"))
    }

    @Test func `An event of the daemon and one of a route read well, too`() {
        let started = EventRecord(
            sequence: 1, time: Samples.now, kind: .daemon, cause: "started, version 0.1.0")
        #expect(
            EventText.line(started)
                == "2026-11-21T03:14:51.000042Z  daemon   started, version 0.1.0")
        let route = EventRecord(
            sequence: 2, time: Samples.now, kind: .route, peer: "tor-a", prefix: "::/0",
            cause: "session up")
        #expect(EventText.line(route) == "2026-11-21T03:14:51.000042Z  route    ::/0: session up")
    }

    @Test func `A diagnostic kept from before is not shown as the reason to be up`() {
        let record = EventRecord(
            sequence: 5, time: Samples.now, kind: .session, peer: "tor-a", oldState: "down",
            newState: "up", localDiagnostic: DiagnosticName(wireValue: 7), cause: "heard")
        #expect(!EventText.line(record).contains("admin-down"))
    }

    @Test(arguments: PeerSignal.allCases)
    func `Every signal is explained in the help and says what was done`(
        _ signal: PeerSignal
    ) {
        let help = GatewatchCommand.helpMessage(for: PeerSignalCommand.self, columns: 80)
        #expect(help.contains("\n  \(signal.rawValue)  "))
        let line = PeerSignalCommand.line(SignalReport(name: "tor-a", signal: signal))
        #expect(line.hasPrefix("Peer tor-a was told \(signal.rawValue): "))
        #expect(line.count <= 100)
    }

    @Test func `A change of a peer that changes nothing says so`() {
        let report = PeerReport(name: "tor-a", isAdministrativelyDown: true, hasChanged: false)
        #expect(PeerText.line(report) == "Peer tor-a was disabled already.")
    }
}
