import ControlProtocol
import Foundation
import Testing

@testable import Daemon

/// Secrets are in files, and nothing of them is anywhere else.
@Suite struct SecretFileTests {
    /// A folder with a configuration that names `secret.key`.
    private func report(
        _ secret: [UInt8], type: String = "meticulous-keyed-sha1", more: String = "",
        mode: Int = 0o600, _ check: (ConfigurationReport, URL) throws -> Void
    ) throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory())
            .appending(path: "gw-secret-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "secret.key")
        try Data(secret).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
        let text =
            "peers: [{dest-addr: 10.9.0.1, authentication: {type: \(type), "
            + "keys: [{id: 1, secret-file: secret.key\(more)}]}}]"
        let configuration = folder.appending(path: "gatewatch.yaml")
        try Data(text.utf8).write(to: configuration)
        try check(ConfigurationFile.read(path: configuration.path), folder)
    }

    private func secret(_ report: ConfigurationReport) throws -> [UInt8] {
        let configuration = try #require(report.configuration, "\(report.lines)")
        let authentication = try #require(configuration.peers.first?.authentication)
        let key = try #require(authentication.keys.first)
        return try SecretFile(path: key.secretFile, format: key.format)
            .secret(for: authentication.type)
    }

    @Test func `A relative path starts from the folder of the configuration`() throws {
        try report(Array("hunter2\n".utf8)) { report, folder in
            #expect(report.lines == [])
            let key = report.configuration?.peers.first?.authentication?.keys.first
            #expect(key?.secretFile == folder.appending(path: "secret.key").path)
            let found = try secret(report)
            #expect(found == Array("hunter2".utf8))
        }
    }

    @Test(arguments: [
        ("hunter2", "hunter2"), ("hunter2\n", "hunter2"), (" two words ", " two words "),
        ("x", "x"), ("01234567890123456789\n", "01234567890123456789"),
    ])
    func `5880-6.7.2-02, 5880-6.7.3-02: text is taken as it is, but for one line feed at its end`(
        _ text: String, _ expected: String
    ) throws {
        try report(Array(text.utf8)) { report, _ in
            let found = try secret(report)
            #expect(found == Array(expected.utf8))
        }
    }

    @Test func `5880-6.7.2-02, 5880-6.7.3-02: hexadecimal digits stand for any octets`() throws {
        for text in ["00ff0080", "00FF0080\n"] {
            try report(Array(text.utf8), more: ", format: hex") { report, _ in
                let found = try secret(report)
                #expect(found == [0, 255, 0, 128])
            }
        }
    }

    @Test(arguments: [
        ("simple-password", 16), ("keyed-md5", 16), ("meticulous-keyed-md5", 16),
        ("keyed-sha1", 20), ("meticulous-keyed-sha1", 20),
    ])
    func `5880-6.7.2-02, 5880-6.7.3-02: as many octets as the type takes, and no more`(
        _ type: String, _ maximum: Int
    ) throws {
        for count in [1, maximum] {
            try report([UInt8](repeating: 0x41, count: count), type: type) { report, _ in
                let found = try secret(report)
                #expect(found.count == count)
            }
        }
        for count in [0, maximum + 1, 300] {
            try report([UInt8](repeating: 0x41, count: count), type: type) { report, _ in
                #expect(report.configuration == nil && report.errorCount == 1)
                #expect(!report.lines.joined().contains("AA"))
            }
        }
    }

    @Test(arguments: [0o600, 0o400, 0o640, 0o604, 0o644])
    func `A file that others may read is warned of`(_ mode: Int) throws {
        try report(Array("hunter2".utf8), mode: mode) { report, _ in
            let warnings = report.problems.filter { $0.severity == .warning }
            #expect(warnings.count == (mode & 0o044 == 0 ? 0 : 1))
            #expect(warnings.allSatisfy { $0.place?.line == 1 && $0.message.contains("chmod") })
        }
    }

    @Test(arguments: [0o620, 0o602, 0o666])
    func `A file that others may change is refused`(_ mode: Int) throws {
        try report(Array("hunter2".utf8), mode: mode) { report, _ in
            #expect(report.configuration == nil && report.errorCount == 1)
            #expect(report.lines.joined().contains("chmod 600"), "\(report.lines)")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root gives files away"))
    func `Root may let a group read it, for a daemon that is not root`() throws {
        for (owner, isWarned) in [((0, 65534), false), ((65534, 65534), true)] {
            try report(Array("hunter2".utf8), mode: 0o640) { _, folder in
                try FileManager.default.setAttributes(
                    [.ownerAccountID: owner.0, .groupOwnerAccountID: owner.1],
                    ofItemAtPath: folder.appending(path: "secret.key").path)
                let path = folder.appending(path: "gatewatch.yaml").path
                let report = ConfigurationFile.read(path: path)
                #expect(report.lines.isEmpty != isWarned, "\(report.lines)")
            }
        }
    }

    @Test func `The mode that counts is that behind a symbolic link`() throws {
        try report(Array("hunter2".utf8), mode: 0o600) { _, folder in
            let file = folder.appending(path: "secret.key")
            let target = folder.appending(path: "..data")
            try FileManager.default.moveItem(at: file, to: target)
            try FileManager.default.createSymbolicLink(
                atPath: file.path, withDestinationPath: "..data")
            let path = folder.appending(path: "gatewatch.yaml").path
            let report = ConfigurationFile.read(path: path)
            #expect(report.lines == [])
            let found = try secret(report)
            #expect(found == Array("hunter2".utf8))
        }
    }

    @Test func `5880-6.7.3-14: neither message nor model shows a secret`() throws {
        for type in ["simple-password", "keyed-sha1"] {
            for text in ["hunter2-hunter2", "hunter2-hunter2-hunter2-hunter2", "hunter2\u{1}"] {
                try report(Array(text.utf8), type: type, mode: 0o644) { report, _ in
                    var dumped = ""
                    dump(report, to: &dumped)
                    #expect(!dumped.contains("hunter2"))
                    #expect(!report.lines.joined().contains("hunter2"))
                }
            }
        }
    }

    @Test func `What is discouraged is warned of`() throws {
        for (type, count) in [
            ("simple-password", 1), ("keyed-md5", 1), ("meticulous-keyed-md5", 1),
            ("keyed-sha1", 0), ("meticulous-keyed-sha1", 0),
        ] {
            try report(Array("hunter2".utf8), type: type) { report, _ in
                #expect(report.lines.count == count && report.errorCount == 0)
            }
        }
    }

    @Test func `9468-6.2-01: an unsolicited entry has secrets of its own, for the strongest type`()
        throws
    {
        let entry = "unsolicited: [{prefix: 10.5.204.0/24, authentication: "
        try report(Array("hunter2".utf8)) { report, folder in
            let path = folder.appending(path: "secret.key").path
            let read = { (type: String) in
                Fixtures.read(
                    text: entry + "{type: \(type), keys: [{id: 3, secret-file: \(path)}]}}]")
            }
            let configuration = try #require(read("meticulous-keyed-sha1").configuration)
            let authentication = try #require(configuration.unsolicited.first?.authentication)
            #expect(authentication.keys.map(\.secretFile) == [path])
            for type in ["keyed-sha1", "meticulous-keyed-md5", "keyed-md5", "simple-password"] {
                let lines = read(type).lines.joined()
                #expect(lines.contains("must be the strongest, not \(type)"))
            }
        }
    }

    @Test func `Defaults authenticate every peer that says nothing else`() throws {
        let text = """
            defaults:
              authentication: {type: keyed-sha1, keys: [{id: 3, secret-file: /dev/null}]}
            peers: [{dest-addr: 10.9.0.1}, {dest-addr: 10.9.0.2}]
            """
        let report = Fixtures.read(text: text)
        // One file, one message.
        #expect(report.errorCount == 1 && report.lines.joined().contains("no regular file"))
    }
}

@Suite struct MomentReaderTests {
    @Test(arguments: [
        ("2026-11-21T03:14:51Z", "2026-11-21T03:14:51.000000Z"),
        ("2026-11-21t03:14:51z", "2026-11-21T03:14:51.000000Z"),
        ("2026-11-21 03:14:51.5Z", "2026-11-21T03:14:51.500000Z"),
        ("2026-11-21T03:14:51.123456789Z", "2026-11-21T03:14:51.123456Z"),
        ("2026-11-21T03:14:51+05:30", "2026-11-20T21:44:51.000000Z"),
        ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000000Z"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000000Z"),
    ])
    func `RFC 3339 is read`(_ text: String, _ moment: String) {
        #expect(MomentReader.moment(text)?.description == moment)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T03:14:51", "2026-11-21T03:14Z", "2026-02-30T00:00:00Z",
        "2026-11-21T24:00:00Z", "2026-11-21T03:14:51+0530", "2026-11-21T03:14:51.Z",
        "2026-11-21T03:14:51+24:00", "2026-11-21T03:14:51 Z", "+026-11-21T03:14:51Z",
        "2026-11-21T03:14:51Zulu", "2026-11-21T03:14:51é",
    ])
    func `What is no moment is refused`(_ text: String) {
        #expect(MomentReader.moment(text) == nil)
    }
}
