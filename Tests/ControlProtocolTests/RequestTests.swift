import ControlProtocol
import NodeCore
import Testing

@Suite struct RequestTests {
    static let row = OVNBFDRow(
        logicalPort: "vpc1", destination: "10.5.204.101", status: "admin_down", minTx: 100,
        minRx: 200, detectMultiplier: 3)

    /// Every request there is, with what is sent for it.
    static let requests: [(Request, String, String?)] = [
        (.version, "GET /v1/version", nil),
        (.status(peer: nil), "GET /v1/sessions", nil),
        (.status(peer: "tor-a"), "GET /v1/sessions/tor-a", nil),
        (.status(peer: "a%b@/ü"), "GET /v1/sessions/a%25b%40%2F%C3%BC", nil),
        (.explain(peer: nil, ovnRows: []), "GET /v1/doctor", nil),
        (.explain(peer: "tor-a", ovnRows: []), "GET /v1/doctor?peer=tor-a", nil),
        (
            .explain(peer: nil, ovnRows: [row]), "POST /v1/doctor",
            #"{"ovn-bfd":[{"detect_mult":3,"dst_ip":"10.5.204.101","logical_port":"vpc1","#
                + #""min_rx":200,"min_tx":100,"status":"admin_down"}]}"#
        ),
        (.routes, "GET /v1/routes", nil),
        (.events(follow: false, since: nil), "GET /v1/events", nil),
        (.events(follow: true, since: 17), "GET /v1/events?follow=true&since=17", nil),
        (.capture(peers: []), "GET /v1/capture", nil),
        (.capture(peers: ["a b", "c"]), "GET /v1/capture?peer=a%20b&peer=c", nil),
        (.enablePeer(name: "tor-a"), "PATCH /v1/sessions/tor-a", #"{"admin-down":false}"#),
        (.disablePeer(name: "tor-a"), "PATCH /v1/sessions/tor-a", #"{"admin-down":true}"#),
        (
            .signalPeer(name: "tor-a", signal: .pathDown), "POST /v1/sessions/tor-a/signal",
            #"{"signal":"path-down"}"#
        ),
        (.reload(isDryRun: false, discardsUnsaved: false), "POST /v1/reload", nil),
        (
            .reload(isDryRun: true, discardsUnsaved: true),
            "POST /v1/reload?dry-run=true&discard=true", nil
        ),
        (
            .editPeer(PeerEdit(.add, peer: "tor-c", table: ["dest-addr": "::1"], saves: true)),
            "POST /v1/sessions?save=true", #"{"name":"tor-c","settings":{"dest-addr":"::1"}}"#
        ),
        (
            .editPeer(PeerEdit(.set, peer: "tor-c", table: ["role": "passive"], saves: false)),
            "PATCH /v1/sessions/tor-c/settings", #"{"settings":{"role":"passive"}}"#
        ),
        (.editPeer(PeerEdit(.remove, peer: "tor-c")), "DELETE /v1/sessions/tor-c", nil),
        (.drain, "POST /v1/drain", nil), (.undrain, "DELETE /v1/drain", nil),
        (.drainProgress, "GET /v1/drain", nil),
    ]

    @Test func `Of a new peer's keys the address comes first`() {
        let edit = PeerEdit(
            .add, peer: "a", table: ["role": "passive", "dest-addr": "::1", "dscp": "0"],
            saves: false)
        #expect(edit.settings.map(\.key) == ["dest-addr", "dscp", "role"])
    }

    @Test(arguments: requests)
    func `A request is a method, a path and a body`(
        _ request: Request, _ line: String, _ body: String?
    ) throws {
        #expect("\(request.operation.method.rawValue) \(request.target)" == line)
        #expect(try request.body.map { try Samples.json($0) } == body)
    }

    @Test func `Every operation carries a request, and its path leads to its method`() {
        let used = Set(Self.requests.map(\.0.operation))
        #expect(used == Set(ControlOperation.allCases))
        for operation in ControlOperation.allCases {
            let path = operation.path.split(separator: "/").map { $0 == "{peer}" ? "a" : $0 }
            let methods = ControlOperation.methods(of: "/" + path.joined(separator: "/"))
            #expect(methods.contains(operation.method))
        }
    }

    @Test(arguments: ["", "/", "/v1", "/v1/sessions/", "/v1/sessions/a/b", "/v2/routes", "//"])
    func `Other paths lead nowhere`(_ path: String) {
        #expect(ControlOperation.methods(of: path) == [])
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "1", #"{"admin-down":1}"#, #"{"admin-down":"yes"}"#,
        #"{"admin-down":true,"admin-dwn":true}"#, #"{"admin-down":null}"#,
    ])
    func `Anything but a change is refused`(_ text: String) {
        #expect(throws: (any Error).self) { try Samples.decode(SessionChange.self, text) }
    }
}
