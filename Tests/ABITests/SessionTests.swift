import Foundation
import TestSupport
import Testing

extension ABITests.OnAMachine {
    /// What a session may have, against the implementations it is for.
    @Suite struct SessionTests {
        private static let secret = "s3cret-of-both"

        /// An agent at one end of a cable and BIRD at the other.
        private static func pair(
            in lab: Lab, _ mode: SteeredAgent.Mode, authentication: BirdAuthentication?
        ) async throws -> (agent: SteeredAgent, bird: BirdPeer) {
            let (here, there) = (try lab.namespace("here"), try lab.namespace("there"))
            try lab.link(
                LinkEnd(here, "cable", "10.9.0.1/24"), LinkEnd(there, "cable", "10.9.0.2/24"))
            let bird = try BirdPeer(
                in: lab, there,
                links: [PeerLink(local: "10.9.0.2", remote: "10.9.0.1", interface: "cable")],
                timers: PeerTimers(intervalMilliseconds: 100, multiplier: 30))
            bird.authentication = authentication
            try await bird.start()
            return (try await SteeredAgent(mode, in: lab, here), bird)
        }

        @Test(arguments: [
            (SteeredAgent.Mode.managed, "keyed-sha1", 4), (.driven, "keyed-sha1", 4),
            (.driven, "simple-password", 1),
        ])
        func `BIRD and an agent believe each other, and nobody else`(
            _ mode: SteeredAgent.Mode, _ type: String, _ number: Int
        ) async throws {
            try await withLab { lab in
                let (agent, bird) = try await Self.pair(
                    in: lab, mode,
                    authentication: BirdAuthentication(
                        type: type, passwords: [.init(id: 7, Self.secret)]))
                // A wrong one stays Down, and says why.
                #expect(try await agent.tell("add 10.9.0.2 keys \(number) 7 s3cret-of-none") == "1")
                try await agent.expectStatus(1, "Down", "reason=auth_mismatch", "type=\(number)")
                #expect(try await agent.tell("keys 1 \(number) 7 \(Self.secret)") == "0")
                try await agent.expect("event 1 Up")
                try await bird.waitForAll("up")
                // Another key beside it, while it is Up.
                #expect(
                    try await agent.tell("keys 1 \(number) 7 \(Self.secret) 8 a-new-one") == "0")
                let isNumbered = number == 1 ? 0 : 1
                try await agent.expectStatus(1, "Up", "downs=0", "numbered=\(isNumbered)")
                #expect(try await agent.tell("keys 1 \(number) 7 s3cret-of-none") == "0")
                try await agent.expect("event 1 Down cause 3")
                #expect(try await agent.tell("keys 1 \(number) 7 \(Self.secret)") == "0")
                try await agent.expect("event 1 Up", times: 2)
                #expect(try await agent.tell("keys 1 9 7 x") == "-5015 the keys are impossible")
                #expect(try await agent.tell("keys 1 4 7 x 7 y").hasPrefix("-5015 "))
                #expect(try await agent.tell("keys 5 4 7 x").hasPrefix("-5003 "))
                try await agent.end()
            }
        }

        @Test(arguments: SteeredAgent.Mode.allCases)
        func `BIRD starts a session with an agent that knows of none`(
            _ mode: SteeredAgent.Mode
        ) async throws {
            try await withLab { lab in
                let (agent, bird) = try await Self.pair(
                    in: lab, mode,
                    authentication: BirdAuthentication(
                        type: "keyed-sha1", passwords: [.init(id: 7, Self.secret)]))
                #expect(try await agent.tell("list") == "")
                #expect(try await agent.tell("unsolicited 10.9.0.0 16 4 7 \(Self.secret)") == "0")
                try await agent.expect("event 1 created 10.9.0.2")
                try await agent.expect("event 1 Up")
                try await bird.waitForAll("up")
                try await agent.expectStatus(1, "Up", "unsolicited=1", "peer=10.9.0.2", "type=4")
                #expect(try await agent.tell("list") == "1")
                for refused in ["keys 1 4 7 x", "update 1 10.9.0.2"] {
                    #expect(try await agent.tell(refused).hasPrefix("-5008 "), "\(refused)")
                }
                #expect(try await agent.tell("signal 1 1 0") == "0")
                // Its own door shut, it goes; and one that is asked for is another one.
                #expect(try await agent.tell("unsolicited") == "0")
                try await agent.expect("event 1 removed")
                #expect(try await agent.tell("list") == "")
                let again = try await agent.tell("add 10.9.0.2 keys 4 7 \(Self.secret)")
                #expect(again == "2")
                try await agent.expect("event 2 Up")
                #expect(try await agent.tell("status 1").hasPrefix("-5003 "))
                try await agent.end()
            }
        }

        @Test(arguments: SteeredAgent.Mode.allCases)
        func `an agent's Echo comes back by way of FRR, and fails the session when it does not`(
            _ mode: SteeredAgent.Mode
        ) async throws {
            try await withLab { lab in
                let (here, there) = (try lab.namespace("here"), try lab.namespace("there"))
                try lab.link(
                    LinkEnd(here, "cable", "10.9.0.1/24"), LinkEnd(there, "cable", "10.9.0.2/24"))
                for end in [here, there] { try end.set([("net/ipv4/conf/all/accept_local", 1)]) }
                let frr = try FrrPeer(
                    in: lab, there,
                    links: [PeerLink(local: "10.9.0.2", remote: "10.9.0.1", interface: "cable")],
                    timers: PeerTimers(intervalMilliseconds: 100, multiplier: 30))
                frr.settings = ["echo receive-interval 50"]
                frr.hasZebra = true
                try await frr.start()
                let agent = try await SteeredAgent(mode, in: lab, here)
                let added = try await agent.tell("add 10.9.0.2 source 10.9.0.1 echo 20000")
                #expect(added == "1")
                try await agent.expect("event 1 Up")
                try await agent.expectStatus(1, "Up", "echo=50000", "returned=1", "downs=0")
                try there.run("nft", "add table inet cut")
                try there.run(
                    "nft", "add chain inet cut forward { type filter hook forward priority 0 ; }")
                try there.run("nft", "add rule inet cut forward udp dport 3785 drop")
                try await agent.expect("event 1 Down cause 7 diagnostic 2")
                try await agent.end()
            }
        }

        @Test func `two agents live with Demand mode, signals and other settings`() async throws {
            try await withLab { lab in
                let (here, there) = (try lab.namespace("here"), try lab.namespace("there"))
                try lab.link(
                    LinkEnd(here, "cable", "10.9.0.1/24"), LinkEnd(there, "cable", "10.9.0.2/24"))
                let one = try await SteeredAgent(.managed, in: lab, here)
                let other = try await SteeredAgent(.driven, in: lab, there)
                let settings = "interface cable tos 184"
                #expect(try await one.tell("add 10.9.0.2 \(settings) demand 1") == "1")
                #expect(try await one.tell("signal 1 5 0").hasPrefix("-5016 "))
                #expect(try await other.tell("add 10.9.0.1 \(settings) passive 1") == "1")
                try await one.expectStatus(1, "Up", "demand=1")
                try await other.expectStatus(1, "Up", "demand=0")
                // A path beyond this one is down: no reason to leave Up.
                #expect(try await one.tell("signal 1 5 0") == "0")
                #expect(try await other.tell("signal 1 1 0") == "0")
                #expect(try await one.tell("update 1 10.9.0.2 tx 200000 tos 0") == "0")
                try await one.expectStatus(1, "Up", "downs=0", "demand=0")
                // Down for a reason of the agent's, until it says so.
                #expect(try await other.tell("signal 1 12 2") == "0")
                try await other.expect("event 1 Down cause")
                try await one.expect("event 1 Down cause 1")
                #expect(try await other.tell("signal 1 11 0") == "0")
                try await one.expect("event 1 Up", times: 2)
                #expect(try await one.tell("signal 1 13 0").hasPrefix("-5001 "))
                #expect(try await one.tell("remove 1") == "0")
                try await one.expect("event 1 removed")
                try await one.end()
                try await other.end()
            }
        }
    }
}
