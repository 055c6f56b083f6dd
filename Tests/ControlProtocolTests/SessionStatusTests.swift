import ControlProtocol
import Foundation
import Testing

/// The leaf names of RFC 9314, and our additions.
@Suite struct SessionStatusTests {
    private func object(_ session: SessionStatus) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(Samples.json(session).utf8))
        return try #require(value as? [String: Any])
    }

    @Test func `RFC 9314: a session has the leaf names of the module`() throws {
        let object = try object(Samples.session())
        #expect(
            Samples.keys(object) == [
                "name", "dest-addr", "source-addr", "interface", "path-type", "role",
                "local-discriminator", "remote-discriminator", "remote-multiplier", "source-port",
                "dest-port", "local-multiplier", "desired-min-tx-interval",
                "required-min-rx-interval", "admin-down", "session-running", "session-statistics",
                "rx-discard", "last-cause", "routes",
            ])
        #expect(
            Samples.keys(object["session-running"]) == [
                "local-state", "remote-state", "local-diagnostic", "remote-diagnostic",
                "remote-authenticated", "detection-mode", "negotiated-tx-interval",
                "negotiated-rx-interval", "detection-time",
            ])
        #expect(
            Samples.keys(object["session-statistics"]) == [
                "create-time", "last-up-time", "down-count", "admin-down-count",
                "receive-packet-count", "send-packet-count", "receive-invalid-packet-count",
                "send-failed-packet-count",
            ])
    }

    @Test func `Intervals are microseconds and enumerations have their YANG names`() throws {
        let object = try object(Samples.session())
        #expect(object["desired-min-tx-interval"] as? Int == 50_000)
        #expect(object["path-type"] as? String == "path-ip-sh")
        let running = try #require(object["session-running"] as? [String: Any])
        #expect(running["local-state"] as? String == "up")
        #expect(running["local-diagnostic"] as? String == "none")
        #expect(running["detection-mode"] as? String == "async-without-echo")
        #expect(running["detection-time"] as? Int == 150_000)
    }

    @Test func `RFC 9314: authentication is shown by type and key ids`() throws {
        var session = Samples.session()
        session.authentication = AuthenticationStatus(type: .meticulousKeyedSHA1, keyIDs: [1, 9])
        session.running.isRemoteAuthenticated = true
        session.running.remoteAuthenticationType = .meticulousKeyedSHA1
        let object = try object(session)
        let authentication = try #require(object["authentication"] as? [String: Any])
        #expect(authentication["type"] as? String == "meticulous-keyed-sha1")
        #expect(authentication["key-ids"] as? [Int] == [1, 9])
        let running = try #require(object["session-running"] as? [String: Any])
        #expect(running["remote-authenticated"] as? Bool == true)
        #expect(running["remote-authentication-type"] as? String == "meticulous-keyed-sha1")
    }

    @Test func `What is unknown is absent`() throws {
        var session = Samples.session()
        session.sourceAddress = nil
        session.interface = nil
        session.lastCause = nil
        let keys = Samples.keys(try object(session))
        #expect(keys.isDisjoint(with: ["source-addr", "interface", "last-cause"]))
    }

    @Test func `RFC 5880 §8: an unassigned diagnostic is shown as its number`() throws {
        let object = try object(Samples.session())
        let running = try #require(object["session-running"] as? [String: Any])
        #expect(running["remote-diagnostic"] as? Int == 17)
    }

    @Test func `The summary counts Init as down`() {
        let states: [SessionStateName] = [.up, .up, .down, .initializing, .adminDown]
        let sessions = states.map { Samples.session("x", $0) }
        #expect(
            SessionSummary(counting: sessions)
                == SessionSummary(
                    sessionCount: 5, upCount: 2, downCount: 2, administrativelyDownCount: 1))
    }
}

@Suite struct NameTests {
    @Test(arguments: zip(UInt8(0)...3, SessionStateName.allCases))
    func `States stand in the order of the packet`(_ value: UInt8, _ state: SessionStateName) {
        #expect(SessionStateName(wireValue: value) == state)
    }

    @Test func `The states are named as in YANG`() {
        #expect(SessionStateName.allCases.map(\.rawValue) == ["adminDown", "down", "init", "up"])
        #expect(SessionStateName(wireValue: 4) == nil)
    }

    @Test func `The assigned diagnostics are named as in iana-bfd-types`() {
        #expect(
            (UInt8(0)...10).map { DiagnosticName(wireValue: $0).description } == [
                "none", "control-expiry", "echo-failed", "neighbor-down", "forwarding-reset",
                "path-down", "concatenated-path-down", "admin-down",
                "reverse-concatenated-path-down", "mis-connectivity-defect", "10",
            ])
    }

    @Test(arguments: UInt8(0)...31)
    func `Every diagnostic survives the way through JSON`(_ value: UInt8) throws {
        let diagnostic = DiagnosticName(wireValue: value)
        let text = try Samples.json([diagnostic])
        #expect(try Samples.decode([DiagnosticName].self, text) == [diagnostic])
        #expect(text.contains("\"") == (value < 10))
    }

    @Test func `An unknown diagnostic name is refused`() {
        #expect(throws: (any Error).self) {
            try Samples.decode([DiagnosticName].self, #"["sunspots"]"#)
        }
    }

    @Test func `All discard reasons of the checklist have a counter name and a meaning`() {
        let names = """
            too_short bad_version length_too_small length_exceeds_payload detect_mult_zero \
            multipoint_set my_discr_zero unknown_your_discr your_discr_zero_bad_state no_session \
            auth_unexpected auth_missing auth_type_mismatch auth_key_unknown auth_len_bad \
            auth_seq_window auth_mismatch poll_and_final ttl_not_255 ttl_not_254 \
            ttl_below_minimum wrong_interface source_mismatch source_not_in_subnet \
            sbfd_demand_clear sbfd_demand_set sbfd_source_port local_admin_down
            """
        #expect(
            DiscardName.allCases.map(\.rawValue) == names.split(separator: " ").map(String.init))
        #expect(DiscardName.allCases.allSatisfy { !$0.meaning.isEmpty })
    }
}
