internal import BFDDriver
internal import ControlProtocol
internal import EventLoop
internal import Gatewatch
internal import LinuxSystem
internal import NodeCore

/// Clients that wait while somebody looks at the ways to peers.
///
/// Looking takes up to two seconds, in a thread of its own; the main thread serves others
/// meanwhile.
final class Inquiries {
    /// What a client has asked, and how things stood then.
    struct Inquiry {
        var connection: ControlConnection
        var before: SessionsSnapshot
        /// The names of the peers that were looked at.
        var suspects: [String]
        /// Who is asked about; nil for all.
        var name: String?
        var rows: [OVNBFDRow]
    }

    private struct Answer: Sendable {
        var number: Int
        var report: PathReport
    }

    private static let most = 8
    private let answers: Mailbox<Answer>
    private var waiting: [Int: Inquiry] = [:]
    private var lastNumber = 0
    private var watcher: DescriptorWatcher?

    init() throws(SystemError) {
        answers = try Mailbox(capacity: Self.most)
    }

    /// Whether there is room for one more.
    var hasRoom: Bool { waiting.count < Self.most }

    /// Begins to hand answers out.
    func serve(_ loop: EventLoop, onAnswer: @escaping (Inquiry, PathReport) -> Void) {
        watcher = DescriptorWatcher(loop, descriptor: answers.descriptor) { [unowned self] in
            var messages: [Answer] = []
            _ = answers.takeAll(into: &messages)
            for message in messages {
                guard let inquiry = waiting.removeValue(forKey: message.number) else { continue }
                onAnswer(inquiry, message.report)
            }
        }
    }

    /// Has somebody look, and the answer come later.
    func begin(
        _ inquiry: Inquiry, _ gatewatch: Gatewatch, _ targets: [PathTarget], milliseconds: Int64
    ) {
        lastNumber += 1
        let number = lastNumber
        waiting[number] = inquiry
        let answers = answers
        gatewatch.look(at: targets, milliseconds: milliseconds) { report in
            answers.post(Answer(number: number, report: report))
        }
    }
}
