internal import TestSupport

extension GatewatchDaemon {
    /// A daemon in a namespace of its own, whose peers nobody is, and its metrics port.
    static func idle(
        in lab: Lab, peers: String = "[{name: tor-a, dest-addr: 10.9.0.1}]",
        metrics: String = "", _ more: String = ""
    ) throws -> (daemon: GatewatchDaemon, port: UInt16) {
        let port = UInt16.random(in: 20_000..<30_000)
        let node = try lab.namespace("node")
        let daemon = try GatewatchDaemon(
            in: lab,
            configuration: """
                namespace: \(node.name)
                metrics: {listen: "127.0.0.1:\(port)"\(metrics)}
                stop-hold: 0s
                peers: \(peers)
                \(more)
                """)
        return (daemon, port)
    }
}
