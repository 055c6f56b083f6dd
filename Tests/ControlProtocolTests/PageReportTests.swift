import BFDCore
import ControlProtocol
import Foundation
import Testing

/// What the status page is told: lines of tables, and nothing that is nobody's business.
@Suite struct PageReportTests {
    private static let hour: Int64 = 3_600_000_000

    private static func time(_ hours: Int64) -> Timestamp {
        Timestamp(microseconds: Samples.time.microseconds + hours * hour)
    }

    private func report(_ change: (inout StatusReport) -> Void = { _ in }) -> PageReport {
        var status = Samples.status
        change(&status)
        let version = VersionReport(
            version: "0.1.0", processID: 7, startTime: Samples.time, namespace: "ovnext")
        let events = EventsPage(
            events: [EventRecord(sequence: 9, time: Samples.time, kind: .daemon, cause: "x")],
            lastSequence: 9)
        return PageReport(
            version, status, RoutesReport(routes: []), events, time: Self.time(2),
            refreshMilliseconds: 1_000)
    }

    @Test func `It has the names that the page asks for`() throws {
        var report = report {
            $0.punctuality = PunctualityStatus(
                receiveDropCount: 0,
                transmitLateness: LatenessStatus(
                    count: 0, sum: 0, median: 0, percentile99: 0, maximum: 0, buckets: []),
                detectionOvershoot: LatenessStatus(
                    count: 0, sum: 0, median: 0, percentile99: 0, maximum: 0, buckets: []))
            $0.namespace = NamespaceStatus(path: "/run/netns/ovnext", inode: 1)
        }
        report.host = "node-1"
        report.routeChanges = RouteChanges(
            counts: [:],
            duration: LatenessStatus(
                count: 0, sum: 0, median: 0, percentile99: 0, maximum: 0, buckets: []))
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(try Samples.json(report).utf8))
                as? [String: Any])
        #expect(
            Samples.keys(object) == [
                "time", "refresh-milliseconds", "host", "version", "summary", "sessions", "routes",
                "route-changes", "events", "punctuality", "packets", "namespace", "drained",
                "configuration",
            ])
        let sessions = try #require(object["sessions"] as? [Any])
        #expect(
            Samples.keys(sessions.first) == [
                "name", "dest-addr", "interface", "local-state", "remote-state", "since",
                "negotiated-tx-interval", "negotiated-rx-interval", "remote-multiplier",
                "detection-time", "detection-mode", "down-count", "discard-count",
                "remote-authenticated", "last-cause", "routes",
            ])
        #expect(try Samples.decode(PageReport.self, Samples.json(report)) == report)
    }

    @Test func `A session is in its state since it last came up or left, or was made`() {
        var session = Samples.session()
        session.statistics.createTime = Self.time(0)
        session.statistics.lastUpTime = nil
        #expect(PageSession(session).since == Self.time(0))
        session.statistics.lastUpTime = Self.time(1)
        #expect(PageSession(session).since == Self.time(1))
        session.statistics.lastDownTime = Self.time(2)
        #expect(PageSession(session).since == Self.time(2))
    }

    @Test func `Packets are counted over all sessions, strangers' included`() {
        let packets = report { status in
            status.sessions = [Samples.session("a"), Samples.session("b")]
        }.packets
        #expect(packets.received == 20 && packets.sent == 22)
        // Three of each session, two of none.
        #expect(packets.discarded == 8)
    }

    @Test func `Mistakes of a file are counted and not quoted, and keys are not told`() throws {
        let secret = "hunter2"
        let report = report { status in
            status.configuration?.errors = ["a.yaml:1:1: error: \(secret)"]
            status.configuration?.file = secret
            status.sessions[0].authentication = AuthenticationStatus(
                type: .simplePassword, keyIDs: [77])
            status.sessions[0].localDiscriminator = 4_242_424_242
        }
        #expect(report.configuration?.errorCount == 1)
        let text = try Samples.json(report)
        #expect(!text.contains(secret) && !text.contains("77") && !text.contains("4242424242"))
    }
}
