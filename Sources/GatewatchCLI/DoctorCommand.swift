internal import ArgumentParser
internal import ControlProtocol
internal import Daemon
internal import Foundation
internal import NodeCore

/// `gatewatch doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find out what is wrong: sessions, namespace, links.",
        discussion: """
            Explains every session of the running daemon that is not up, and the form of its \
            network namespace: what was seen, what that means, what to do next. Changes nothing \
            and sends nothing; watches the links for up to two seconds.

            Exit code 0 when all is well, 1 with findings, 2 when something could not be looked at.

            Examples:
              gatewatch doctor
              gatewatch doctor --json | jq '.checks[].findings[].code'
              ovn-nbctl list BFD | gatewatch doctor --ovn-bfd -
              gatewatch doctor --namespace ovnext
            """)

    @OptionGroup var control: ControlOptions

    @Option(help: "The name or path of the namespace (default: the daemon's, or else ovnext).")
    var namespace: String?

    @Option(
        name: .customLong("ovn-bfd"),
        help: ArgumentHelp(
            "What \"ovn-nbctl list BFD\" prints; - for standard input.", valueName: "file"),
        completion: .file())
    var ovnBFD: String?

    func run() throws {
        try withOutput {
            let rows = try ovnBFD.map { try OVNRows.read($0) } ?? []
            let report = try report(rows)
            try StandardStreams.print(
                control.json ? ControlCoding.text(report) : DoctorText.text(report))
            if report.exitCode != 0 { throw ExitCode(report.exitCode) }
        }
    }

    private func report(_ rows: [OVNBFDRow]) throws -> DoctorReport {
        var report = DoctorReport()
        var name = namespace
        do {
            if case .version(let version) = try control.ask(.version) {
                name = name ?? version.namespace
            }
            report.checks.append(try sessions(rows))
        } catch let error as CommandError {
            report.checks.append(
                DoctorCheck("sessions", "no daemon answers", failure: error.message))
        }
        if let check = namespaceCheck(name) { report.checks.append(check) }
        return report
    }

    private func sessions(_ rows: [OVNBFDRow]) throws -> DoctorCheck {
        let request = Request.explain(peer: nil, ovnRows: rows.map { OVNRowReport($0) })
        guard case .explanation(let report) = try control.ask(request) else {
            throw control.unexpected()
        }
        let findings = report.sessions.flatMap { session in
            session.causes.map { DoctorFinding($0, of: session.name) }
        }
        let upCount = report.sessionCount - report.sessions.count
        return DoctorCheck(
            "sessions", "\(upCount) of \(report.sessionCount) up", findings: findings,
            failure: report.failures.isEmpty ? nil : report.failures.joined(separator: "; "))
    }

    /// The form of a namespace; none for a daemon that runs where it was started, unless there is
    /// something at Kube-OVN's name.
    private func namespaceCheck(_ name: String?) -> DoctorCheck? {
        let care = NamespaceCare(name ?? "ovnext")
        let evidence = care.evidence()
        if name == nil, evidence.object == .nothing { return nil }
        guard let verdict = NamespaceDiagnosis.primary(evidence) else {
            return DoctorCheck("namespace", "\(care.path) is there and sound")
        }
        return DoctorCheck(
            "namespace", care.path, findings: [DoctorFinding(verdict.finding)])
    }
}

/// Rows of OVN's table `BFD` out of a file.
enum OVNRows {
    static func read(_ path: String) throws -> [OVNBFDRow] {
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let data = try handle?.readToEnd() ?? (handle == nil ? nil : Data()) else {
            throw CommandError(
                "\(path) cannot be read",
                nextStep: "Write what \"ovn-nbctl list BFD\" prints to it, or give -.")
        }
        let rows = OVNBFDRow.rows(in: String(decoding: data, as: UTF8.self))
        guard !rows.isEmpty else {
            throw CommandError(
                "\(path) has no row with dst_ip",
                nextStep: "Give it what \"ovn-nbctl list BFD\" prints.")
        }
        return rows
    }
}
