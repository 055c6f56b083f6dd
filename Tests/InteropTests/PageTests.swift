internal import Foundation
internal import LinuxSystem
internal import TestSupport
internal import Testing

extension Interop {
    /// The status page as HTTP sees it.
    @Suite struct PageTests {
        private struct Answer {
            var status = 0
            var headers: [String: String] = [:]
            var body = ""
        }

        /// A daemon with one peer, and its metrics port.
        private func withDaemon(
            _ settings: String = "", _ body: (GatewatchDaemon, UInt16) async throws -> Void
        ) async throws {
            try await withLab { lab in
                let (daemon, port) = try GatewatchDaemon.idle(
                    in: lab, metrics: settings,
                    "routes: [{prefix: 10.1.0.0/16, next-hops: [{peer: tor-a}]}]")
                try await daemon.start()
                try await body(daemon, port)
            }
        }

        private func ask(_ port: UInt16, _ path: String, _ more: String...) throws -> Answer {
            let output = try Command.run(
                ["curl", "--silent", "--max-time", "20", "--include"] + more
                    + ["http://127.0.0.1:\(port)\(path)"])
            let text = output.replacing("\r\n", with: "\n")
            let parts = text.split(
                separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
            var answer = Answer()
            let lines = parts[0].split(separator: "\n")
            answer.status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
            for line in lines.dropFirst() {
                let halves = line.split(separator: ":", maxSplits: 1)
                guard halves.count == 2 else { continue }
                answer.headers[halves[0].lowercased()] =
                    halves[1].trimmingCharacters(in: .whitespaces)
            }
            answer.body = parts.count > 1 ? String(parts[1]) : ""
            return answer
        }

        @Test func `The page is one document that nothing else may run in`() async throws {
            try await withDaemon { _, port in
                let page = try ask(port, "/")
                #expect(page.status == 200)
                #expect(page.headers["content-type"] == "text/html; charset=utf-8")
                #expect(page.headers["cache-control"] == "no-store")
                #expect(page.headers["x-content-type-options"] == "nosniff")
                #expect(page.headers["x-frame-options"] == "DENY")
                #expect(page.headers["cross-origin-resource-policy"] == "same-origin")
                let policy = try #require(page.headers["content-security-policy"])
                #expect(policy.contains("default-src 'none'; script-src 'nonce-"))
                #expect(policy.contains("require-trusted-types-for 'script'"))
                #expect(!policy.contains("unsafe") && !policy.contains("*"))
                let nonce = try #require(policy.firstMatch(of: /nonce-([0-9a-f]{32})/)).1
                #expect(page.body.ranges(of: "nonce=\"\(nonce)\"").count == 2)
                #expect(!page.body.contains("{{"))
                // Nothing is fetched, and nothing is made of markup.
                let words = [" src=", "@import", "url(", "innerHTML", "eval(", "style=", "onclick"]
                for word in words {
                    #expect(!page.body.contains(word), "\(word)")
                }
                let other = try ask(port, "/")
                #expect(other.headers["content-security-policy"] != policy)
                let whole = Int(page.headers["content-length"] ?? "") ?? 0
                let head = try ask(port, "/", "--head")
                #expect(head.status == 200 && head.body.isEmpty)
                #expect(Int(head.headers["content-length"] ?? "") == whole)
            }
        }

        @Test func `Its data are those of status, routes and events`() async throws {
            try await withDaemon { daemon, port in
                let answer = try ask(port, "/status.json")
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == "application/json")
                #expect(answer.headers["cache-control"] == "no-store")
                let object = try #require(
                    JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
                let session = try #require((object["sessions"] as? [[String: Any]])?.first)
                let status = try daemon.session("tor-a")
                #expect(session["name"] as? String == "tor-a")
                #expect(session["local-state"] as? String == status.running.localState)
                let route = try #require((object["routes"] as? [[String: Any]])?.first)
                #expect(route["prefix"] as? String == "10.1.0.0/16")
                #expect(route["state"] as? String == "withdrawn")
                let page = try #require(object["events"] as? [String: Any])
                let events = try #require(page["events"] as? [[String: Any]])
                #expect((events.first?["cause"] as? String)?.hasPrefix("started") == true)
                #expect(try ask(port, "/status.json", "--head").status == 200)
                // What happens is in a later edition.
                try daemon.command("peer", "disable", "tor-a")
                try await eventually("the change shows", within: 60) {
                    try ask(port, "/status.json").body.contains(#""local-state":"adminDown""#)
                }
            }
        }

        @Test func `Only GET and HEAD, and only names that are no stranger's`() async throws {
            try await withDaemon { _, port in
                for path in ["/", "/status.json", "/metrics"] {
                    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
                        let answer = try ask(port, path, "--request", method)
                        #expect(answer.status == 405, "\(method) \(path)")
                        #expect(answer.headers["allow"] == "GET, HEAD")
                        #expect(answer.headers["x-content-type-options"] == "nosniff")
                    }
                }
                #expect(try ask(port, "/page.js").status == 404)
                for path in ["/", "/status.json"] {
                    let stranger = try ask(port, path, "--header", "Host: example.com:\(port)")
                    #expect(stranger.status == 421)
                    #expect(!stranger.body.contains("tor-a"))
                    for host in ["localhost:8080", "[::1]:9470", "10.0.0.1"] {
                        #expect(try ask(port, path, "--header", "Host: \(host)").status == 200)
                    }
                }
                // Prometheus and the kubelet come by whatever name or address they know.
                for path in ["/metrics", "/healthz", "/readyz"] {
                    for host in ["example.com", "10.16.0.5:9470", "node-7.cluster.local:9470"] {
                        #expect(try ask(port, path, "--header", "Host: \(host)").status == 200)
                    }
                }
            }
        }

        @Test func `Clients that do not read take little memory of the kernel's`() async throws {
            try await withDaemon { _, port in
                let questions = String(
                    repeating: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 50)
                let deaf = try (0..<20).map { _ in try DeafClient(port, says: questions) }
                // r and rb, t and tb: what is kept, and how much may be.
                let pattern = /skmem:\(r\d+,rb(\d+),t\d+,tb(\d+),f\d+,w(\d+)/
                var bounds: [[Int]] = []
                try await eventually("answers wait for those who do not read") {
                    let sockets = try Command.run(
                        ["ss", "--no-header", "--tcp", "--memory", "sport", "=", ":\(port)"])
                    bounds = sockets.matches(of: pattern).map { match in
                        [match.1, match.2, match.3].map { Int($0) ?? .max }
                    }
                    return bounds.count { $0[2] > 0 } == deaf.count
                }
                for bound in bounds { #expect(bound[0] <= 65_536 && bound[1] <= 65_536) }
                #expect(try ask(port, "/healthz").status == 200)
                withExtendedLifetime(deaf) {}
            }
        }

        @Test func `Without the page the port has the rest`() async throws {
            try await withDaemon(", page: false") { _, port in
                let paths = ["/", "/status.json", "/metrics", "/healthz"]
                let found = try paths.map { try ask(port, $0).status }
                #expect(found == [404, 404, 200, 200])
            }
        }
    }
}

/// A connection that asks and does not read.
private final class DeafClient {
    private let stream: UnixStream

    init(_ port: UInt16, says text: String) throws {
        let loopback = SocketAddress(high: 0x7f00_0001 << 32, low: 0, isIPv6: false)
        stream = try TCPConnection.open(to: loopback, port: port, milliseconds: 20_000)
        _ = try stream.write(Array(text.utf8)[...])
    }
}
