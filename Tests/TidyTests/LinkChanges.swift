import Foundation
import Testing

/// No way around the link guard: what changes a link needs its permit.
///
/// Requests are made in one place, and a kind of request that changes a link is only to be had for
/// a `LinkPermit`; these calls and numbers would do without.
enum LinkChanges {
    static let words = [
        "rtnl_link_add", "rtnl_link_change", "rtnl_link_delete", "rtnl_link_build",
        "rtnl_link_enslave", "rtnl_link_release", "rtnl_link_bond", "rtnl_addr_add",
        "rtnl_addr_delete", "rtnl_neigh_add", "rtnl_qdisc", "rtnl_route_add", "nl_send", "SIOCS",
        "SIOCADD", "SIOCDEL", "SIOCBR", "RTM_SETLINK", "RTM_DELLINK", "RTM_NEWADDR", "RTM_DELADDR",
        "RTM_NEWQDISC", "/sys/class/net", "PACKET_ADD_MEMBERSHIP",
    ]
    /// Where the numbers are turned into permitted requests, and where notifications are read.
    static let places: Set<String> = [
        "Sources/Netlink/RequestKind.swift", "Sources/Netlink/RouteMonitor.swift",
    ]

    static func findings(in file: SourceFile) -> [Finding] {
        guard file.isSource else { return [] }
        return file.lines.enumerated().flatMap { offset, line in
            var found = words.filter { line.contains($0) && !places.contains(file.path) }
            if file.path != "Sources/Netlink/NetlinkMessage.swift", line.contains("nlmsg_put") {
                found.append("nlmsg_put")
            }
            if file.path != "Sources/NodeCore/LinkGuard.swift", line.contains("LinkPermit(") {
                found.append("LinkPermit(")
            }
            return found.map {
                Finding(path: file.path, line: offset + 1, message: "\($0) passes the guard by")
            }
        }
    }
}

@Suite("Links change through the guard")
struct LinkChangeTests {
    @Test func `nothing passes the link guard by`() {
        #expect(Tree.files.flatMap(LinkChanges.findings(in:)).map(\.description) == [])
    }

    @Test(arguments: [
        "    rtnl_link_change(socket, link, change, 0)", "ioctl(fd, SIOCSIFFLAGS, &request)",
        "let type = Int(RTM_SETLINK)", "unsafe nlmsg_put(raw, 0, 0, 16, 0, 0)",
        "LinkPermit(.setDown, index: 1, name: name)",
    ])
    func `a way around is found`(_ line: String) {
        let file = SourceFile(path: "Sources/Netlink/X.swift", text: line)
        #expect(LinkChanges.findings(in: file).count == 1)
    }
}

extension LinkChangeTests {
    private func compile(_ body: String) throws -> (status: Int32, output: String) {
        let build = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        return try withTemporaryFolder { folder in
            let file = folder.appending(path: "main.swift")
            try "import NodeCore\n\(body)\n".write(to: file, atomically: true, encoding: .utf8)
            return try run(
                "swiftc", "-typecheck", "-swift-version", "6", "-I",
                build.appending(path: "Modules").path, file.path)
        }
    }

    @Test func `the guard grants a permit, and nobody else can make or copy one`() throws {
        let granted = "let permit = try LinkGuard([], evidence).permit(.setDown, of: \"eth0\")"
        let evidence = "let evidence = NetworkManagerEvidence(isAlive: false, sharesNamespace: nil)"
        let fine = try compile("\(evidence)\nfunc f() throws { \(granted); _ = permit.index }")
        #expect(fine.status == 0, "\(fine.output)")
        let made = try compile("let permit = LinkPermit(.setDown, index: 2, name: \"eth0\")")
        #expect(made.status != 0 && made.output.contains("inaccessible"))
        let copied = try compile(
            "\(evidence)\nfunc f() throws { \(granted); let other = copy permit; _ = other.index }")
        #expect(copied.status != 0 && copied.output.contains("noncopyable"))
    }
}
