import ControlProtocol
import NodeCore
import Testing

@Suite struct RequestTests {
    @Test(arguments: [
        (Request.version, #"{"request":"version"}"#),
        (.status(peer: nil), #"{"request":"status"}"#),
        (.status(peer: "tor-a"), #"{"peer":"tor-a","request":"status"}"#),
        (.explain(peer: nil, ovnRows: []), #"{"request":"explain"}"#),
        (.explain(peer: "tor-a", ovnRows: []), #"{"peer":"tor-a","request":"explain"}"#),
        (.routes, #"{"request":"routes"}"#),
        (.events(follow: false, since: nil), #"{"follow":false,"request":"events"}"#),
        (.events(follow: true, since: 17), #"{"follow":true,"request":"events","since":17}"#),
        (.enablePeer(name: "tor-a"), #"{"peer":"tor-a","request":"peer-enable"}"#),
        (.disablePeer(name: "tor-a"), #"{"peer":"tor-a","request":"peer-disable"}"#),
        (
            .signalPeer(name: "tor-a", signal: .pathDown),
            #"{"peer":"tor-a","request":"peer-signal","signal":"path-down"}"#
        ),
    ])
    func `A request is one object that names its question`(
        _ request: Request, _ json: String
    ) throws {
        #expect(try Samples.json(request) == json)
        #expect(try Samples.decode(Request.self, json) == request)
    }

    @Test func `Rows of OVN's have OVN's names`() throws {
        let row = OVNBFDRow(
            logicalPort: "vpc1", destination: "10.5.204.101", status: "admin_down", minTx: 100,
            minRx: 200, detectMultiplier: 3)
        let request = Request.explain(peer: nil, ovnRows: [OVNRowReport(row)])
        let json =
            #"{"ovn-bfd":[{"detect_mult":3,"dst_ip":"10.5.204.101","logical_port":"vpc1","#
            + #""min_rx":200,"min_tx":100,"status":"admin_down"}],"request":"explain"}"#
        #expect(try Samples.json(request) == json)
        #expect(try Samples.decode(Request.self, json) == request)
        #expect(OVNRowReport(row).row == row)
    }

    @Test func `What a request leaves out has a default`() throws {
        #expect(
            try Samples.decode(Request.self, #"{"request":"events"}"#)
                == .events(follow: false, since: nil))
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "1", #"{"request":"reboot"}"#, #"{"request":"peer-enable"}"#,
        #"{"request":"peer-signal","peer":"a","signal":"9"}"#,
        #"{"request":"status","peer":7}"#, #"{"request":"events","since":-1}"#,
    ])
    func `Anything else is refused`(_ text: String) {
        #expect(throws: (any Error).self) { try Samples.decode(Request.self, text) }
    }
}
