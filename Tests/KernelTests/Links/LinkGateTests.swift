import Foundation
import LinuxSystem
import Netlink
import NodeCore
import NodeSurvey
import Testing

extension LinkTests {
    /// Changes of links in the real kernel, which the gate lets pass or not.
    @Suite struct LinkGateTests {
        /// A tree in which NetworkManager runs in the calling thread's namespace, or another one.
        private func tree(
            elsewhere: Bool = false, devices: [UInt32: String]
        ) throws -> URL {
            let folder = FileManager.default.temporaryDirectory
                .appending(path: "gwt-\(UUID().uuidString)")
            let inode = try NetworkNamespace.current().inode + (elsewhere ? 1 : 0)
            let process = folder.appending(path: "proc/9")
            let files = folder.appending(path: "run/NetworkManager/devices")
            for directory in [process.appending(path: "ns"), files] {
                try FileManager.default.createDirectory(
                    at: directory, withIntermediateDirectories: true)
            }
            try "NetworkManager\n".write(
                to: process.appending(path: "comm"), atomically: false, encoding: .utf8)
            try FileManager.default.createSymbolicLink(
                atPath: process.appending(path: "ns/net").path,
                withDestinationPath: "net:[\(inode)]")
            for (index, text) in devices {
                try text.write(
                    to: files.appending(path: "\(index)"), atomically: false, encoding: .utf8)
            }
            return folder
        }

        private func isUp(_ name: String) throws -> Bool? {
            try LinkReader.links(through: NetlinkSocket.connected()).first { $0.name == name }?.isUp
        }

        @Test func `A managed link stays as it is, the refusal says why and is counted`() throws {
            try LinkLab.run(1) { _ in
                try shell("ip", "link", "add", "a0", "index", "50", "type", "bridge")
                try shell("ip", "link", "add", "b0", "index", "51", "type", "bridge")
                let managed = "[device]\nmanaged=true\n"
                let folder = try tree(devices: [50: managed, 51: "[device]\nnm-owned=true\n"])
                defer { try? FileManager.default.removeItem(at: folder) }
                let gate = LinkGate(survey: .init(FileTree(root: folder.path)))
                let links = try LabLinks(gate)
                let refusal = LinkRefusal(link: "a0", change: .setUp, reason: .managed)
                #expect(throws: LinkGateError.refused(refusal)) { try links.set("a0", up: true) }
                #expect(throws: LinkGateError.self) { try links.delete("a0") }
                #expect(throws: LinkGateError.self) { try links.delete("a0") }
                #expect(try isUp("a0") == false)
                try links.set("b0", up: true)
                #expect(try isUp("b0") == true)
                #expect(gate.refusals.map(\.count) == [1, 2])
                let report = try gate.report()
                #expect(report.links.map(\.name) == ["lo", "a0", "b0"])
                #expect(report.links.map(\.reason) == [.unknown, .managed, nil])
                #expect(
                    report.findings.map(\.code) == ["link-refused", "link-refused", "link-unknown"])
                let cause = try #require(report.findings.first?.cause)
                #expect(cause.contains("a0") && cause.contains("NetworkManager manages it"))
            }
        }

        @Test func `Equal indices do not make a link NetworkManager's of another namespace`() throws
        {
            try LinkLab.run(1) { _ in
                try shell("ip", "link", "add", "a0", "index", "50", "type", "bridge")
                let folder = try tree(elsewhere: true, devices: [50: "[device]\nmanaged=true\n"])
                defer { try? FileManager.default.removeItem(at: folder) }
                let gate = LinkGate(survey: .init(FileTree(root: folder.path)))
                let links = try LabLinks(gate)
                try links.set("a0", up: true)
                #expect(try isUp("a0") == true)
                #expect(try gate.report().findings.isEmpty)
            }
        }

        @Test func `Operators protect links by name, by pattern and by another name`() throws {
            try LinkLab.run(1) { names in
                try shell("ip", "link", "add", "eth7", "type", "bridge")
                try shell("ip", "link", "add", "x0", "type", "bridge")
                try shell("ip", "link", "property", "add", "dev", "x0", "altname", "team0")
                let gate = LinkGate(protected: ["team0", "eth*", "nosuch"])
                let links = try LabLinks(gate)
                for name in ["eth7", "x0", "team0"] {
                    #expect(throws: LinkGateError.self, "\(name)") { try links.set(name, up: true) }
                }
                let namespace = try NetworkNamespace.current()
                #expect(throws: LinkGateError.self) {
                    try links.createPair(
                        "v0", in: namespace.descriptor, peer: "eth8", in: namespace.descriptor)
                }
                #expect(try isUp("eth7") == false)
                #expect(try isUp("x0") == false)
                #expect(try isUp("v0") == nil)
                let report = try gate.report()
                #expect(report.refusals.map(\.count) == [3, 1])
                #expect(report.findings.map(\.code).last == "link-pattern")
            }
        }
    }
}
