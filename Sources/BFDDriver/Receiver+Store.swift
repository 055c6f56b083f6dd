internal import BFDCore
internal import LinuxSystem

extension Receiver {
    /// Goes on with the sockets that an earlier process has left, or opens new ones, which are kept
    /// for the next one once all of them are open.
    func find(isIPv6: Bool, _ transport: Transport) throws(SystemError) -> [Listener] {
        guard let store else { return try open(isIPv6: isIPv6, transport) }
        for isSharing in [true, false] {
            let names = SocketName.group(
                transport, isIPv6, isSharing: isSharing, share, namespaceInode)
            guard let taken = store.take(names) else { continue }
            return zip(names, taken).map { adopt($0, $1, store) }
        }
        return try open(isIPv6: isIPv6, transport)
    }

    /// Whether there are sockets that another process has read last, and nobody knows when.
    var isGoingOn: Bool { listeners.contains { $0.drainedUntil == 0 } }

    private func adopt(
        _ name: SocketName, _ descriptor: Int32, _ store: SocketStore
    ) -> Listener {
        store.outbox.post(.has(name.text))
        let buffer = name.role == .invalid ? Self.invalidBuffer : Self.buffer
        // Another version may have asked for less.
        try? DatagramSocket.setReceiveBuffer(of: descriptor, byteCount: buffer)
        var listener = Listener(
            descriptor, name.transport, name.role ?? .urgent, isIPv6: name.isIPv6)
        // Of what waits in it nobody knows how long; stamps say it.
        listener.drainedUntil = 0
        listener.isKept = true
        // What the kernel chooses by may have become another program.
        if name.role == .urgent { try? steer(listener) }
        return listener
    }

    /// Has all sockets be kept for the next process.
    mutating func keepAll() {
        guard let store else { return }
        for index in listeners.indices where !listeners[index].isKept {
            // Without one, the next process opens sockets of its own.
            guard let copy = try? SharedDescriptor(duplicating: listeners[index].descriptor)
            else { continue }
            store.outbox.post(.keep(name(of: index, listeners).text, copy))
            noteKept(index)
        }
    }

    /// Has sockets be kept no more.
    func giveUp(_ listeners: [Listener]) {
        guard let store else { return }
        for index in listeners.indices where listeners[index].isKept {
            store.outbox.post(.forget(name(of: index, listeners).text))
        }
    }

    private func name(of index: Int, _ listeners: [Listener]) -> SocketName {
        let listener = listeners[index]
        let isSharing = listeners.contains {
            $0.transport == listener.transport && $0.isIPv6 == listener.isIPv6
                && $0.role != .urgent
        }
        return SocketName(
            transport: listener.transport, isIPv6: listener.isIPv6,
            role: isSharing ? listener.role : nil, share: share, namespaceInode: namespaceInode)
    }
}
