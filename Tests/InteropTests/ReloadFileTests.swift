internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Where configurations come from, and what is wrong with them.
    @Suite struct ReloadFileTests {
        @Test func `A ConfigMap is followed when its link is exchanged`() async throws {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 3)
                let volume = try lab.makeFolder("volume")
                let manager = FileManager.default
                func publish(_ version: Int, _ text: String) throws {
                    let folder = volume.appending(path: "..v\(version)")
                    try manager.createDirectory(at: folder, withIntermediateDirectories: false)
                    let file = folder.appending(path: "gatewatch.yaml")
                    try text.write(to: file, atomically: false, encoding: .utf8)
                    let link = volume.appending(path: "..data_tmp")
                    try manager.createSymbolicLink(
                        atPath: link.path, withDestinationPath: "..v\(version)")
                    try Command.run([
                        "mv", "-T", link.path, volume.appending(path: "..data").path,
                    ])
                    let old = volume.appending(path: "..v\(version - 1)")
                    if version > 1 { try manager.removeItem(at: old) }
                }
                let daemon = crowd.daemon
                try publish(1, daemon.configuration)
                daemon.file = volume.appending(path: "gatewatch.yaml")
                daemon.writesFile = false
                try manager.createSymbolicLink(
                    atPath: daemon.file.path, withDestinationPath: "..data/gatewatch.yaml")
                try await crowd.start()
                for version in 2...4 {
                    let text = daemon.configuration.replacing(
                        "local-multiplier: 15", with: "local-multiplier: \(version + 14)")
                    try publish(version, text)
                    try await daemon.waitForApplied(version)
                    #expect(
                        try crowd.peers.status().sessions.allSatisfy {
                            $0.running.localState == "up"
                        })
                }
                try publish(5, "peers: [{dest-addr: nowhere}]")
                try await eventually("it is refused") {
                    try daemon.status().configuration?.refusedCount == 1
                }
                #expect(try daemon.hasNeverBeenDown())
                // The volume is read-only for us in earnest; here at least the link stays one.
                let target = try manager.destinationOfSymbolicLink(atPath: daemon.file.path)
                #expect(target == "..data/gatewatch.yaml")
            }
        }

        @Test func `A file with errors changes nothing, and everybody is told`() async throws {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 3)
                try await crowd.start()
                let good = crowd.daemon.configuration
                try crowd.daemon.rewrite(
                    good.replacing("gw-2, dest-addr: 10.9.1.2", with: "gw-2, dest-addr: 10.9.1.999")
                        .replacing("stop-hold: 1s", with: "stop-hold: 1"))
                try await eventually("it is refused") {
                    try crowd.daemon.status().configuration?.refusedCount == 1
                }
                let errors = try #require(try crowd.daemon.status().configuration).errors
                #expect(errors.count == 2)
                let check = try Command.result([
                    BuiltProduct.path(of: "gatewatch"), "check", crowd.daemon.file.path,
                ])
                for error in errors { #expect(check.errors.contains(error)) }
                let reload = try crowd.daemon.result("reload")
                #expect(reload.status == 1)
                for error in errors {
                    #expect(reload.errors.contains(error))
                    #expect(crowd.daemon.output.contains(error))
                }
                let told = try crowd.daemon.events().filter {
                    $0.cause?.contains("and refused, what runs goes on") == true
                }
                #expect(told.count == 2)
                #expect(try crowd.daemon.command("status").contains("was refused"))
                // Half of a change is no change: not even what is right in the file is in force.
                #expect(try crowd.daemon.hasNeverBeenDown())
                try crowd.daemon.rewrite(good)
                try await eventually("all is well again") {
                    try crowd.daemon.status().configuration?.errors.isEmpty == true
                }
                try FileManager.default.removeItem(at: crowd.daemon.file)
                #expect(try crowd.daemon.result("reload").errors.contains("cannot be read"))
                #expect(try crowd.daemon.hasNeverBeenDown())
            }
        }

        @Test func `A dry run, settings of the whole, and what needs a restart`() async throws {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 2)
                try await crowd.start()
                let daemon = crowd.daemon
                let first = daemon.configuration
                var hold = 10
                // What the daemon has applied by itself before it is asked is tried once more.
                try await eventually("a dry run says what would be applied") {
                    hold += 1
                    try daemon.rewrite(
                        first.replacing("stop-hold: 1s", with: "stop-hold: \(hold)s"))
                    let dry = try daemon.command("reload", "--dry-run")
                    return dry.contains("would be applied") && dry.contains("-> \(hold) s")
                }
                try daemon.rewrite(
                    first.replacing("stop-hold: 1s", with: "stop-hold: 0s")
                        + "\nlog: {level: debug, format: json}\nrealtime: {threads: 2}")
                try await eventually("what can be applied is") {
                    try daemon.status().configuration?.needsRestart == ["realtime.threads"]
                }
                let report = try daemon.command("reload")
                #expect(report.contains("! realtime.threads 1 -> 2, needs a restart"))
                #expect(daemon.output.contains("{\"level\":"))
                #expect(try daemon.hasNeverBeenDown())
                #expect(try await daemon.terminate() == 0)
            }
        }

        @Test func `Secrets are read again, also when only their file has changed`() async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                network.bird.authentication = BirdAuthentication(
                    type: "meticulous-keyed-sha1",
                    passwords: [.init(id: 7, "seven"), .init(id: 8, "eight")])
                try await network.bird.start()
                let seven = try network.secretFile("seven.key", "seven")
                let eight = try network.secretFile("eight.key", "eight")
                let daemon = try network.daemon(
                    authentication: """
                        {type: meticulous-keyed-sha1, keys: [{id: 7, secret-file: \(seven)}]}
                        """)
                try await daemon.start()
                try await daemon.waitForAll("up")
                try daemon.rewrite(
                    "[{id: 7, secret-file: \(seven)}]",
                    to: "[{id: 7, secret-file: \(seven)}, {id: 8, secret-file: \(eight)}]")
                try await daemon.waitForApplied(2)
                try await eventually("both keys are in use") {
                    try daemon.status().sessions.allSatisfy { $0.authentication?.keyIDs == [7, 8] }
                }
                try await Task.sleep(for: .seconds(1))
                #expect(try daemon.hasNeverBeenDown())
                // What runs does not follow a file that it cannot use.
                _ = try network.secretFile("seven.key", "")
                try await eventually("an empty secret is refused") {
                    try daemon.status().configuration?.refusedCount == 1
                }
                #expect(try daemon.hasNeverBeenDown())
                _ = try network.secretFile("seven.key", "wrong")
                _ = try network.secretFile("eight.key", "wrong")
                try await daemon.waitForAll("down")
                _ = try network.secretFile("seven.key", "seven")
                _ = try network.secretFile("eight.key", "eight")
                try await daemon.waitForAll("up")
                try await network.bird.waitForAll("up")
            }
        }
    }
}
