internal import BFDCore
internal import ControlProtocol

/// A key of the configuration that concerns the daemon as a whole.
struct Setting {
    let key: String
    /// Whether only a restart takes another value over.
    var needsRestart = false
    /// Its value, for people.
    let text: (DaemonConfiguration) -> String

    static var all: [Setting] { live + lasting }

    /// What takes effect while sessions run.
    private static var live: [Setting] {
        [
            Setting(key: "log.level") { $0.log.level.rawValue },
            Setting(key: "log.format") { $0.log.format.rawValue },
            Setting(key: "stop-routes") { $0.stopRoutes.rawValue },
            Setting(key: "stop-hold") { duration($0.stopHold) },
            Setting(key: "namespace-timeout") { duration($0.namespaceTimeout) },
            Setting(key: "next-hop-objects") { "\($0.usesNextHopObjects)" },
            Setting(key: "protected-links") { list($0.protectedLinks) },
            Setting(key: "realtime.priority") { "\($0.realTime.priority)" },
            Setting(key: "realtime.cpu") { $0.realTime.processor.map { "\($0)" } ?? "none" },
            Setting(key: "realtime.lock-memory") { "\($0.realTime.locksMemory)" },
            Setting(key: "realtime.spin") {
                DurationText.exact(microseconds: UInt64($0.realTime.spin.count))
            },
            Setting(key: "realtime.cpu-dma-latency") {
                $0.realTime.latency.map { DurationText.exact(microseconds: UInt64($0.count)) }
                    ?? "none"
            },
        ]
    }

    /// What a process keeps for its life: where it lives, who finds it there, and how its threads
    /// share the sessions.
    private static var lasting: [Setting] {
        [
            Setting(key: "namespace", needsRestart: true) { $0.namespace ?? "the current one" },
            Setting(key: "control.socket", needsRestart: true) { $0.controlSocket },
            Setting(key: "state-directory", needsRestart: true) { $0.stateDirectory },
            Setting(key: "realtime.threads", needsRestart: true) { "\($0.realTime.threadCount)" },
            Setting(key: "metrics.listen", needsRestart: true) {
                $0.metrics.map { "\($0.address) port \($0.port)" } ?? "none"
            },
            Setting(key: "metrics.kube-ovn-names", needsRestart: true) {
                "\(($0.metrics ?? .init()).usesKubeOVNNames)"
            },
            Setting(key: "metrics.page", needsRestart: true) {
                "\(($0.metrics ?? .init()).showsPage)"
            },
        ]
    }

    /// Puts back what a restart is needed for.
    static func keepWhatNeedsRestart(
        of running: DaemonConfiguration, in configuration: inout DaemonConfiguration
    ) {
        configuration.namespace = running.namespace
        configuration.controlSocket = running.controlSocket
        configuration.stateDirectory = running.stateDirectory
        configuration.realTime.threadCount = running.realTime.threadCount
        configuration.metrics = running.metrics
    }

    private static func duration(_ span: Nanoseconds) -> String {
        DurationText.exact(microseconds: UInt64(span.count / 1_000))
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}
