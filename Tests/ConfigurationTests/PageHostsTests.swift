import Testing

@testable import Daemon

/// A page that asks nobody who he is must not count as a stranger's own.
@Suite struct PageHostsTests {
    private let hosts = PageHosts(machineName: "Node-1")

    @Test(arguments: [
        nil, "127.0.0.1", "127.0.0.1:9470", "10.1.2.3:9470", "[::1]:9470", "[::1]", "localhost",
        "localhost:8080", "LOCALHOST:1", "gw.localhost:9470", "node-1", "node-1:9470", "NODE-1",
    ])
    func `Addresses, localhost and the machine's own name are served`(_ authority: String?) {
        #expect(hosts.contains(authority))
    }

    @Test(arguments: [
        "", "example.com", "example.com:9470", "127.0.0.1.example.com", "node-1.example.com",
        "localhost.example.com", "notlocalhost", "127.0.0.1:9470@example.com", "[::1].example.com",
        "[localhost]:9470", "[127.0.0.1]", ":9470", "[", "127.0.0.1:x", "example.com:127.0.0.1",
    ])
    func `Names that a stranger may have lead here are not`(_ authority: String) {
        #expect(!hosts.contains(authority))
    }

    @Test func `A machine without a name is known by address`() {
        #expect(!PageHosts(machineName: "").contains(""))
        #expect(PageHosts(machineName: "").contains("127.0.0.1"))
    }
}
