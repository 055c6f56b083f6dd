internal import BFDDriver
internal import Foundation
internal import LinuxSystem
internal import Logging

/// The daemon that runs, seen from the one that is to go on.
///
/// Released without `release()`, it goes on itself.
final class Predecessor {
    private static let patience: Int32 = 5_000
    /// For the last word: the other one waits less.
    private static let standstill: Int32 = 3_000

    /// What it said before anything was passed.
    let terms: HandoverTerms
    private let stream: UnixStream
    /// Its control socket, once it has passed its state.
    private(set) var controlDescriptor: Int32?
    /// Its service manager, where that is this process's as well.
    var notifier: ServiceNotifier?

    private init(_ stream: consuming UnixStream, _ terms: HandoverTerms) {
        self.stream = stream
        self.terms = terms
    }

    /// Asks the daemon whose state directory this is; nil when it had to leave, because it is of
    /// another version.
    ///
    /// Throws when none runs there, and when it refuses.
    static func found(
        in directory: String, _ logger: Logger
    ) throws(DaemonError) -> Predecessor? {
        let path = HandoverDoor.path(in: directory)
        let stream: UnixStream
        do throws(SystemError) {
            stream = try UnixStream.connected(to: path)
        } catch {
            throw DaemonError(
                code: "handover", "no daemon hands over at \(path) (\(error.errno))",
                nextStep: "Start one with \"gatewatch run\", or give this one the state-directory "
                    + "and the user of the one that runs.")
        }
        do throws(SystemError) {
            _ = try stream.write(EngineHandover.greeting[...])
            switch try stream.readWord(milliseconds: patience) {
            case .word(.mayFollow):
                let terms = try stream.takeDocument(HandoverTerms.self, milliseconds: patience)
                guard let terms else { throw SystemError.interrupted("terms of the handover") }
                let predecessor = Predecessor(stream, terms)
                predecessor.followService(logger)
                return predecessor
            case .word(.otherVersion):
                logger.warning(
                    """
                    the daemon that runs is of another version: sessions begin anew, with the \
                    discriminators they had
                    """
                )
                try stream.write(.leave)
                _ = try? stream.readWord(milliseconds: patience)
                return nil
            case .word, .end, .silence: throw SystemError.interrupted("handover")
            }
        } catch {
            throw DaemonError(
                code: "handover", "the daemon that runs does not hand over (\(error))",
                nextStep: "Its log says why; it goes on meanwhile.")
        }
    }

    /// Has it stand still, and takes its sessions and sockets.
    func takeState() throws(DaemonError) -> EngineHandover {
        var taken: [Int32] = []
        do throws(SystemError) {
            if notifier != nil { try stream.write(.nameMe) }
            try stream.write(.go)
            let fixed = try stream.takeDescriptors(3, milliseconds: Self.patience)
            controlDescriptor = fixed[2]
            let octets = try MemoryFile(owning: OwnedDescriptor(owning: fixed[0])).read()
            let text = try MemoryFile(owning: OwnedDescriptor(owning: fixed[1])).read()
            let count = Int(String(decoding: text, as: UTF8.self)) ?? 0
            taken = try stream.takeDescriptors(count, milliseconds: Self.patience)
            return try Self.read(octets, taken)
        } catch {
            for descriptor in taken { _ = OwnedDescriptor(owning: descriptor) }
            throw DaemonError(
                code: "handover", "the state of the daemon that runs did not arrive (\(error))",
                nextStep: "It goes on meanwhile; try again.")
        }
    }

    private static func read(
        _ octets: [UInt8], _ descriptors: [Int32]
    ) throws(SystemError) -> EngineHandover {
        do throws(HandoverError) {
            return try EngineHandover(octets: octets, descriptors: descriptors)
        } catch {
            throw SystemError.interrupted("handover (\(error))")
        }
    }

    /// Has it end: everything is ready here. Throws when it goes on itself.
    func release() throws(DaemonError) {
        // A failure shows in what it answers.
        try? stream.write(.done)
        var answer = answer(milliseconds: Self.standstill)
        if answer == .silence {
            stream.refuseMore()
            answer = self.answer(milliseconds: 0)
            // Closed by us, not by its death.
            if answer == .end { answer = .silence }
        }
        switch answer {
        case .word(.yours), .end: return
        case .word, .silence:
            throw DaemonError(
                code: "handover", "the daemon that runs goes on: this one was not ready in time",
                nextStep: "Try again when the node is less busy.")
        }
    }

    private func answer(milliseconds: Int32) -> HandoverAnswer {
        (try? stream.readWord(milliseconds: milliseconds)) ?? .end
    }

    /// What it knows of the past, once it is released; nil when that was lost.
    func takeHistory() -> HandoverHistory? {
        try? stream.takeDocument(HandoverHistory.self, milliseconds: Self.patience)
    }
}

extension UnixStream {
    /// Says one word of a handover.
    func write(_ word: HandoverWord) throws(SystemError) {
        guard try write([word.rawValue][...]) == 1 else {
            throw SystemError.interrupted("handover")
        }
    }

    /// Waits for a word; one that is none is an end.
    func readWord(milliseconds: Int32) throws(SystemError) -> HandoverAnswer {
        var octets: [UInt8] = []
        guard try waitForInput(milliseconds: milliseconds),
            let count = try read(appendingTo: &octets, limit: 1)
        else { return .silence }
        guard count == 1, let word = HandoverWord(rawValue: octets[0]) else { return .end }
        return .word(word)
    }

    /// Passes a value as a file in memory.
    func pass(_ document: some Encodable, milliseconds: Int32) throws(SystemError) {
        guard let data = try? JSONEncoder().encode(document) else {
            throw SystemError.interrupted("handover")
        }
        let file = try MemoryFile.made(named: "gatewatch-handover", [UInt8](data))
        try pass([file.descriptor], milliseconds: milliseconds)
    }

    /// Takes what `pass` has passed; nil when it is something else.
    func takeDocument<Document: Decodable>(
        _ type: Document.Type, milliseconds: Int32
    ) throws(SystemError) -> Document? {
        let taken = try takeDescriptors(1, milliseconds: milliseconds)
        let octets = try MemoryFile(owning: OwnedDescriptor(owning: taken[0])).read()
        return try? JSONDecoder().decode(type, from: Data(octets))
    }
}

extension SystemError {
    /// The other end said something that does not belong there.
    fileprivate static func interrupted(_ operation: String) -> SystemError {
        SystemError(operation: operation, errno: .protocolError)
    }
}
