import ControlProtocol
import LinuxSystem
import RouteCore
import Testing

@testable import Daemon

/// What is configured decides what is kept.
@Suite struct PrivilegePlanTests {
    private func plan(
        _ isLockingUnlimited: Bool = true, _ change: (inout DaemonConfiguration) -> Void
    ) throws -> PrivilegePlan {
        let text =
            "peers: [{dest-addr: 10.9.0.1}]\nroutes: [{prefix: 0.0.0.0/0, next-hops: "
            + "[{peer: 10.9.0.1}]}]"
        var configuration = try #require(
            ConfigurationFile.read(Array(text.utf8), name: "test.yaml").configuration)
        change(&configuration)
        return PrivilegePlan(configuration, isLockingUnlimited: isLockingUnlimited)
    }

    private func set(_ capabilities: Capability...) -> CapabilitySet { CapabilitySet(capabilities) }

    @Test func `Routes keep CAP_NET_ADMIN, and without any it goes after the start`() throws {
        let with = try plan { _ in }
        #expect(with.kept.effective == set(.netAdmin, .netRaw))
        #expect(with.kept.raisable == set(.sysPtrace))
        let without = try plan { $0.routes = [] }
        #expect(without.forStart.effective == set(.netAdmin, .netRaw))
        #expect(without.kept.effective == set(.netRaw))
    }

    @Test func `CAP_SYS_ADMIN stays for a namespace that is followed, and for moments`() throws {
        for name in ["ovnext", "/run/netns/ovnext"] {
            let followed = try plan { $0.namespace = name }
            #expect(followed.kept.raisable == set(.sysAdmin, .sysPtrace))
            #expect(!followed.kept.effective.contains(.sysAdmin))
        }
        let entered = try plan { $0.namespace = "/proc/4711/ns/net" }
        #expect(entered.forStart.effective.contains(.sysAdmin))
        #expect(!entered.kept.effective.union(entered.kept.raisable).contains(.sysAdmin))
    }

    @Test func `Real-time priority is asked for at the start only`() throws {
        let plan = try plan { $0.realTime.priority = 50 }
        #expect(plan.forStart.effective.contains(.sysNice))
        #expect(!plan.kept.effective.union(plan.kept.raisable).contains(.sysNice))
    }

    @Test func `CAP_IPC_LOCK stays where a limit would end the process later`() throws {
        #expect(try !plan(true) { _ in }.kept.effective.contains(.ipcLock))
        #expect(try plan(false) { _ in }.kept.effective.contains(.ipcLock))
        let unlocked = try plan(false) { $0.realTime.locksMemory = false }
        #expect(!unlocked.kept.effective.contains(.ipcLock))
    }

    @Test func `What is missing is said only where something configured fails for it`() throws {
        let plan = try plan {
            $0.namespace = "ovnext"
            $0.realTime.priority = 50
        }
        let nothing = Privileges(plan: plan, given: [], refusal: nil)
        let warning = try #require(nothing.warning)
        for name in ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_ADMIN"] {
            #expect(warning.contains(name))
        }
        #expect(!warning.contains("CAP_SYS_PTRACE") && !warning.contains("CAP_SYS_NICE"))
        #expect(nothing.status.kept.isEmpty && nothing.status.missing.count == 5)
        let all = Privileges(
            plan: plan, given: CapabilitySet(Capability.allCases), refusal: nil)
        #expect(all.warning == nil)
        #expect(all.status.givenUp.contains("CAP_SYS_NICE"))
    }
}
