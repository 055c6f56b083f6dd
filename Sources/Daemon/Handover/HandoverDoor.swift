internal import BFDDriver
internal import EventLoop
internal import Foundation
internal import Glibc
internal import LinuxSystem
internal import Logging

/// Where a successor asks for the sessions of this daemon.
final class HandoverDoor {
    /// How long a successor may take to be ready, while sessions stand still.
    private static let patience: Int32 = 2_000

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
        /// The process that goes on for the service manager; nil when it has one of its own.
        var mainProcess: Int32?
        /// What it was told of changes at run time.
        var overlay: PeerOverlay?

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
            try refuse(visitor, reason)
        } else {
            let terms = daemon.handoverTerms
            visitor.overlay = terms.overlay
            try visitor.stream.write(.mayFollow)
            try visitor.stream.pass(terms, milliseconds: Self.patience)
        }
    }

    private func refuse(_ visitor: Visitor, _ reason: String) throws(SystemError) {
        daemon.logger.warning("not handed over: \(reason)")
        self.visitor = nil
        try visitor.stream.write(.refused)
    }

    private func obey(_ visitor: Visitor) throws(SystemError) {
        switch try visitor.stream.readWord(milliseconds: 0) {
        case .word(.go): try prepare(visitor)
        case .word(.nameMe): visitor.mainProcess = try visitor.stream.peerProcessID()
        case .word(.leave): daemon.leave()
        case .word, .end, .silence: self.visitor = nil
        }
    }

    /// Since the terms were told, something may have changed.
    private func prepare(_ visitor: Visitor) throws(SystemError) {
        if let reason = daemon.reasonAgainstHandover {
            try refuse(visitor, reason)
        } else if visitor.overlay != daemon.handoverTerms.overlay {
            try refuse(visitor, "a peer was changed meanwhile")
        } else {
            handOver(visitor)
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
            try waitUntilDone(visitor)
            try visitor.stream.write(.yours)
        } catch {
            self.visitor = nil
            daemon.thaw(after: error)
            return
        }
        // Nothing is ours any more but the past.
        close(keeping: visitor)
        daemon.name(successor: visitor.mainProcess)
        try? visitor.stream.pass(daemon.handoverHistory, milliseconds: Self.patience)
        daemon.endAfterHandover()
    }

    private func waitUntilDone(_ visitor: Visitor) throws(SystemError) {
        var answer = try visitor.stream.readWord(milliseconds: Self.patience)
        if answer == .silence {
            visitor.stream.refuseMore()
            answer = try visitor.stream.readWord(milliseconds: 0)
        }
        guard answer == .word(.done) else {
            // Told apart from our death: the successor must not serve.
            try? visitor.stream.write(.refused)
            throw SystemError(operation: "handover", errno: .protocolError)
        }
    }

    private func close(keeping visitor: Visitor) {
        visitor.watcher = nil
        listener.unlink()
    }
}
