internal import ControlProtocol
internal import LinuxSystem
internal import NodeCore
internal import NodeSurvey

/// Looks at the links of this command's own namespace: what may not be changed and why, what the
/// daemon was kept from, and what a restart of Kube-OVN would touch.
struct LinkCheck {
    /// What the daemon says of its link guard; nil without a daemon.
    var daemon: LinkGuardStatus?
    /// Where the files of other programs are.
    var tree = FileTree()

    func check() -> DoctorCheck {
        let kubeOVN = VersionSurvey(tree).versions().first { $0.product == .kubeOVN }
        let gate = LinkGate(
            protected: daemon?.protectedLinks ?? [], survey: NetworkManagerSurvey(tree))
        let report: LinkReport
        do throws(LinkGateError) {
            report = try gate.report(kubeOVN: kubeOVN.flatMap { ProgramVersion($0.text) })
        } catch {
            return DoctorCheck("links", "not known", failure: "\(error)")
        }
        let held = report.links.filter { $0.reason != nil }
        var check = DoctorCheck(
            "links", "\(report.links.count) here, \(held.count) of them not to be touched",
            findings: refusals + report.findings.map { DoctorFinding($0) })
        check.notes = held.compactMap(Self.note)
        let untouched = report.kubeOVN.untouched
        if !report.kubeOVN.cards.isEmpty, !untouched.isEmpty {
            check.notes.append(
                "a restart of kube-ovn-cni does not touch \(untouched.joined(separator: ", "))")
        }
        return check
    }

    private var refusals: [DoctorFinding] {
        (daemon?.refusals ?? []).map { refusal in
            DoctorFinding(
                Finding(
                    code: "link-refused",
                    cause: "the daemon refused \(refusal.count) time"
                        + "\(refusal.count == 1 ? "" : "s"), the last time: \(refusal.cause)",
                    nextStep: "Do it in NetworkManager, or take the link out of protected-links "
                        + "if that is the reason."))
        }
    }

    /// A link that nobody knows of has a finding.
    private static func note(_ link: LinkStanding) -> String? {
        guard let reason = link.reason else { return nil }
        switch reason {
        case .unknown, .absent: return nil
        case .team, .managed, .related, .relatedUnknown, .protectedByOperator:
            let source = link.source.map { ", says \($0)" } ?? ""
            return "\(link.name): \(reason.text)\(reason == .managed ? source : "")"
        }
    }
}
