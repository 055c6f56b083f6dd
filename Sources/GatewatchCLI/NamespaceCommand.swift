internal import ArgumentParser
internal import Daemon
internal import Foundation
internal import NodeCore

/// `gatewatch namespace`.
struct NamespaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "namespace",
        abstract: "Explain, make or adopt the network namespace of a gateway node.",
        discussion: """
            Examples:
              gatewatch namespace show
              gatewatch namespace ensure ovnext
              gatewatch namespace adopt ovnext
            """,
        subcommands: [Show.self, Ensure.self, Adopt.self])

    /// Which namespace is meant.
    struct Options: ParsableArguments {
        @Argument(help: "The name or path of the namespace.")
        var namespace = "ovnext"

        @Option(help: "The interface that makes it the right one (of ovnext: ovnext0).")
        var interface: String?

        @Flag(help: "Print JSON.")
        var json = false

        var care: NamespaceCare { NamespaceCare(namespace, interface: interface) }

        /// Prints what was found, for people or machines; all is well without a finding.
        func report(_ finding: Finding?, _ done: String) throws {
            guard json else {
                if let finding { throw CommandError(finding) }
                return try StandardStreams.print(done)
            }
            let report = Report(
                path: care.path, code: finding?.code ?? "ok", cause: finding?.cause ?? done,
                nextStep: finding?.nextStep)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            try StandardStreams.print(
                String(decoding: try encoder.encode(report), as: UTF8.self))
            if finding != nil { throw ExitCode.failure }
        }

        /// Does `work` and reports what came of it.
        func perform(_ work: (NamespaceCare) throws(Finding) -> String) throws {
            let done: String
            do throws(Finding) {
                done = try work(care)
            } catch {
                return try report(error, "")
            }
            try report(nil, done)
        }
    }

    private struct Report: Encodable {
        let path: String
        let code: String
        let cause: String
        let nextStep: String?

        private enum CodingKeys: String, CodingKey {
            case path
            case code
            case cause
            case nextStep = "next-step"
        }
    }

    /// `gatewatch namespace show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what is at the name, and what to do when it cannot be entered.",
            discussion: """
                Looks at the name, at other mount namespaces and processes where it leads nowhere, \
                and at the interface, its gateways, Open vSwitch and the daemon where it can be \
                entered. Changes nothing; sends one empty datagram to each gateway, and watches \
                for BFD packets where a session is not up. Exit code 0 when the namespace is \
                sound, else 1.

                Examples:
                  gatewatch namespace show
                  gatewatch namespace show ovnext --address 10.9.0.10/24 --gateway 10.9.0.1
                """)

        @OptionGroup var options: Options
        @OptionGroup(title: "What must be so") var expected: NamespaceExpectation

        func validate() throws {
            if options.care.interface == nil, expected.isAboutInterface {
                throw ValidationError(
                    "--address, --gateway, --mac and --mtu are about an interface: name it with "
                        + "--interface")
            }
        }

        func run() throws {
            try withOutput {
                var care = options.care
                expected.apply(to: &care)
                let verdict = NamespaceDiagnosis.primary(care.evidence())
                try options.report(verdict?.finding, "\(care.path) is there and sound.")
            }
        }
    }

    /// `gatewatch namespace ensure`.
    struct Ensure: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have the namespace there: leave it, adopt it where it lives, or make it.",
            discussion: """
                Made on the host before the kube-ovn-cni pod starts, it survives restarts of the \
                pod and of gatewatch. A living namespace is never replaced.

                Example:
                  gatewatch namespace ensure ovnext
                """)

        @OptionGroup var options: Options

        func run() throws {
            try withOutput { try options.perform { care throws(Finding) in try care.ensure() } }
        }
    }

    /// `gatewatch namespace adopt`.
    struct Adopt: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Mount a living namespace on its name, without an outage.",
            discussion: """
                Finds it in pods and processes; compares the inodes afterwards.

                Example:
                  gatewatch namespace adopt ovnext
                """)

        @OptionGroup var options: Options

        func run() throws {
            try withOutput { try options.perform { care throws(Finding) in try care.adopt() } }
        }
    }
}

extension CommandError {
    init(_ finding: Finding) {
        self.init("\(finding.cause) [\(finding.code)]", nextStep: finding.nextStep)
    }
}
