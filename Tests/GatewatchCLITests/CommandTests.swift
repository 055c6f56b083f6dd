import ArgumentParser
import Daemon
@testable import GatewatchCLI
import Testing

/// The command line as it is parsed.
@Suite struct CommandTests {
    @Test(arguments: [
        ["run", "a.yaml"], ["run", "--peer", "10.9.0.1", "--route", "0.0.0.0/0"], ["check", "-"],
        ["status"], ["status", "tor-a", "--json", "--socket", "/tmp/c.sock"], ["routes", "--json"],
        ["peer", "enable", "tor-a"], ["peer", "disable", "tor-a", "--json"],
        ["peer", "signal", "tor-a", "path-down"], ["peer", "signal", "tor-a", "verify", "--json"],
        ["peer", "reset", "tor-a"], ["events", "--follow", "--json", "--since", "7"],
        ["namespace", "show", "--address", "10.9.0.10/24", "--gateway", "10.9.0.1"],
        ["namespace", "show", "x", "--interface", "e1", "--mac", "02:00:00:00:00:0a"],
        ["doctor"], ["doctor", "--json", "--namespace", "ovnext", "--ovn-bfd", "-"],
        ["doctor", "--preflight", "--config", "a.yaml", "--kube-ovn", "3/100/100"],
        ["doctor", "--preflight", "--measure", "0s", "--root", "/host"],
        ["top"], ["top", "--iterations", "1", "--interval", "2s", "--sort", "rate", "--json"],
        ["capture", "-w", "-"], ["capture", "-w", "x", "--count", "1", "tor-a", "tor-b"],
        ["capture", "--write", "x", "--duration", "10s", "--json"],
        ["jitter"], ["jitter", "--duration", "600s", "--interval", "100us", "--priority", "0"],
        ["jitter", "--load", "busy", "--json", "--svg", "x.svg", "--sessions", "10"],
    ])
    func `The documented forms are understood`(_ arguments: [String]) throws {
        _ = try GatewatchCommand.parseAsRoot(arguments)
    }

    @Test(arguments: [
        ["run", "a.yaml", "--peer", "10.9.0.1"], ["run", "--perr", "x"], ["check"],
        ["peer", "signal", "tor-a"], ["peer", "signal", "tor-a", "explode"],
        ["peer", "enable"], ["events", "--since", "yesterday"], ["reboot"],
        ["top", "--iterations", "0"], ["top", "--interval", "99ms"], ["top", "--sort", "x"],
        ["capture"], ["capture", "-w", "x", "--count", "0"],
        ["capture", "-w", "x", "--duration", "10"], ["capture", "-w", "x", "--duration", "0s"],
        ["capture", "-w", "x", "--duration", "9223372036854775807us"],
        ["namespace", "show", "x", "--mtu", "1500"], ["namespace", "show", "--mac", "02:00"],
        ["namespace", "show", "--address", "10.9.0.10/33"],
        ["namespace", "show", "--gateway", "gw"],
        ["doctor", "--config", "a.yaml"], ["doctor", "--kube-ovn", "3/100/100"],
        ["doctor", "--preflight", "--kube-ovn", "3/100"],
        ["doctor", "--preflight", "--measure", "61s"],
        ["doctor", "--preflight", "--measure", "9223372036854775807us"],
        ["drain", "--timeout", "9223372036854775807us"], ["drain", "--timeout", "86401s"],
        ["doctor", "--preflight", "--measure", "5"],
        ["jitter", "--interval", "99us"], ["jitter", "--interval", "2s"],
        ["jitter", "--interval", "1"], ["jitter", "--duration", "10ms"],
        ["jitter", "--sessions", "0"], ["jitter", "--sessions", "10001"],
        ["jitter", "--priority", "100"], ["jitter", "--multiplier", "0"],
        ["jitter", "--load", "much"], ["jitter", "--sessions", "1000", "--interval", "10ms"],
    ])
    func `Wrong usage ends with 64`(_ arguments: [String]) {
        do {
            _ = try GatewatchCommand.parseAsRoot(arguments)
            Issue.record("understood")
        } catch {
            #expect(GatewatchCommand.exitCode(for: error) == .validationFailure)
        }
    }

    @Test(arguments: [
        "run", "check", "status", "routes", "events", "peer", "jitter", "reload", "drain",
        "undrain", "top", "capture", "namespace", "handover",
    ])
    func `Every command's help has an example`(_ command: String) {
        let help = GatewatchCommand.subcommand(named: command)?.helpMessage(columns: 80) ?? ""
        #expect(help.contains("Example"))
        #expect(help.contains("gatewatch \(command)"))
        #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func `No line of a list or an example in a help text is broken in two`() {
        var commands: [any ParsableCommand.Type] = [GatewatchCommand.self]
        while let command = commands.popLast() {
            commands += command.configuration.subcommands
            let lines = command.configuration.discussion.split(separator: "\n")
            for line in lines where line.hasPrefix("  ") {
                #expect(line.count <= 80, "\(command): \(line)")
            }
        }
    }

    @Test func `Options reach the configuration`() throws {
        let parsed = try RunCommand.parse([
            "--namespace", "ovnext", "--peer", "10.9.0.1", "--peer", "fe80::1%eth0", "--route",
            "0.0.0.0/0", "--interval", "50ms", "--multiplier", "4", "--source", "10.9.0.10",
            "--table", "100", "--metric", "5", "--socket", "/tmp/c.sock", "--state-directory",
            "/tmp/s", "--log-level", "debug",
        ])
        let flags = parsed.arguments.flags.configurationFlags
        #expect(flags.peers == ["10.9.0.1", "fe80::1%eth0"])
        #expect(flags.namespace == "ovnext")
        #expect(flags.interval == "50ms")
        #expect(flags.multiplier == "4")
        #expect(flags.source == "10.9.0.10")
        #expect(flags.stateDirectory == "/tmp/s")
        #expect(!flags.isEmpty)
    }
}

extension ParsableCommand {
    fileprivate static func subcommand(named name: String) -> (any ParsableCommand.Type)? {
        configuration.subcommands.first { $0.configuration.commandName == name }
    }

    fileprivate static func helpMessage(columns: Int) -> String {
        GatewatchCommand.helpMessage(for: Self.self, columns: columns)
    }
}
