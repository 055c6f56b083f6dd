internal import ArgumentParser
internal import ControlProtocol
internal import Daemon
internal import Foundation
internal import LinuxSystem
internal import NodeCore
internal import NodeSurvey
internal import RouteCore

/// What an operator knows about a namespace, and where else to look.
struct NamespaceExpectation: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "An address of the interface, with or without length; repeat for more.",
            valueName: "address"))
    var address: [String] = []

    @Option(help: ArgumentHelp("The gateway of its default route.", valueName: "address"))
    var gateway: String?

    @Option(help: ArgumentHelp("The MAC address of the interface.", valueName: "mac"))
    var mac: String?

    @Option(help: ArgumentHelp("The MTU of the interface.", valueName: "octets"))
    var mtu: Int?

    @Option(
        help: ArgumentHelp(
            "The node's name in Kubernetes (default: $KUBE_NODE_NAME).", valueName: "name"))
    var node: String?

    @Option(
        help: ArgumentHelp("The socket of Open vSwitch's database.", valueName: "path"))
    var ovsdb = "/run/openvswitch/db.sock"

    @Option(
        help: ArgumentHelp(
            "Control socket of the daemon (default: \(DaemonConfiguration.defaultControlSocket)).",
            valueName: "path"))
    var socket = DaemonConfiguration.defaultControlSocket

    /// Whether something is expected that only an interface can have.
    var isAboutInterface: Bool {
        !address.isEmpty || gateway != nil || mac != nil || mtu != nil
    }

    func validate() throws {
        for text in address {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard let ip = parts.first.flatMap({ HostAddress(String($0)) }), parts.count <= 2,
                parts.count == 1
                    || (Int(parts[1]).map { (0...(ip.family == .ipv4 ? 32 : 128)).contains($0) }
                        ?? false)
            else {
                throw ValidationError("--address \"\(text)\" is no address, such as 10.9.0.10/24")
            }
        }
        if let gateway, HostAddress(gateway) == nil {
            throw ValidationError("--gateway \"\(gateway)\" is no address, such as 10.9.0.1")
        }
        if let mac, !Self.isHardwareAddress(mac) {
            throw ValidationError("--mac \"\(mac)\" is no MAC address, such as 02:00:00:00:00:01")
        }
    }

    private static func isHardwareAddress(_ text: String) -> Bool {
        let octets = text.split(separator: ":", omittingEmptySubsequences: false)
        return octets.count == 6
            && octets.allSatisfy { $0.utf8.count == 2 && UInt8($0, radix: 16) != nil }
    }

    /// Puts it where it is looked at.
    func apply(to care: inout NamespaceCare) {
        care.expectation.addresses = address
        care.expectation.gateway = gateway
        care.expectation.hardwareAddress = mac
        care.expectation.mtu = mtu
        care.gateways = gateway.map { [$0] } ?? []
        care.asksGateways = true
        care.openVSwitchSocket = ovsdb
        care.node = node ?? ProcessInfo.processInfo.environment["KUBE_NODE_NAME"]
        let socket = socket
        let path = care.path
        care.traffic = { inode in DaemonTraffic.read(socket, inode, path) }
    }
}

/// What the daemon of a namespace has to say of its packets.
enum DaemonTraffic {
    /// Nil when none answers, or one that lives elsewhere.
    static func read(_ socket: String, _ inode: UInt64, _ path: String) -> NamespaceTraffic? {
        guard let report = try? status(socket), report.namespace?.inode == inode else {
            return nil
        }
        let sessions = report.sessions.map { PeerTraffic($0) }
        // Somebody who is not Up sends once a second.
        let isWorthALook = !report.discards.isEmpty || sessions.contains { !$0.isContent }
        let senders =
            isWorthALook
            ? NamespaceInspection.senders(inNamespaceAt: path, milliseconds: 2_000) : nil
        return NamespaceTraffic(
            sessions: sessions, senders: senders, strays: report.discards)
    }

    private static func status(_ socket: String) throws -> StatusReport? {
        let reply = try ControlClient.connected(to: socket).ask(.status(peer: nil))
        guard case .status(let report) = reply else { return nil }
        return report
    }
}

extension PeerTraffic {
    init(_ session: SessionStatus) {
        let state = session.running.localState
        self.init(
            name: session.name, address: session.destinationAddress,
            isContent: state == .up || state == .adminDown,
            received: session.statistics.receivedPacketCount, discards: session.discards)
    }
}
