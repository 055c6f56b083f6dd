public import BFDDriver

// Sessions and their sockets pass to another process, which has been started beside this one:
//
//     this one                              the other one
//     freeze()     sessions and sockets →   GatewatchConfiguration.handover
//                                           add(peers)
//                                           finishTakeOver()
//     the process ends            ← done
//     or, when nothing comes, thaw()

extension Gatewatch {
    /// Stops sending and reading, and returns what another process needs to go on: all sessions,
    /// and the descriptors of their sockets, which stay open here.
    ///
    /// Routes stay as they are, and are the other's: end this process, or call `thaw()`. Throws
    /// `driver(.handoverOfSeveralThreads)` where several threads share the sessions.
    public func freeze() throws(GatewatchError) -> EngineHandover {
        do throws(DriverError) {
            return try engine.freeze()
        } catch {
            throw .driver(error)
        }
    }

    /// Goes on after all: the other process did not.
    public func thaw() {
        engine.thaw()
    }

    /// Begins to serve what has been taken over, once all peers have been added.
    ///
    /// Sessions that no added peer has end, and tell their peers so.
    public func finishTakeOver() throws(GatewatchError) {
        do throws(DriverError) {
            try engine.finishTakeOver()
        } catch {
            throw .driver(error)
        }
    }
}
