internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch
internal import NodeCore
internal import RouteCore

extension Daemon {
    /// How long the links are watched for a peer that is not heard: more than the second at which
    /// peers send that are not Up.
    private static let watchMilliseconds: Int64 = 1_500

    /// Finds out why sessions are not Up, and tells the client when it is known.
    func explain(
        _ name: String?, _ rows: [OVNBFDRow], _ connection: ControlConnection
    ) throws(Failure) {
        let before = try snapshot()
        let asked = before.peers.filter { name == nil || $0.configuration.name == name }
        if let name, asked.isEmpty { throw .unknownPeer(name) }
        guard inquiries.hasRoom else {
            throw Failure(
                code: .busy, message: "several others are asking the same",
                nextStep: "Try again in a few seconds.")
        }
        let suspects = asked.filter {
            $0.snapshot.session.state == .down || $0.snapshot.session.state == .initializing
        }
        let inquiry = Inquiries.Inquiry(
            connection: connection, before: before,
            suspects: suspects.map(\.configuration.name), name: name, rows: rows)
        // Not all of very many can be watched for: those first that are not heard.
        let unheard = suspects.filter { !$0.snapshot.session.isDetecting }
        let heard = suspects.filter(\.snapshot.session.isDetecting)
        inquiries.begin(
            inquiry, gatewatch, (unheard + heard).map { PathTarget($0) },
            milliseconds: unheard.isEmpty ? 0 : Self.watchMilliseconds)
    }

    /// The links have been looked at: judges, and answers.
    func answer(_ inquiry: Inquiries.Inquiry, _ report: PathReport) {
        let now: SessionsSnapshot
        do throws(Failure) {
            now = try snapshot()
        } catch {
            return inquiry.connection.send(.error(error))
        }
        let sights = Dictionary(
            report.sights.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let before = Dictionary(
            inquiry.before.peers.map { ($0.configuration.name, $0) },
            uniquingKeysWith: { first, _ in first })
        let asked = now.peers.filter {
            inquiry.name == nil || $0.configuration.name == inquiry.name
        }
        let sessions = asked.compactMap { peer -> ExplainedSession? in
            let name = peer.configuration.name
            let evidence = SessionEvidence(
                peer, before: before[name],
                PathView(
                    now: now, before: inquiry.before, report: report, sight: sights[name],
                    last: lastCauses[name], rows: inquiry.rows))
            let causes = SessionCause.all(evidence)
            guard !causes.isEmpty else { return nil }
            return ExplainedSession(
                name: name, state: SessionStateName(peer.snapshot.session.state),
                causes: causes.map { CauseReport($0.explanation) })
        }
        inquiry.connection.send(
            .explanation(
                ExplanationReport(
                    sessions: sessions, sessionCount: asked.count,
                    strangers: inquiry.name == nil ? Self.strangers(now) : [],
                    failures: report.failures)))
    }

    /// Who has sent packets within the last ten seconds that were for no session; not more than a
    /// person reads, for anybody can make up addresses.
    private static func strangers(_ snapshot: SessionsSnapshot) -> [String] {
        let peers = Set(snapshot.peers.map(\.snapshot.session.configuration.path.destination))
        let recent = snapshot.now - .seconds(10)
        let sources = snapshot.samples.filter { sample in
            sample.reason == .noSession && !(sample.arrival.receivedAt < recent)
                && !peers.contains(sample.arrival.source)
        }
        return sources.prefix(8).map { "\(HostAddress($0.arrival.source))" }.sorted()
    }
}

extension PathTarget {
    init(_ peer: PeerSnapshot) {
        let path = peer.snapshot.session.configuration.path
        self.init(
            name: peer.configuration.name, destination: HostAddress(path.destination),
            source: path.source.isUnspecified ? nil : HostAddress(path.source),
            interface: peer.configuration.interface, port: path.transport.destinationPort)
    }
}
