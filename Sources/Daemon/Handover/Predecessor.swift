internal import BFDDriver
internal import Foundation
internal import LinuxSystem
internal import Logging

/// The daemon that runs, seen from the one that is to go on.
///
/// Released without `replace()`, it goes on itself.
final class Predecessor {
    private static let patience: Int32 = 5_000

    /// What it said before anything was passed.
    let terms: HandoverTerms
    private let stream: UnixStream
    /// Its control socket, once it has passed its state.
    private(set) var controlDescriptor: Int32?

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
            case .mayFollow:
                let terms = try stream.takeDocument(HandoverTerms.self, milliseconds: patience)
                guard let terms else { throw SystemError.interrupted("terms of the handover") }
                return Predecessor(stream, terms)
            case .otherVersion:
                logger.warning(
                    """
                    the daemon that runs is of another version: sessions begin anew, with the \
                    discriminators they had
                    """
                )
                try stream.write(.leave)
                _ = try? stream.readWord(milliseconds: patience)
                return nil
            case .refused, .go, .leave, .done, .history, nil:
                throw SystemError.interrupted("handover")
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

    /// Has it end: its sessions are served here. What it knows of the past; nil when that was lost.
    func replace() -> HandoverHistory? {
        do throws(SystemError) {
            try stream.write(.done)
            guard try stream.readWord(milliseconds: Self.patience) == .history else { return nil }
            return try stream.takeDocument(HandoverHistory.self, milliseconds: Self.patience)
        } catch {
            return nil
        }
    }
}

extension UnixStream {
    /// Says one word of a handover.
    func write(_ word: HandoverWord) throws(SystemError) {
        guard try write([word.rawValue][...]) == 1 else {
            throw SystemError.interrupted("handover")
        }
    }

    /// Waits for a word; nil for one that is none, and at the end of the stream.
    func readWord(milliseconds: Int32) throws(SystemError) -> HandoverWord? {
        var octets: [UInt8] = []
        guard try waitForInput(milliseconds: milliseconds),
            let count = try read(appendingTo: &octets, limit: 1), count == 1
        else { return nil }
        return HandoverWord(rawValue: octets[0])
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
