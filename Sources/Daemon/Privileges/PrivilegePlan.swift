internal import LinuxSystem

/// Which capabilities a configuration needs, for what, and when.
struct PrivilegePlan: Sendable, Equatable {
    /// When a capability is in force.
    enum Use: Sendable, Equatable {
        case start
        /// For moments, in the thread that does it.
        case whenUsed
        case always
    }

    struct Need: Sendable, Equatable {
        var capability: Capability
        var use: Use
        var purpose: String
        /// Whether without it something that was configured does not work.
        var isMissed = true
    }

    let needs: [Need]

    /// `isLockingUnlimited` is whether memory can be locked without a capability.
    init(_ configuration: DaemonConfiguration, isLockingUnlimited: Bool) {
        var needs: [Need] = []
        if configuration.routes.isEmpty {
            needs.append(
                Need(
                    capability: .netAdmin, use: .start, purpose: "large receive buffers",
                    isMissed: false))
        } else {
            needs.append(
                Need(capability: .netAdmin, use: .always, purpose: "routes and next hops"))
        }
        needs.append(
            Need(
                capability: .netRaw, use: .always,
                purpose: "Echo packets; watching the links to explain a session"))
        if let namespace = configuration.namespace {
            let isFollowed = !namespace.hasPrefix("/proc/")
            needs.append(
                Need(
                    capability: .sysAdmin, use: isFollowed ? .whenUsed : .start,
                    purpose: isFollowed
                        ? "following the namespace to a new one of its name"
                        : "entering the namespace"))
        }
        needs.append(
            Need(
                capability: .sysPtrace, use: .whenUsed,
                purpose: "naming processes that have our port or hold a namespace",
                isMissed: false))
        if configuration.realTime.priority > 0 {
            needs.append(
                Need(
                    capability: .sysNice, use: .start, purpose: "real-time priority",
                    isMissed: false))
        }
        if configuration.realTime.locksMemory, !isLockingUnlimited {
            needs.append(
                Need(
                    capability: .ipcLock, use: .always, purpose: "keeping memory locked",
                    isMissed: false))
        }
        self.needs = needs
    }

    /// What threads keep once they have started.
    var kept: KeptCapabilities { capabilities(atStart: false) }

    /// What they have until then.
    var forStart: KeptCapabilities { capabilities(atStart: true) }

    private func capabilities(atStart: Bool) -> KeptCapabilities {
        let effective = needs.filter { $0.use == .always || (atStart && $0.use == .start) }
        let raisable = needs.filter { $0.use == .whenUsed }
        return KeptCapabilities(
            effective: CapabilitySet(effective.map(\.capability)),
            raisable: CapabilitySet(raisable.map(\.capability)))
    }
}
