internal import BFDDriver
internal import EventLoop
internal import LinuxSystem
internal import RouteController
internal import RouteCore

/// What a new configuration means for routes.
struct RouteChange: Sendable {
    /// Peers whose sessions end and begin anew: their next hops wait for the new ones.
    var restarting: [String] = []
    /// Peers that are no more.
    var leaving: [String] = []
    /// Those of both whose sessions go on for others.
    var shared: [String] = []
    /// All routes from now on; nil when they stay as they are.
    var routes: [RouteConfiguration]?

    var isEmpty: Bool { restarting.isEmpty && leaving.isEmpty && routes == nil }
}

extension RouteThread {
    /// Follows a new configuration; what was against it.
    func follow(_ change: RouteChange) -> GatewatchError? {
        for name in change.restarting { leave(name) }
        if let routes = change.routes {
            do throws(RouteControllerError) {
                try controller.setRoutes(routes)
                configuration.routes = routes
            } catch {
                return .routes(error)
            }
        }
        // They are in no route any more, unless routes name peers that are gone.
        for name in change.leaving { leave(name) }
        for name in change.shared { events.post(.removed(peer: name)) }
        armHoldTimer()
        return nil
    }

    /// Nothing is known of a session any more; another one of the same name starts up.
    func leave(_ name: String) {
        clients.forget(name)
        tellRoutes(name, .failed, cause: "session ended")
        standings[name] = nil
        controller.forgetSession(peer: name)
    }

    /// Has another controller adopt the routes, which then are kept in another form.
    func setOptions(_ options: RouteControllerOptions) -> GatewatchError? {
        let heir: RouteController
        do throws(RouteControllerError) {
            let outbox = outbox
            heir = try RouteController(configuration.routes, options: options, loop: loop) {
                outbox.post($0)
            }
        } catch {
            return .routes(error)
        }
        configuration.routeOptions = options
        controller.keepAll()
        controller = heir
        for (name, standing) in standings {
            controller.sessionChanged(peer: name, to: standing)
        }
        if !isReleased { controller.start() }
        return nil
    }

    func setUnsolicited(_ peers: [UnsolicitedPeers]) {
        configuration.unsolicited = peers
        doors = UnsolicitedDoors(peers, engine)
        doors.rereadInterfaces()
        doors.addressesChanged()
    }

    func setPolicy(of name: String) {
        guard let peer = registry.peer(named: name) else { return }
        clients.setPolicy(peer.policy, of: name)
        armHoldTimer()
    }

    /// A route follows a verdict at once, or the verdict was of little use; but never before the
    /// engine's next one. What the start has to do may be much, and is not urgent.
    func setPriority(_ priority: Int32) {
        do throws(SystemError) {
            try Scheduling.setTimerSlack(nanoseconds: 1)
            try Scheduling.setRealTimePriority(priority > 0 ? max(priority - 1, 1) : 0)
        } catch {
            events.post(.warning("routes follow without \(error.operation): \(error.errno)"))
        }
    }
}
