internal import BFDDriver
internal import LinuxSystem
internal import Synchronization

extension Gatewatch {
    /// The inode of the namespace that sessions and routes live in; nil for the caller's own.
    public var namespaceInode: UInt64? { namespace.withLock { $0?.inode } }

    /// Moves sessions and routes to the namespace that has the path now; whether it is another one.
    ///
    /// Routes are withdrawn from the old namespace first. Sessions keep discriminators, sequence
    /// numbers, source ports that are free, and what was decided about them; whether their peers
    /// can still be heard is for the detection time to say. After a refusal nothing has changed.
    @discardableResult
    public func move(toNamespaceAt path: String) throws(GatewatchError) -> Bool {
        let next: SharedNamespace
        do throws(NetworkNamespaceError) {
            next = try SharedNamespace(path: path)
        } catch {
            throw .driver(.namespace(error))
        }
        guard next.inode != namespaceInode else { return false }
        do throws(DriverError) {
            try engine.prepareMove(to: next)
        } catch {
            throw .driver(error)
        }
        let failure: GatewatchError?
        do throws(GatewatchError) {
            failure = try ask { .move(next, $0) }
        } catch {
            failure = error
        }
        if let failure {
            engine.abandonMove()
            throw failure
        }
        do throws(DriverError) {
            try engine.commitMove()
        } catch {
            if let previous = namespace.withLock(\.self) {
                _ = try? ask { .move(previous, $0) }
            }
            throw .driver(error)
        }
        namespace.withLock { $0 = next }
        // What came between the engine's look and the route thread's is told now.
        routeCommands.post(.rereadInterfaces)
        return true
    }
}
