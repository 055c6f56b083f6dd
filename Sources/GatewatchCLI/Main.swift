internal import ArgumentParser
internal import ControlProtocol
internal import Glibc

/// The `gatewatch` command.
@main
struct GatewatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatewatch",
        abstract: "Watches gateways by BFD and keeps the routes over them to those alive.",
        discussion: """
            First steps:
              gatewatch check gateways.yaml    Find all mistakes in a configuration.
              gatewatch run gateways.yaml      Run the daemon in the foreground.
              gatewatch status                 See the sessions of the running daemon.
              gatewatch routes                 See wanted routes next to installed ones.
              gatewatch doctor                 Find out why something is not up.
            """,
        version: "gatewatch \(ProductVersion.text)",
        subcommands: [
            RunCommand.self, HandoverCommand.self, CheckCommand.self, StatusCommand.self,
            RoutesCommand.self,
            EventsCommand.self, TopCommand.self, CaptureCommand.self, PeerCommand.self,
            ReloadCommand.self, DrainCommand.self,
            UndrainCommand.self, DoctorCommand.self, NamespaceCommand.self,
            JitterCommand.self, DemoCommand.self,
        ])

    /// Called as `bfdd-beacon` or `bfdd-control`, it is what OpenBFDD's programs are.
    static func main() {
        let arguments = CommandLine.arguments
        if let face = OpenBFDDFace(calledAs: arguments.first ?? "") {
            Glibc.exit(face.run(Array(arguments.dropFirst())))
        }
        main(nil)
    }
}
