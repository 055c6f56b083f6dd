public import RouteCore

extension OpenBFDD {
    /// Where a beacon is asked: an address and a TCP port.
    public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
        /// An address of the namespace.
        public var address: HostAddress
        /// The port.
        public var port: UInt16

        /// An endpoint by its parts.
        public init(address: HostAddress, port: UInt16) {
            self.address = address
            self.port = port
        }

        /// An endpoint on loopback.
        public init(port: UInt16) {
            self.init(address: HostAddress(ipv4: 0x7f00_0001), port: port)
        }

        /// An endpoint from `10.0.0.1:957` or `[::1]:957`; nil for anything else.
        public init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"),
                let port = UInt16(text[text.index(after: colon)...]),
                port > 0
            else { return nil }
            var host = text[..<colon]
            let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
            if isBracketed { host = host.dropFirst().dropLast() }
            guard let address = HostAddress(String(host)),
                (address.family == .ipv6) == isBracketed
            else { return nil }
            self.init(address: address, port: port)
        }

        /// The same text.
        public var description: String {
            address.family == .ipv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
        }
    }

    /// What `bfdd-beacon` is started with.
    public struct BeaconOptions: Sendable, Hashable {
        /// Where packets are taken; all addresses of both families unless told otherwise.
        public var listening: [HostAddress] = []
        /// Where it is asked.
        public var endpoints: [Endpoint] = []
        /// Whether it goes on in the background.
        public var isDetached = true
        /// Whether the log goes to standard output.
        public var logsToOutput = false
        /// The least TTL of packets; 254 lets a router be in between, as OVN's gateway ports need.
        public var minimumTTL: UInt8 = 254
        /// Whether only the version is asked for.
        public var isVersionOnly = false

        /// Reads the words behind the command.
        public init(_ arguments: [String]) throws(Refusal) {
            for argument in arguments {
                let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
                let value = parts.count == 2 ? parts[1] : ""
                switch parts.first ?? "" {
                case "--listen":
                    guard let address = HostAddress(value) else {
                        throw Refusal(
                            "--listen needs =ADDRESS, such as 0.0.0.0 or ::, not <\(value)>.")
                    }
                    listening.append(address)
                case "--control":
                    guard let endpoint = Endpoint(value) else {
                        throw Refusal("--control needs =ADDRESS:PORT, not <\(value)>.")
                    }
                    endpoints.append(endpoint)
                case "--minimum-ttl":
                    guard let ttl = UInt8(value), ttl > 0 else {
                        throw Refusal("--minimum-ttl needs =1 to 255, not <\(value)>.")
                    }
                    minimumTTL = ttl
                case "--nofork" where parts.count == 1: isDetached = false
                case "--tee" where parts.count == 1: logsToOutput = true
                case "--notee" where parts.count == 1: logsToOutput = false
                case "--version" where parts.count == 1: isVersionOnly = true
                default:
                    throw Refusal("Unrecognized bfdd-beacon command line option \(argument).")
                }
            }
            if listening.isEmpty { listening = [HostAddress(ipv4: 0), HostAddress(ipv6: 0)] }
            if endpoints.isEmpty {
                endpoints = [Endpoint(port: controlPort), Endpoint(port: alternatePort)]
            }
        }
    }
}
