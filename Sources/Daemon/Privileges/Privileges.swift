internal import ControlProtocol
internal import Glibc
internal import LinuxSystem
internal import Logging

/// What this process may do, given up in two steps.
///
/// Capabilities belong to threads. First, before there is a second thread, the process gives up
/// what neither its start nor its features need: all threads begin with the rest. Then each thread
/// gives up what only its start needed, once it has started.
struct Privileges: Sendable {
    let plan: PrivilegePlan
    /// What the process had when it was started.
    let given: CapabilitySet
    /// Why something could not be given up; nil when all was.
    let refusal: String?

    /// The first step.
    static func reduced(for configuration: DaemonConfiguration) throws(DaemonError) -> Privileges {
        do throws(SystemError) {
            let given = try ThreadCapabilities.held().permitted
            // With the limits lifted no right is needed to keep memory locked and to have a
            // real-time priority: neither now nor when a reload asks for what was not wanted yet.
            try? ProcessMemory.unlimitLocking()
            try? Scheduling.unlimitRealTimePriority()
            let plan = PrivilegePlan(
                configuration, isLockingUnlimited: ProcessMemory.isLockingUnlimited)
            var refusal: String?
            do throws(SystemError) {
                try ThreadCapabilities.renounceNew(
                    beyond: plan.kept.effective.union(plan.kept.raisable))
            } catch {
                refusal = "\(error)"
            }
            try ThreadCapabilities.reduce(to: plan.forStart)
            // Who has no CAP_SETPCAP has few rights to lose in the first place.
            return Privileges(
                plan: plan, given: given,
                refusal: ThreadCapabilities.hasRenouncedNew ? nil : refusal)
        } catch {
            throw DaemonError(error)
        }
    }

    /// As the control protocol shows it.
    var status: PrivilegeStatus {
        let kept = plan.needs.filter { $0.use != .start && given.contains($0.capability) }
        let missing = plan.needs.filter { !given.contains($0.capability) }
        let givenUp = given.subtracting(CapabilitySet(kept.map(\.capability)))
        return PrivilegeStatus(
            userID: geteuid(), hasNoNewPrivileges: ThreadCapabilities.hasRenouncedNew,
            kept: kept.map { .init($0) },
            givenUp: givenUp.memberNames, missing: missing.map { .init($0) })
    }

    /// What was configured and will not work, as a sentence; nil when all does.
    var warning: String? {
        let missing = plan.needs.filter { $0.isMissed && !given.contains($0.capability) }
        guard !missing.isEmpty else { return nil }
        return "running without "
            + missing.map { "\($0.capability.name) (\($0.purpose))" }.joined(separator: ", ")
    }

    /// What is kept, in one line.
    var summary: String {
        let status = status
        let kept = status.kept.map { right in
            right.capability + (right.isRaisedWhenUsed ? " (raised when used)" : "")
        }
        return "uid \(status.userID), keeps "
            + (kept.isEmpty ? "no capability" : kept.joined(separator: ", "))
    }
}

extension PrivilegeStatus.Right {
    init(_ need: PrivilegePlan.Need) {
        self.init(
            capability: need.capability.name, purpose: need.purpose,
            isRaisedWhenUsed: need.use == .whenUsed)
    }
}

extension Daemon {
    /// The second step, in the main thread, and READY: everything has started.
    func settle() throws(DaemonError) {
        do throws(SystemError) {
            try ThreadCapabilities.reduce(to: privileges.plan.kept)
        } catch {
            throw DaemonError(error)
        }
        logger.info("\(privileges.summary)")
        if let warning = privileges.warning { logger.warning("\(warning)") }
        if let refusal = privileges.refusal {
            logger.warning("rights could not be given up for good: \(refusal)")
        }
        supervision.begin(loop, gatewatch)
    }
}
