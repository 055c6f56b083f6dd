public import RouteCore

extension DaemonConfiguration {
    /// Where metrics, health and the status page are served.
    public struct Metrics: Sendable, Hashable {
        /// An address of this machine, in the namespace that the daemon is started in.
        public var address = HostAddress(ipv4: 0x7f00_0001)
        /// The TCP port.
        public var port: UInt16 = 9_470
        /// Whether the metrics of Kube-OVN's supervisor are there too, under its names.
        public var usesKubeOVNNames = false
        /// Whether the status page is there too.
        public var showsPage = true

        /// Loopback, port 9470.
        public init() {}

        /// Another place.
        public init(address: HostAddress, port: UInt16) {
            self.address = address
            self.port = port
        }
    }
}
