import Foundation
import Netlink
import NodeCore
import NodeSurvey
import Testing

/// Teams and bonds in the kernel's octets, with NetworkManager in a tree made for it.
@Suite struct RecordedLinksTests {
    private static func octets(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(
            contentsOf: folder.appending(path: "fixtures/netlink/\(name).hex"), encoding: .utf8)
        return try text.split(separator: "\n").flatMap { line in
            try line.prefix { $0 != "#" }.split(separator: " ").map { octet in
                try #require(UInt8(octet, radix: 16))
            }
        }
    }

    private static func links(_ name: String) throws -> [LinkEvidence] {
        LinkReader.links(recorded: try octets(name))
    }

    private static func guarding(
        _ name: String, _ devices: [UInt32: String], namespace: UInt64 = 5
    ) throws -> LinkGuard {
        let fake = try FakeTree()
        try fake.runNetworkManager(process: 7, namespace: 5)
        for (index, text) in devices {
            try fake.write("/run/NetworkManager/devices/\(index)", text)
        }
        let links = try links(name)
        let evidence = fake.survey.traces(inNamespace: namespace).evidence(of: links)
        return LinkGuard(links, evidence)
    }

    private static let managed = "[device]\nmanaged=true\n"
    private static let unmanaged = "[device]\nnm-owned=false\n"

    @Test func `A Team is read with its ports, its VLAN and the bridge over it`() throws {
        let links = try Self.links("team")
        #expect(links.map(\.name) == ["team0", "eth0", "eth1", "team0.7", "br7", "eth5"])
        #expect(links.map(\.index) == [10, 2, 3, 11, 12, 5])
        #expect(links.map(\.kind) == ["team", nil, nil, "vlan", "bridge", nil])
        #expect(links.map(\.portKind) == [nil, "team", "team", "bridge", nil, nil])
        #expect(links.map(\.masterIndex) == [nil, 10, 10, 12, nil, nil])
        #expect(links.map(\.parentIndex) == [nil, nil, nil, 10, nil, nil])
        #expect(links[0].alternativeNames == ["uplink"] && links[0].isUp)
        #expect(links[1].permanentAddress == [0x52, 0x54, 0, 0, 0, 2])
        #expect(links[1].hardwareAddress == [2, 0, 0, 0, 0, 1])
    }

    @Test func `A bond is read, and the parent in another namespace is no link here`() throws {
        let links = try Self.links("bond")
        #expect(links.map(\.name) == ["bond0", "eth8", "bond0.9", "far.9"])
        #expect(links.map(\.kind) == ["bond", nil, "vlan", "vlan"])
        #expect(links.map(\.masterIndex) == [nil, 20, nil, nil])
        #expect(links.map(\.parentIndex) == [nil, nil, 20, nil])
        #expect(links.map(\.farNamespaceID) == [nil, nil, nil, 0])
    }

    @Test(arguments: LinkChange.allCases)
    func `Every change of a managed Team and of what hangs on it is refused`(
        _ change: LinkChange
    ) throws {
        let guardian = try Self.guarding(
            "team", [10: Self.managed, 2: Self.unmanaged, 3: Self.unmanaged, 5: Self.unmanaged])
        for index: UInt32 in [10, 2, 3, 11, 12] {
            do throws(LinkRefusal) {
                try guardian.check(change, index: index)
                #expect(change == .changeOwnRoute, "\(change) of \(index) passed")
            } catch {
                #expect(error.reason == .team("team0") && error.change == change)
                #expect(change != .changeOwnRoute)
            }
        }
        try guardian.check(change, index: 5)
    }

    @Test(arguments: LinkChange.allCases)
    func `Every change of a managed bond, its port and its VLAN is refused`(
        _ change: LinkChange
    ) throws {
        let all: [UInt32: String] = [
            20: Self.managed, 21: Self.unmanaged, 22: Self.unmanaged, 23: Self.unmanaged,
        ]
        let guardian = try Self.guarding("bond", all)
        for (index, reason) in [(20, .managed), (21, .related("bond0")), (22, .related("bond0"))]
            as [(UInt32, LinkRefusal.Reason)]
        {
            do throws(LinkRefusal) {
                try guardian.check(change, index: index)
                #expect(change == .changeOwnRoute, "\(change) of \(index) passed")
            } catch {
                #expect(error.reason == reason && change != .changeOwnRoute)
            }
        }
        try guardian.check(change, index: 23)
        // The same numbers in another namespace than NetworkManager's are other links.
        let elsewhere = try Self.guarding("bond", all, namespace: 6)
        for index in all.keys { try elsewhere.check(change, index: index) }
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/ip"), "no iproute2"),
        arguments: ["team", "bond"])
    func `iproute2 reads the recorded messages as we do`(_ name: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(try Self.octets(name)).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/sbin/ip")
        process.arguments = ["-details", "-oneline", "monitor", "file", file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let lines = output.split(separator: "\n").map(String.init)
        let links = try Self.links(name)
        #expect(lines.count == links.count)
        let names = Dictionary(uniqueKeysWithValues: links.map { ($0.index, $0.name) })
        for (line, link) in zip(lines, links) {
            let carrier = link.parentIndex.flatMap { names[$0] }.map { "@\($0)" } ?? ""
            let far = link.farNamespaceID == nil ? "" : "@if20"
            #expect(line.hasPrefix("\(link.index): \(link.name)\(carrier)\(far): <"))
            if let kind = link.kind { #expect(line.contains(" \(kind) ")) }
            if let port = link.portKind { #expect(line.contains(" \(port)_slave ")) }
            #expect(line.contains(" master ") == (link.masterIndex != nil))
            #expect(line.contains(" link-netnsid ") == (link.farNamespaceID != nil))
            // It keeps quiet about one that is in use.
            let differs = link.permanentAddress.map { $0 != link.hardwareAddress } ?? false
            #expect(line.contains(" permaddr ") == differs)
            for other in link.alternativeNames { #expect(line.contains("altname \(other)")) }
        }
    }
}
