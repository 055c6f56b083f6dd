import ControlProtocol
@testable import GatewatchCLI
import NodeCore
import Testing

/// What `doctor` prints.
@Suite struct DoctorTextTests {
    private static let cause = CauseReport(
        Explanation(
            code: "session-ttl",
            evidence: "12 packets discarded (ttl_not_255): their TTL is 254, at least 255 is "
                + "accepted; the last came 40 ms ago from 10.9.0.1 by ovnext0, TTL 254, 24 octets",
            meaning: "a router is on the way, or the sender does not set TTL 255",
            nextStep: "Set minimum-ttl: 254 if that is meant to be."))

    private static let report = DoctorReport(checks: [
        DoctorCheck("sessions", "1 of 2 up", findings: [DoctorFinding(cause, of: "tor-a")]),
        DoctorCheck("links", "not known", failure: "no rights"),
    ])

    @Test func `Subject, evidence, code, meaning and next step are told, within 100 columns`() {
        let text = DoctorText.text(Self.report)
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 }, "\(text)")
        #expect(lines[0] == "!!  sessions  1 of 2 up")
        #expect(lines[1].hasPrefix("    - tor-a: 12 packets discarded"))
        #expect(text.contains("[session-ttl]\n      A router is on the way"))
        #expect(text.contains("\n   -> Set minimum-ttl: 254"))
        #expect(text.contains("??  links     not known\n              could not look: no rights"))
        #expect(text.hasSuffix("\n1 finding, 1 of the checks could not be made."))
    }

    @Test func `The exit code tells findings from what could not be looked at`() {
        let failed = DoctorCheck("links", "", failure: "no rights")
        #expect(DoctorReport(checks: [DoctorCheck("sessions", "2 of 2 up")]).exitCode == 0)
        #expect(Self.report.exitCode == 1)
        #expect(DoctorReport(checks: [failed]).exitCode == 2)
        #expect(
            DoctorText.text(DoctorReport(checks: [DoctorCheck("sessions", "2 of 2 up")]))
                == "ok  sessions  2 of 2 up\n\nAll is well.")
    }

    @Test func `A daemon that cannot be asked is told with what to do next`() {
        let check = DoctorCommand.check(CommandError("no daemon: none", nextStep: "Start it."))
        #expect(check.failure == "no daemon: none. Start it." && check.findings.isEmpty)
    }

    @Test func `A sentence begins with a capital letter unless it begins with a name`() {
        #expect(ExplanationText.sentence("nothing comes") == "Nothing comes.")
        #expect(ExplanationText.sentence("fd09::1 is silent") == "fd09::1 is silent.")
        #expect(ExplanationText.sentence("") == ".")
    }

    @Test func `Text of others does not reach the terminal's controls`() {
        let text = ExplanationText.wrapped("a\u{1b}[2Jb c", first: "- ", rest: "  ")
        #expect(text == "- a [2Jb c")
    }

    @Test func `Long texts are broken between words, and given steps keep their lines`() {
        let long = Array(repeating: "abcdefghi", count: 30).joined(separator: " ")
        let lines = ExplanationText.wrapped("one\n" + long, first: "-> ", rest: "   ")
            .split(separator: "\n")
        #expect(lines.first == "-> one")
        #expect(lines.allSatisfy { $0.count <= 100 } && lines.count == 5)
    }
}
