internal import ArgumentParser
internal import Foundation
internal import Synchronization

/// `gatewatch demo`.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the main job in a lab of network namespaces, with measured times.",
        discussion: """
            Builds a node and two gateways in network namespaces of their own (gwdemo-…), runs \
            Gatewatch in all three, and shows the node's default route follow its gateways: one \
            dies, one is drained, both come back. Everything is removed at the end, also after \
            Ctrl-C. Needs root; touches nothing outside its namespaces.
            """)

    private static let interrupted = Atomic<Bool>(false)

    func run() throws {
        guard geteuid() == 0 else {
            throw CommandError(
                "the demonstration makes network namespaces, which takes root",
                nextStep: "Run it with sudo.")
        }
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            Foundation.signal(signal) { _ in
                DemoCommand.interrupted.store(true, ordering: .relaxed)
            }
        }
        let lab = DemoLab()
        let story = DemoStory(lab) { Self.interrupted.load(ordering: .relaxed) }
        defer {
            story.end()
            lab.remove()
        }
        do {
            try story.tell()
        } catch is DemoStory.Interrupted {
            StandardStreams.printError("interrupted; the lab is removed")
            throw ExitCode(130)
        }
    }
}
