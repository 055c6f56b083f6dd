internal import ArgumentParser
internal import ControlProtocol
internal import Daemon
internal import Foundation
internal import LinuxSystem
internal import NodeCore

/// `gatewatch doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find out what is wrong: sessions, namespace, links; or whether a node is fit.",
        discussion: """
            Explains every session of the running daemon that is not up, every route that the \
            kernel does not have as it is wanted, and the form of the daemon's network namespace: \
            what was seen, what that means, what to do next. Changes nothing \
            and sends nothing; watches the links for up to two seconds.

            With --preflight no daemon and no configuration is needed: makes two network \
            namespaces, sends BFD packets from one to the other and takes them away again; tries \
            what of the kernel is used; names the versions around; measures for five seconds how \
            late this node is; and judges timers that are given, before anything runs.

            Exit code 0 when all is well, 1 with findings, 2 when something could not be looked at.

            Examples:
              gatewatch doctor
              gatewatch doctor --json | jq '.checks[].findings[].code'
              ovn-nbctl list BFD | gatewatch doctor --ovn-bfd -
              gatewatch doctor --preflight
              gatewatch doctor --preflight --config gateways.yaml --kube-ovn 3/100/100
              ovn-nbctl list BFD | gatewatch doctor --preflight --ovn-bfd -
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

    @Flag(help: "Look whether this node is fit, before anything runs.")
    var preflight = false

    @Option(
        help: ArgumentHelp("With --preflight: judge the timers of a file.", valueName: "file"),
        completion: .file())
    var config: String?

    @Option(
        name: .customLong("kube-ovn"),
        help: ArgumentHelp(
            "With --preflight: the peer's detect-mult/min_rx/min_tx in milliseconds, as Kube-OVN "
                + "is told them.", valueName: "numbers"))
    var kubeOVN: String?

    @Option(
        help: ArgumentHelp("With --preflight: measure so long, 0s to 60s.", valueName: "duration"))
    var measure = "5s"

    @Option(
        help: ArgumentHelp(
            "With --preflight: where the files of other programs are, as in a container that has "
                + "the host's at /host.", valueName: "directory"),
        completion: .directory)
    var root = "/"

    func validate() throws {
        if !preflight, config != nil || kubeOVN != nil {
            throw ValidationError("--config and --kube-ovn are for --preflight")
        }
        if let kubeOVN, TimerTriple(kubeOVN: kubeOVN) == nil {
            throw ValidationError(
                "--kube-ovn \"\(kubeOVN)\" is not detect-mult/min_rx/min_tx in milliseconds, "
                    + "such as 3/100/100")
        }
        guard (0...60).contains(try measuredSeconds()) else {
            throw ValidationError("--measure is 0s to 60s")
        }
    }

    private func measuredSeconds() throws -> Int {
        do throws(DurationReader.Mistake) {
            let microseconds = try DurationReader.microseconds(measure)
            return Int(microseconds / 1_000_000 + (microseconds % 1_000_000 > 0 ? 1 : 0))
        } catch {
            throw ValidationError("--measure \"\(measure)\" \(error.message)")
        }
    }

    /// What is to be run; a file with mistakes is told like `check` does.
    private func configuration() throws -> DaemonConfiguration? {
        guard let config else { return nil }
        let report = ConfigurationFile.read(path: config)
        guard let configuration = report.configuration else {
            report.lines.forEach(StandardStreams.printError)
            throw CommandError(
                "\(report.file) has mistakes", nextStep: "Correct them: gatewatch check \(config)")
        }
        return configuration
    }

    func run() throws {
        try withOutput {
            let rows = try ovnBFD.map { try OVNRows.read($0) } ?? []
            let report =
                preflight
                ? try Preflight(
                    tree: FileTree(root: root), seconds: try measuredSeconds(),
                    configuration: try configuration(),
                    theirs: kubeOVN.flatMap { TimerTriple(kubeOVN: $0) }.map { [$0] } ?? [],
                    rows: rows, namespace: namespace
                ).report() : try report(rows)
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
            report.checks.append(try sessions(rows, name))
            if let check = try routes() { report.checks.append(check) }
        } catch let error as CommandError {
            report.checks.append(Self.check(error))
        }
        let status = status()
        if let check = namespaceCheck(name, status?.namespace) { report.checks.append(check) }
        report.checks.append(LinkCheck(daemon: status?.linkGuard).check())
        return report
    }

    /// A daemon that cannot be asked; one that waits says itself what is wrong.
    static func check(_ error: CommandError) -> DoctorCheck {
        guard error.code == .waiting else {
            return DoctorCheck(
                "sessions", "no daemon answers", failure: "\(error.message). \(error.nextStep)")
        }
        let finding = Finding(
            code: "daemon-waiting", cause: error.message, nextStep: error.nextStep)
        return DoctorCheck("sessions", "none run yet", findings: [DoctorFinding(finding)])
    }

    private func sessions(_ rows: [OVNBFDRow], _ name: String?) throws -> DoctorCheck {
        let request = Request.explain(peer: nil, ovnRows: rows)
        guard case .explanation(let report) = try control.ask(request) else {
            throw control.unexpected()
        }
        var findings = report.sessions.flatMap { session in
            session.causes.map { DoctorFinding($0, of: session.name) }
        }
        let path = name.map { NamespaceCare($0).path } ?? "the daemon's namespace"
        findings += report.strangers.map { address in
            DoctorFinding(
                NamespaceDiagnosis.peerNotAllowed(path: path, peer: address).finding)
        }
        let upCount = report.sessionCount - report.sessions.count
        return DoctorCheck(
            "sessions", "\(upCount) of \(report.sessionCount) up", findings: findings,
            failure: report.failures.isEmpty ? nil : report.failures.joined(separator: "; "))
    }

    private func routes() throws -> DoctorCheck? {
        guard case .routes(let report) = try control.ask(.routes) else {
            throw control.unexpected()
        }
        return RouteCheck.check(report.routes)
    }

    /// What the daemon says of itself; nil when none answers.
    private func status() -> StatusReport? {
        guard let reply = try? control.ask(.status(peer: nil)), case .status(let report) = reply
        else { return nil }
        return report
    }

    /// The form of a namespace; none for a daemon that runs where it was started, unless there is
    /// something at Kube-OVN's name.
    private func namespaceCheck(_ name: String?, _ status: NamespaceStatus?) -> DoctorCheck? {
        let care = NamespaceCare(name ?? "ovnext")
        // A daemon knows what it lives in, also when nothing is left at the name.
        if let status, status.path == care.path, let finding = status.finding {
            return DoctorCheck("namespace", care.path, findings: [DoctorFinding(finding)])
        }
        let evidence = care.evidence()
        if name == nil, evidence.object == .nothing { return nil }
        guard let verdict = NamespaceDiagnosis.primary(evidence) else {
            return DoctorCheck("namespace", "\(care.path) is there and sound")
        }
        return DoctorCheck(
            "namespace", care.path, findings: [DoctorFinding(verdict.finding)])
    }
}

extension NamespaceStatus {
    /// What is wrong, as a finding; nil when it is sound.
    fileprivate var finding: Finding? {
        guard let code, let cause, let nextStep else { return nil }
        return Finding(code: code, cause: cause, nextStep: nextStep)
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
