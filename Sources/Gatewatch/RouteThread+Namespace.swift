internal import BFDDriver
internal import LinuxSystem
internal import Netlink
internal import RouteController
internal import RouteCore

extension RouteThread {
    /// Takes the routes out of this namespace and makes them in another one; what was against it.
    ///
    /// Whoever holds the old namespace would otherwise be left with routes that nobody keeps right.
    func move(to namespace: SharedNamespace) -> GatewatchError? {
        let previous: SharedNamespace
        do throws(NetworkNamespaceError) {
            previous = try SharedNamespace.current()
            try namespace.enter()
        } catch {
            return .driver(.namespace(error))
        }
        let heir: RouteController
        do throws(RouteControllerError) {
            heir = try openThere()
        } catch {
            try? previous.enter()
            return .routes(error)
        }
        // Its sockets stay in the namespace where they were opened.
        controller.withdrawAll()
        controller = heir
        interfaceIndices = [:]
        for (name, standing) in standings {
            controller.sessionChanged(peer: name, to: standing)
        }
        if !isReleased { controller.start() }
        return nil
    }

    /// Netlink of the namespace that this thread has entered; the old one's is given up for it.
    private func openThere() throws(RouteControllerError) -> RouteController {
        let outbox = outbox
        let heir = try RouteController(
            configuration.routes, options: configuration.routeOptions, loop: loop
        ) { event in outbox.post(event) }
        let links: RouteMonitor
        do throws(NetlinkError) {
            links = try RouteMonitor(.linksAndAddresses)
        } catch {
            throw .netlink(error)
        }
        unwatchMonitor()
        monitor = links
        watchMonitor()
        return heir
    }
}
