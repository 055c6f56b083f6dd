internal import BFDDriver
internal import EventLoop
internal import Foundation
internal import Glibc
internal import LinuxSystem
internal import Logging

/// Where a successor asks for the sessions of this daemon.
final class HandoverDoor {
    private static let patience: Int32 = 5_000

    private let listener: UnixListener
    private let loop: EventLoop
    private unowned let daemon: Daemon
    private var watcher: DescriptorWatcher?
    private var visitor: Visitor?

    /// Somebody who asks.
    private final class Visitor {
        let stream: UnixStream
        var watcher: DescriptorWatcher?
        var isGreeted = false

        init(_ stream: consuming UnixStream) {
            self.stream = stream
        }

        deinit {
            // Before its descriptor is closed.
            watcher?.stop()
        }
    }

    /// The path of the socket.
    static func path(in directory: String) -> String { directory + "/handover.sock" }

    /// Takes the path; throws when that is not possible.
    init(_ daemon: Daemon) throws(SystemError) {
        self.daemon = daemon
        loop = daemon.loop
        listener = try UnixListener.listening(
            at: Self.path(in: daemon.configuration.stateDirectory), mode: 0o600)
        watcher = DescriptorWatcher(loop, descriptor: listener.descriptor) { [unowned self] in
            self.admit()
        }
    }

    /// Takes the name away.
    func close() {
        watcher = nil
        visitor = nil
        listener.unlink()
    }

    /// One at a time: whoever asked before and says nothing gives way.
    private func admit() {
        guard let stream = try? listener.accept() else { return }
        let user = try? stream.peerUserID()
        guard user == 0 || user == geteuid() else { return }
        let visitor = Visitor(stream)
        self.visitor = visitor
        visitor.watcher = DescriptorWatcher(loop, descriptor: visitor.stream.descriptor) {
            [unowned self] in self.serve()
        }
    }

    private func serve() {
        guard let visitor else { return }
        do throws(SystemError) {
            if visitor.isGreeted {
                try obey(visitor)
            } else {
                try greet(visitor)
            }
        } catch {
            self.visitor = nil
        }
    }

    private func greet(_ visitor: Visitor) throws(SystemError) {
        var greeting: [UInt8] = []
        // Another version's may be longer.
        guard let count = try visitor.stream.read(appendingTo: &greeting, limit: 256) else {
            return
        }
        visitor.isGreeted = true
        guard count > 0 else {
            self.visitor = nil
            return
        }
        if greeting != EngineHandover.greeting {
            try visitor.stream.write(.otherVersion)
        } else if let reason = daemon.reasonAgainstHandover {
            daemon.logger.warning("not handed over: \(reason)")
            try visitor.stream.write(.refused)
            self.visitor = nil
        } else {
            try visitor.stream.write(.mayFollow)
            try visitor.stream.pass(daemon.handoverTerms, milliseconds: Self.patience)
        }
    }

    private func obey(_ visitor: Visitor) throws(SystemError) {
        switch try visitor.stream.readWord(milliseconds: 0) {
        case .go: handOver(visitor)
        case .leave: daemon.leave()
        case .mayFollow, .otherVersion, .refused, .done, .history, nil: self.visitor = nil
        }
    }

    private func handOver(_ visitor: Visitor) {
        guard let state = daemon.freeze() else {
            self.visitor = nil
            return
        }
        do throws(SystemError) {
            let octets = try MemoryFile.made(named: "gatewatch-handover", state.octets())
            let count = try MemoryFile.made(
                named: "gatewatch-handover", Array("\(state.descriptors.count)".utf8))
            let control = try daemon.server.duplicateDescriptor()
            try visitor.stream.pass(
                [octets.descriptor, count.descriptor, control.rawValue],
                milliseconds: Self.patience)
            try visitor.stream.pass(state.descriptors, milliseconds: Self.patience)
            guard try visitor.stream.readWord(milliseconds: Self.patience) == .done else {
                throw SystemError(operation: "handover", errno: .protocolError)
            }
        } catch {
            daemon.thaw(after: error)
            self.visitor = nil
            return
        }
        // Nothing is ours any more but the past.
        close(keeping: visitor)
        try? visitor.stream.write(.history)
        try? visitor.stream.pass(daemon.handoverHistory, milliseconds: Self.patience)
        daemon.endAfterHandover()
    }

    private func close(keeping visitor: Visitor) {
        visitor.watcher = nil
        listener.unlink()
    }
}
