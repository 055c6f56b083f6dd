internal import TestSupport
internal import Testing

extension Interop {
    /// Others who change what is ours.
    @Suite struct DisturbanceTests {
        @Test func `A deleted route is put back`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                for family in ["-4", "-6"] {
                    try network.node.run("ip", family, "route", "delete", "default")
                }
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
            }
        }

        @Test func `A link that was down and up again has its next hop back`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                // Without this the kernel forgets IPv6 addresses of a link that goes down.
                try network.node.set([("net/ipv6/conf/uplink-a/keep_addr_on_down", 1)])
                try network.birdNamespace.set([("net/ipv6/conf/down/keep_addr_on_down", 1)])
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)

                try network.node.run("ip", "link", "set", "dev", "uplink-a", "down")
                // The kernel drops next hops of a dead link without a word, so it must be asked.
                try await eventually("the dead link's next hops are gone") {
                    try network.shownNextHops("-4") == [TwoGateways.address(.frr)]
                        && network.shownNextHops("-6") == [TwoGateways.address6(.frr)]
                }
                try await eventually("its sessions are down") {
                    try daemon.session("bird").running.localState == "down"
                }
                try network.node.run("ip", "link", "set", "dev", "uplink-a", "up")
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
            }
        }
    }
}
