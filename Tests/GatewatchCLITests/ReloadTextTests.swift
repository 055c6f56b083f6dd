import ArgumentParser
import ControlProtocol
@testable import GatewatchCLI
import Testing

@Suite struct ReloadTextTests {
    @Test func `A reload shows what comes, changes and goes`() {
        var report = ReloadReport(file: "a.yaml", outcome: .applied)
        report.peers.added = ["tor-c"]
        report.peers.changed = [
            ReloadReport.ChangedItem(name: "tor-a", changes: ["local-multiplier 3 -> 5"]),
            ReloadReport.ChangedItem(
                name: "tor-d", restarts: true, changes: ["interface any -> eth0"]),
        ]
        report.peers.removed = ["tor-b"]
        report.peers.unchangedCount = 97
        report.routes.unchangedCount = 1
        report.settings = [
            .init(key: "log.level", from: "info", to: "debug", needsRestart: false),
            .init(key: "namespace", from: "a", to: "b", needsRestart: true),
        ]
        report.unsaved = [UnsavedPeer(name: "tor-x", change: .added, settings: ["dest-addr: ::1"])]
        #expect(
            ReloadText.text(report) == """
                a.yaml: applied
                  peers: 1 added, 2 changed, 1 removed, 97 unchanged
                    + tor-c
                    ~ tor-a: local-multiplier 3 -> 5
                    ~ tor-d (a new session): interface any -> eth0
                    - tor-b
                  routes: 1 unchanged
                  settings
                    ~ log.level info -> debug
                    ! namespace a -> b, needs a restart
                  changed at run time, not in the file
                    * tor-x added: dest-addr: ::1
                """)
        #expect(
            ReloadText.text(ReloadReport(file: "a.yaml", outcome: .unchanged))
                == "a.yaml: nothing has changed")
    }

    @Test func `Changes of peers are told with what became of the file`() {
        var report = PeerEditReport(
            peer: "tor-a", action: .set, hasChanged: true, changes: ["role active -> passive"])
        #expect(
            PeerEditText.text(report) == """
                Peer tor-a changed: role active -> passive.
                Not saved: a restart forgets it.
                """)
        report.savedTo = "a.yaml"
        #expect(PeerEditText.text(report).hasSuffix("\nSaved to a.yaml."))
        let same = PeerEditReport(peer: "tor-a", action: .set, hasChanged: false)
        #expect(PeerEditText.text(same) == "Peer tor-a was like that already.")
    }

    @Test func `A drain tells whom it waits for, and when it is over`() {
        let waiting = (1...7).map { number in
            DrainReport.WaitingPeer(
                name: "tor-\(number)", remoteState: .up, remainingMilliseconds: 1_950)
        }
        let report = DrainReport(
            isDrained: true, hasChanged: true, peerCount: 9, movedCount: 2, waiting: waiting)
        let text = DrainText.progress(report)
        #expect(text.hasPrefix("2 of 9 peers have moved, not tor-1 (up, at most 2.0 s), tor-2"))
        #expect(text.hasSuffix("and 2 more"))
        #expect(!report.isOver)
        let over = DrainReport(isDrained: true, hasChanged: true, peerCount: 2, movedCount: 2)
        #expect(DrainText.drained(over, after: 0.055) == "Drained: 2 peers moved after 0.055 s.")
        #expect(
            DrainText.drained(DrainReport(isDrained: true), after: 0)
                == "The node was drained already.")
    }

    @Test func `The status tells what is not as the file says`() {
        var report = Samples.report([Samples.session("tor-a", .up)])
        var configuration = ConfigurationStatus(file: "a.yaml", since: Samples.now)
        configuration.errors = ["a.yaml:1:1: error: no"]
        configuration.needsRestart = ["namespace"]
        configuration.unsaved = [UnsavedPeer(name: "tor-a", change: .changed, settings: ["a: b"])]
        report.configuration = configuration
        report.isDrained = true
        let text = SessionText.table(report, now: Samples.now)
        for line in [
            "the node is drained: take it back into service with gatewatch undrain",
            "configuration: the file as it is now was refused, what ran goes on",
            "a.yaml:1:1: error: no", "configuration: needs a restart for namespace",
            "    * tor-a changed: a: b",
        ] {
            #expect(text.contains("\n\(line)"))
        }
    }

    @Test func `A refusal shows everything that is wrong before what to do`() {
        let failure = Failure(
            code: .badConfiguration, message: "a.yaml has 1 error", nextStep: "Correct it.",
            details: ["a.yaml:1:1: error: no"])
        #expect(
            CommandError(failure).description
                == "a.yaml:1:1: error: no\na.yaml has 1 error\nCorrect it.")
    }

    @Test(arguments: [
        ["reload"], ["reload", "--dry-run", "--discard", "--json"], ["drain"],
        ["drain", "--timeout", "500ms", "--json"], ["undrain", "--socket", "/tmp/c.sock"],
        ["peer", "add", "tor-c", "10.9.0.3"],
        ["peer", "add", "tor-c", "fd09::3", "interface=eth0", "role=passive", "--save"],
        ["peer", "set", "tor-a", "local-multiplier=5"], ["peer", "set", "tor-a", "--save"],
        ["peer", "remove", "tor-a", "--save", "--json"],
    ])
    func `The documented forms are understood`(_ arguments: [String]) throws {
        _ = try GatewatchCommand.parseAsRoot(arguments)
    }

    @Test(arguments: [
        ["reload", "a.yaml"], ["drain", "--timeout", "5"], ["drain", "tor-a"],
        ["peer", "add", "tor-c"], ["peer", "set", "tor-a"], ["peer", "set", "tor-a", "five"],
        ["peer", "set", "tor-a", "=5"], ["peer", "remove"],
    ])
    func `Wrong usage ends with 64`(_ arguments: [String]) {
        do {
            _ = try GatewatchCommand.parseAsRoot(arguments)
            Issue.record("understood")
        } catch {
            #expect(GatewatchCommand.exitCode(for: error) == .validationFailure)
        }
    }
}
