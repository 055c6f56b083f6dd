import ControlProtocol
@testable import GatewatchCLI
import Testing

/// What `top` shows, without a terminal and without a daemon.
@Suite struct TopTests {
    private static func lateness(_ counts: [UInt64], maximum: Int64) -> LatenessStatus {
        let buckets = counts.enumerated().map { place, count in
            LatenessStatus.Bucket(
                upperBound: place == counts.count - 1 ? nil : Int64(8_192 << place), count: count)
        }
        return LatenessStatus(
            count: counts.reduce(0, +), sum: 0, median: 0, percentile99: 0, maximum: maximum,
            buckets: buckets)
    }

    private static func sample(
        _ sessions: [SessionStatus], at second: Int64 = 0, process: Int32 = 7,
        lateness: LatenessStatus? = nil
    ) -> TopSample {
        var status = Samples.report(sessions)
        if let lateness {
            status.punctuality = PunctualityStatus(
                receiveDropCount: 0, transmitLateness: lateness, detectionOvershoot: lateness)
        }
        let route = RouteStatus(
            prefix: "0.0.0.0/0", table: 254, metric: 0, state: .partial,
            nextHops: [
                NextHopStatus(
                    peer: "tor-a", via: "10.9.0.1", interface: nil, weight: 1, isWanted: true,
                    isInstalled: true, reason: nil),
                NextHopStatus(
                    peer: "tor-b", via: "10.9.0.2", interface: nil, weight: 1, isWanted: false,
                    isInstalled: false, reason: "session Down"),
            ], error: nil)
        return TopSample(
            time: Timestamp(microseconds: Samples.now.microseconds + second * 1_000_000),
            moment: second * 1_000_000_000,
            version: VersionReport(
                version: "1.2.3", processID: process,
                startTime: Timestamp(microseconds: Samples.now.microseconds - 7_200_000_000),
                namespace: "ovnext"),
            status: status, routes: [route])
    }

    private static func busy(_ name: String, packets: UInt64) -> SessionStatus {
        var session = Samples.session(name, .up)
        session.statistics.sentPacketCount += packets
        session.statistics.receivedPacketCount += packets
        return session
    }

    private static func many(_ count: Int) -> [SessionStatus] {
        (0..<count).map { Samples.session("peer-\($0)", $0 == 150 ? .down : .up) }
    }

    private static let event = EventRecord(
        sequence: 1, time: Samples.now, kind: .session, peer: "tor-b", oldState: "up",
        newState: "down", cause: "silence")

    private static func frame(_ sample: TopSample, rows: Int?, columns: Int) -> TopFrame {
        TopFrame(
            sample: sample, change: TopChange(from: nil, to: sample), events: [event],
            trouble: nil, rows: rows, columns: columns)
    }

    @Test func `A small frame, word by word`() {
        let before = Self.sample(
            [Self.busy("tor-a", packets: 0), Samples.session("tor-b", .down)], at: 0,
            lateness: Self.lateness([5, 5, 0, 0], maximum: 16_000))
        let now = Self.sample(
            [Self.busy("tor-a", packets: 40), Samples.session("tor-b", .down)], at: 2,
            lateness: Self.lateness([104, 5, 1, 0], maximum: 20_000))
        let frame = TopFrame(
            sample: now, change: TopChange(from: before, to: now), events: [Self.event],
            trouble: nil, rows: 18, columns: 76)
        var view = TopView()
        let lines = frame.lines(&view)
        #expect(
            lines.map(\.text) == [
                "gatewatch 1.2.3 in ovnext, running for 2 h" + String(repeating: " ", count: 25)
                    + "03:14:53Z",
                "sessions  2: 1 up, 1 down, 0 administratively down",
                "packets   20.0/s sent, 20.0/s received, 0.0/s discarded",
                "late by   at most 9 µs (p50), 9 µs (p99), 20 µs (max)",
                "route     0.0.0.0/0 partial, 1 of 2 next hops",
                "",
                "PEER   ADDRESS   STATE  SINCE       TX/S  RX/S  LAST CAUSE",
                "tor-b  10.9.0.1  down   1 h         0.0   0.0   no packet for 150 ms",
                "tor-a  10.9.0.1  up     3 min 14 s  20.0  20.0  no packet for 150 ms",
                "", "", "", "", "",
                "",
                "LATEST EVENTS",
                "03:14:51.000042Z  session  tor-b  up -> down: silence",
                ("1-2 of 2  q quit  ? help  s sort: problems  / filter" as String)
                    .padded(to: 76),
            ])
        #expect(lines[1].style == .bad && lines[7].style == .bad && lines[8].style == .plain)
    }

    @Test(arguments: [(24, 80), (40, 120), (10, 40), (4, 20), (2, 200), (1, 1), (60, 33)])
    func `A frame fills the screen exactly, whatever its size`(_ rows: Int, _ columns: Int) {
        for shown in [0, 3, 200] {
            var view = TopView()
            let frame = Self.frame(Self.sample(Self.many(shown)), rows: rows, columns: columns)
            for _ in 0..<3 {
                let lines = frame.lines(&view)
                #expect(lines.count == rows)
                #expect(lines.allSatisfy { $0.text.count <= columns })
                let goesOn = view.press([.pageDown, .character("?")])
                #expect(goesOn)
            }
        }
    }

    @Test func `Without a screen all sessions are shown, and no keys`() {
        var view = TopView()
        let frame = Self.frame(Self.sample(Self.many(200)), rows: nil, columns: 100)
        let lines = frame.lines(&view).map(\.text)
        #expect(lines.count { $0.hasPrefix("peer-") } == 200)
        #expect(!lines.contains { $0.contains("q quit") })
    }

    @Test func `Problems come first, and keys choose what is seen`() {
        let sample = Self.sample(Self.many(200))
        let change = TopChange(from: nil, to: sample)
        var view = TopView()
        #expect(view.sessions(sample, change).first?.name == "peer-150")
        var goesOn = view.press([.character("s")])
        #expect(view.order == .name && view.sessions(sample, change).first?.name == "peer-0")
        goesOn = view.press(TopKey.keys(Array("/PEER-19".utf8)))
        #expect(view.sessions(sample, change).count == 11)
        // While a filter is typed, q is a letter like others.
        goesOn = view.press([.character("q"), .backspace, .enter])
        #expect(goesOn && view.sessions(sample, change).count == 11)
        goesOn = view.press([.escape])
        #expect(goesOn && view.sessions(sample, change).count == 200)
        let frame = Self.frame(sample, rows: 24, columns: 80)
        goesOn = view.press([.end])
        let lines = frame.lines(&view)
        #expect(lines.contains { $0.text.hasPrefix("peer-99") })
        #expect(view.scroll == 200 - view.pageLength)
        goesOn = view.press([.home])
        #expect(goesOn && view.scroll == 0)
        goesOn = view.press([.character("q")])
        #expect(!goesOn)
    }

    @Test func `Keys are understood, and what is none is not`() {
        let octets = Array("a\u{1b}[A\u{1b}OB\u{1b}[5~\u{1b}[6~\u{1b}[1~\u{1b}[F\r\u{7f}µ".utf8)
        #expect(
            TopKey.keys(octets) == [
                .character("a"), .up, .down, .pageUp, .pageDown, .home, .end, .enter, .backspace,
                .character("µ"),
            ])
        #expect(TopKey.keys([0x1b]) == [.escape])
        #expect(TopKey.keys(Array("\u{1b}[15~\u{1b}[1;5C\u{1}\u{1b}[".utf8)) == [])
    }

    @Test func `Counters of another run are not compared`() {
        let before = Self.sample([Self.busy("tor-a", packets: 50)], at: 0)
        let now = Self.sample([Self.busy("tor-a", packets: 0)], at: 1, process: 8)
        #expect(TopChange(from: before, to: now).rates.isEmpty)
        let same = Self.sample([Self.busy("tor-a", packets: 60)], at: 1)
        #expect(TopChange(from: before, to: same).rates["tor-a"]?.sent == 10)
    }

    @Test func `Lateness is that of the last interval`() throws {
        let old = Self.lateness([100, 0, 3, 0], maximum: 30_000)
        let now = Self.lateness([198, 1, 4, 0], maximum: 30_000)
        let span = try #require(TopLateness(from: old, to: now))
        #expect(span.count == 100 && span.median == 8_192 && span.percentile99 == 16_384)
        #expect(span.maximum == 30_000)
        #expect(TopLateness(from: now, to: now) == nil)
        #expect(TopLateness(from: now, to: old)?.count == 103)
    }

    @Test func `Colours are left out where they are not wanted`() {
        let line = TopLine("x\u{1b}y", .bad)
        #expect(line.sequence(inColour: true) == "\u{1b}[31mx y\u{1b}[0m")
        #expect(line.sequence(inColour: false) == "\u{1b}[1mx y\u{1b}[0m")
        #expect(TopScreen(pause: 1, terminal: ["TERM": "dumb"]).canDraw == false)
        #expect(TopScreen(pause: 1, terminal: [:]).canDraw == false)
        #expect(TopScreen(pause: 1, terminal: ["TERM": "xterm"]).canDraw)
    }

    @Test func `No daemon is said in red, and the last sessions stay`() {
        var frame = Self.frame(Self.sample(Self.many(3)), rows: 24, columns: 80)
        frame.trouble = "no daemon: there is no control socket"
        var view = TopView()
        let lines = frame.lines(&view)
        #expect(lines[1].text.hasPrefix("no answer: no daemon") && lines[1].style == .bad)
        #expect(lines.contains { $0.text.hasPrefix("peer-2") })
    }
}

extension TopView {
    /// Presses one key after the other; whether it goes on.
    fileprivate mutating func press(_ keys: [TopKey]) -> Bool {
        var goesOn = true
        for key in keys { goesOn = press(key) }
        return goesOn
    }
}
