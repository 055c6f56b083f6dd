import ControlProtocol
import Foundation
import LinuxSystem
import Testing

@testable import GatewatchCLI

/// What `doctor` says of links.
@Suite struct LinkCheckTests {
    /// A tree without processes, so that no NetworkManager runs.
    private static let tree = FileTree(root: "/nonexistent")

    @Test func `Without a daemon and NetworkManager all is well`() {
        let check = LinkCheck(daemon: nil, tree: Self.tree).check()
        #expect(check.failure == nil && check.findings.isEmpty && check.notes.isEmpty)
        #expect(check.summary.hasSuffix(" here, 0 of them not to be touched"))
    }

    @Test func `What the daemon refused and what it protects is told`() {
        let daemon = LinkGuardStatus(
            protectedLinks: ["lo", "nosuch0"],
            refusals: [
                .init(change: "set-down", reason: "team", count: 2, link: "team0", cause: "why")
            ])
        let check = LinkCheck(daemon: daemon, tree: Self.tree).check()
        #expect(check.findings.map(\.code) == ["link-refused", "link-pattern"])
        #expect(check.findings[0].cause == "the daemon refused 2 times, the last time: why")
        #expect(check.findings[1].cause.contains("nosuch0"))
        #expect(check.notes == ["lo: protected-links has lo"])
    }
}
