internal import ControlProtocol

/// What `doctor` found, as people read it.
enum DoctorText {
    static func text(_ report: DoctorReport) -> String {
        let width = report.checks.map(\.name.count).max() ?? 0
        let checks = report.checks.map { text($0, width: width) }
        return (checks + [verdict(report)]).joined(separator: "\n")
    }

    private static func text(_ check: DoctorCheck, width: Int) -> String {
        let mark = !check.findings.isEmpty ? "!!" : check.failure != nil ? "??" : "ok"
        let indent = String(repeating: " ", count: 4 + width + 2)
        let head = ExplanationText.wrapped(
            check.summary, first: "\(mark)  \(check.name.padded(to: width))  ", rest: indent)
        let failure = check.failure.map {
            [ExplanationText.wrapped("could not look: \($0)", first: indent, rest: indent)]
        }
        let notes = check.notes.map {
            ExplanationText.wrapped($0, first: indent, rest: indent + "  ")
        }
        return ([head] + (failure ?? []) + notes + check.findings.map(finding))
            .joined(separator: "\n")
    }

    private static func finding(_ finding: DoctorFinding) -> String {
        let subject = finding.subject.map { "\($0): " } ?? ""
        let seen = finding.evidence ?? finding.cause
        let indent = "      "
        var lines = [
            ExplanationText.wrapped(
                "\(subject)\(seen) [\(finding.code)]", first: "    - ", rest: indent)
        ]
        if finding.evidence != nil {
            lines.append(
                ExplanationText.wrapped(
                    ExplanationText.sentence(finding.cause), first: indent, rest: indent))
        }
        lines.append(
            ExplanationText.wrapped(finding.nextStep, first: "   -> ", rest: indent))
        return lines.joined(separator: "\n")
    }

    private static func verdict(_ report: DoctorReport) -> String {
        let count = report.findingCount
        let failures = report.checks.count { $0.failure != nil }
        let rest = failures == 0 ? "" : ", \(failures) of the checks could not be made"
        guard count > 0 else { return failures == 0 ? "\nAll is well." : "\nNo findings\(rest)." }
        return "\n\(count) finding\(count == 1 ? "" : "s")\(rest)."
    }
}
