internal import ControlProtocol
internal import EventLoop
internal import LinuxSystem

/// Takes the commands of `bfdd-control`, one a connection, in the main thread.
///
/// Nothing waits for a client: who sends no whole command within half a second, or takes no reply
/// within five, is let go, and so is the oldest of too many. Packets have a thread of their own.
final class BeaconServer {
    /// A client, from its connection to the last octet of its reply.
    private final class Client {
        let stream: UnixStream
        var deadline: Int64
        var received: [UInt8] = []
        var reply: ArraySlice<UInt8> = []
        var watcher: DescriptorWatcher?
        var whenDone: (() -> Void)?

        init(_ stream: consuming UnixStream, deadline: Int64) {
            self.stream = stream
            self.deadline = deadline
        }

        deinit {
            // Before its descriptor is closed.
            watcher?.stop()
        }
    }

    /// What is said to a client, and what is done once it has been said.
    struct Answer {
        var text: String
        var whenSaid: (() -> Void)?
    }

    static let capacity = 256
    private static let commandPatience: Int64 = 500_000_000
    private static let replyPatience: Int64 = 5_000_000_000
    private static let slowness: Int64 = 100_000_000
    private static let complaintInterval: Int64 = 5_000_000_000

    private let loop: EventLoop
    private let doors: [BeaconDoor]
    private let answer: ([String]) -> Answer
    private var watchers: [DescriptorWatcher] = []
    private var clients: [Int: Client] = [:]
    private var nextNumber = 0
    private var timer: TimerWatcher?
    /// Told of what clients or we are slow in, once in a while.
    var complain: ((String) -> Void)?
    private var lastComplaint: Int64 = 0

    init(_ doors: [BeaconDoor], _ loop: EventLoop, answer: @escaping ([String]) -> Answer) {
        self.doors = doors
        self.loop = loop
        self.answer = answer
        timer = TimerWatcher(loop) { [unowned self] in self.dropLate() }
        for door in doors {
            watchers.append(
                DescriptorWatcher(loop, descriptor: door.listener.descriptor) {
                    [unowned self] in self.admit(door)
                })
        }
    }

    private func admit(_ door: BeaconDoor) {
        // A few at a time: signals and other clients have their turn.
        for _ in 0..<16 {
            let stream: UnixStream?
            do throws(SystemError) {
                stream = try door.listener.accept()
            } catch {
                rest(after: error)
                return
            }
            guard let stream else { return }
            if clients.count >= Self.capacity, let oldest = clients.keys.min() {
                clients[oldest] = nil
            }
            let now = Clock.monotonicNanoseconds()
            let client = Client(stream, deadline: now + Self.commandPatience)
            nextNumber += 1
            let number = nextNumber
            clients[number] = client
            client.watcher = DescriptorWatcher(loop, descriptor: client.stream.descriptor) {
                [unowned self] in self.read(number)
            }
            if clients.count == 1 { timer?.fire(after: Self.commandPatience) }
        }
    }

    /// Admits nobody for a while: who waits at the door would wake us without end as long as there
    /// is no descriptor for him.
    private func rest(after error: SystemError) {
        for watcher in watchers { watcher.stop() }
        complain("nobody can be admitted: \(error)", at: Clock.monotonicNanoseconds())
        timer?.fire(after: Self.commandPatience / 5)
    }

    private func dropLate() {
        for watcher in watchers { watcher.start() }
        let now = Clock.monotonicNanoseconds()
        let late = clients.filter { $0.value.deadline <= now }
        for number in late.keys { clients[number] = nil }
        let silentCount = late.values.count { $0.whenDone == nil && $0.reply.isEmpty }
        if silentCount > 0 { complain("\(silentCount) clients sent no whole command", at: now) }
        let deafCount = late.count - silentCount
        if deafCount > 0 { complain("\(deafCount) clients took no reply", at: now) }
        if !clients.isEmpty { timer?.fire(after: Self.commandPatience / 5) }
    }

    private func read(_ number: Int) {
        guard let client = clients[number] else { return }
        let count: Int?
        do throws(SystemError) {
            count = try client.stream.read(
                appendingTo: &client.received, limit: OpenBFDD.Message.maximumByteCount)
        } catch {
            clients[number] = nil
            return
        }
        guard let count else { return }
        switch OpenBFDD.Message(client.received) {
        case .incomplete where count > 0: return
        case .incomplete, .malformed: clients[number] = nil
        case .words(let words):
            let began = Clock.monotonicNanoseconds()
            let answer = answer(words)
            let now = Clock.monotonicNanoseconds()
            if now - began > Self.slowness {
                complain("\(words.first ?? "") took \((now - began) / 1_000_000) ms", at: now)
            }
            reply(answer, to: client, number)
        }
    }

    private func complain(_ text: String, at now: Int64) {
        guard lastComplaint == 0 || now - lastComplaint > Self.complaintInterval else { return }
        lastComplaint = now
        complain?(text)
    }

    private func reply(_ answer: Answer, to client: Client, _ number: Int) {
        client.reply = Array(answer.text.utf8)[...]
        client.whenDone = answer.whenSaid
        client.deadline = Clock.monotonicNanoseconds() + Self.replyPatience
        client.watcher = DescriptorWatcher(
            loop, descriptor: client.stream.descriptor, interest: .writable
        ) { [unowned self] in self.write(number) }
        write(number)
    }

    private func write(_ number: Int) {
        guard let client = clients[number] else { return }
        do throws(SystemError) {
            while !client.reply.isEmpty {
                let count = try client.stream.write(client.reply)
                if count == 0 { return }
                client.reply = client.reply.dropFirst(count)
            }
        } catch {
            client.reply = []
        }
        clients[number] = nil
        client.whenDone?()
    }
}

/// A place where a beacon is asked.
final class BeaconDoor {
    let listener: TCPListener

    init(_ endpoint: OpenBFDD.Endpoint) throws(SystemError) {
        listener = try TCPListener(SocketAddress(endpoint.address), port: endpoint.port)
    }
}
