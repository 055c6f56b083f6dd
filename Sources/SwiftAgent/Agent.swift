// An agent in Swift that moves a route: its next hops are the peers whose sessions are Up.
//
//     swift run SwiftAgent PREFIX [INTERFACE/]ADDRESS ...
//
// The first of SIGINT and SIGTERM takes leave of the peers, so that none of them sees a failure,
// and the route goes with the last of them.

import BFDCore
import Dispatch
import Gatewatch
import Glibc
import RouteController
import RouteCore

/// A peer as it is named on the command line.
struct Peer {
    let interface: String?
    let address: HostAddress

    init?(_ argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard let last = parts.last, parts.count <= 2, let address = HostAddress(String(last))
        else { return nil }
        self.address = address
        interface = parts.count == 2 ? String(parts[0]) : nil
    }

    var name: String { "\(address)" }

    var session: PeerConfiguration {
        PeerConfiguration(
            name: name,
            session: SessionConfiguration(
                path: Path(
                    destination: IPAddress(address), isBoundToInterface: interface != nil),
                desiredMinTxInterval: Microseconds(100_000),
                requiredMinRxInterval: Microseconds(100_000)),
            interface: interface)
    }

    var nextHop: NextHopConfiguration {
        NextHopConfiguration(peer: name, via: address, interface: interface)
    }
}

@main
struct Agent {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        let peers = arguments.dropFirst().compactMap(Peer.init)
        guard let prefix = arguments.first.flatMap({ try? Prefix(parsing: $0) }),
            !peers.isEmpty, peers.count == arguments.count - 1
        else {
            print("usage: SwiftAgent PREFIX [INTERFACE/]ADDRESS ...")
            exit(64)
        }
        do throws(GatewatchError) {
            try await run(prefix, peers)
        } catch {
            print("agent: \(error)")
            exit(1)
        }
    }

    static func run(_ prefix: Prefix, _ peers: [Peer]) async throws(GatewatchError) {
        let gatewatch = try Gatewatch(
            GatewatchConfiguration(
                seed: .random(in: 1 ... .max),
                routes: [RouteConfiguration(prefix: prefix, nextHops: peers.map(\.nextHop))]))
        let events = try gatewatch.eventStream()
        _ = try gatewatch.add(peers.map(\.session))
        let signals = [SIGINT, SIGTERM].map { number in
            onSignal(number) {
                for peer in peers { try? gatewatch.removePeer(named: peer.name) }
            }
        }
        await follow(events, peerCount: peers.count)
        for source in signals { source.cancel() }
        try gatewatch.withdrawRoutes()
        gatewatch.close()
    }

    /// Prints what happens until all peers have been removed.
    static func follow(_ events: AsyncStream<Event>, peerCount: Int) async {
        var remaining = peerCount
        for await event in events {
            switch event {
            case .session(let peer, let change) where change.to != .initializing:
                print(peer, word(for: change.to))
            case .route(let route):
                print(route.kind.rawValue, route.key.map { "\($0.prefix)" } ?? "", route.cause)
            case .warning(let text):
                print("warning:", text)
            case .removed:
                remaining -= 1
                if remaining == 0 { return }
            default: break
            }
            fflush(nil)
        }
    }

    static func word(for state: SessionState) -> String {
        switch state {
        case .adminDown: "AdminDown"
        case .down: "Down"
        case .initializing: "Init"
        case .up: "Up"
        }
    }

    /// Calls `body` when a signal arrives, instead of ending the program.
    static func onSignal(
        _ number: Int32, _ body: @escaping @Sendable () -> Void
    ) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler(handler: body)
        source.resume()
        return source
    }
}
