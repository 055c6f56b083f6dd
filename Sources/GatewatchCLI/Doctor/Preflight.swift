internal import ControlProtocol
internal import Daemon
internal import Foundation
internal import LinuxSystem
internal import NodeCore
internal import NodeSurvey
internal import TimerJitter

/// What `doctor --preflight` looks at: a node on which nothing of ours runs yet.
struct Preflight {
    /// Where files of other programs are looked for.
    var tree: FileTree
    /// How long to measure lateness, in seconds; zero for not at all.
    var seconds: Int
    /// What is to be run; nil for nothing.
    var configuration: DaemonConfiguration?
    /// The timers of the other end, where they were given.
    var theirs: [TimerTriple]
    /// Rows of OVN's, which name the address of ours that they are for.
    var rows: [OVNBFDRow]
    /// The namespace to look at.
    var namespace: String?

    /// The priority that is tried.
    private static let priority: Int32 = 50

    func report() throws -> DoctorReport {
        let trials = PreflightLab.run(
            tag: "\(ProcessInfo.processInfo.processIdentifier)")
        let refusal = JitterProbe.refusal(ofPriority: Self.priority)
        let realTime: Trial =
            refusal.map { .fails("\($0)") } ?? .works("SCHED_FIFO \(Self.priority)")
        let isAllowed = refusal == nil
        var report = DoctorReport(checks: [
            namespaces(trials[.namespace] ?? .notTried("")),
            check("packets", trials, [.packets, .receiveStamps, .timer]),
            check("routes", trials, [.nextHops, .nextHopGroups, .resilientGroups]),
            check(
                "rights",
                [.capabilities: CapabilitySurvey.trial(), .realTimePriority: realTime],
                [.capabilities, .realTimePriority]),
            versions(),
        ])
        let lateness = seconds > 0 ? try measure(withPriority: isAllowed) : []
        if let check = latenessCheck(lateness) { report.checks.append(check) }
        report.checks += timers(lateness)
        return report
    }

    /// Whether the system is at fault or only the one namespace.
    private func namespaces(_ trial: Trial) -> DoctorCheck {
        let care = NamespaceCare(namespace ?? configuration?.namespace ?? "ovnext")
        let evidence = care.evidence()
        let isAsked = namespace != nil || configuration?.namespace != nil
        var check = self.check("namespace", [.namespace: trial], [.namespace])
        guard let verdict = NamespaceDiagnosis.primary(evidence) else {
            check.notes.append("\(care.path) is there and sound")
            return check
        }
        if evidence.object == .nothing, !isAsked {
            check.notes.append("\(care.path) is not there yet")
            return check
        }
        if case .works = trial {
            check.notes.append("so the system is sound, and \(care.path) alone is at fault")
        }
        check.findings.append(DoctorFinding(verdict.finding))
        return check
    }

    /// What was tried: what is required is a finding when it fails, the rest a note.
    private func check(
        _ name: String, _ trials: [PreflightFeature: Trial], _ features: [PreflightFeature]
    ) -> DoctorCheck {
        var check = DoctorCheck(name, "")
        var parts: [String] = []
        for feature in features {
            switch trials[feature] {
            case .works(let text): parts.append("\(feature.rawValue): \(text)")
            case .fails: parts.append("\(feature.rawValue): no")
            case .notTried(let text): parts.append("\(feature.rawValue): not tried, \(text)")
            case nil: parts.append("\(feature.rawValue): not tried")
            }
            guard let trial = trials[feature], let words = feature.explanation(trial) else {
                continue
            }
            if feature.isRequired {
                check.findings.append(DoctorFinding(words))
            } else {
                check.notes.append(
                    "\(words.evidence) [\(words.code)]: \(words.meaning). \(words.nextStep)")
            }
        }
        check.summary = parts.joined(separator: "; ")
        return check
    }

    private func versions() -> DoctorCheck {
        let versions = VersionSurvey(tree).versions()
        var check = DoctorCheck(
            "versions",
            versions.map { "\($0.product.rawValue) \($0.text)" }.joined(separator: ", "))
        for version in versions {
            for note in version.notes { check.notes.append("\(version.product.rawValue): \(note)") }
        }
        if versions.isEmpty { check.summary = "none found" }
        return check
    }
}
