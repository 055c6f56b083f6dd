internal import LinuxSystem
public import Netlink
public import NodeCore
internal import Synchronization

/// Why a link was not changed.
public enum LinkGateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The link guard refused.
    case refused(LinkRefusal)
    /// The kernel refused, or could not be asked.
    case netlink(NetlinkError)

    /// What went wrong, as a sentence without a final stop.
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .netlink(let error): error.description
        }
    }
}

/// Gathers the evidence, asks the link guard, and counts what it refuses.
///
/// Every question is answered from what is true at that moment.
public final class LinkGate: Sendable {
    /// The names that operators protect.
    public var patterns: [String] { protected.withLock { $0 } }
    private let protected: Mutex<[String]>
    private let survey: NetworkManagerSurvey
    private let refused = Mutex<[LinkRefusalCount]>([])

    /// A gate for links of which operators protect some, see `NamePattern`.
    public init(protected patterns: [String] = [], survey: NetworkManagerSurvey = .init()) {
        protected = Mutex(patterns)
        self.survey = survey
    }

    /// Protects other links from now on.
    public func setPatterns(_ patterns: [String]) {
        protected.withLock { $0 = patterns }
    }

    /// Leave for a change of a link in the socket's namespace, which is the calling thread's.
    public func permit(
        _ operation: LinkOperation, of name: String, through socket: borrowing NetlinkSocket
    ) throws(LinkGateError) -> LinkPermit {
        let view = try look(through: socket)
        do throws(LinkRefusal) {
            return try view.guardian.permit(operation, of: name)
        } catch {
            count(error)
            throw .refused(error)
        }
    }

    /// What the guard thinks of every link of the calling thread's namespace, and how often it
    /// refused; with Kube-OVN's version, if it is known, also what a restart of it would touch.
    public func report(
        kubeOVN version: ProgramVersion? = nil
    ) throws(LinkGateError) -> LinkReport {
        let socket: NetlinkSocket
        do throws(NetlinkError) {
            socket = try NetlinkSocket.connected()
        } catch {
            throw .netlink(error)
        }
        let view = try look(through: socket)
        return LinkReport(
            view.links, view.networkManager, view.guardian, protected: patterns,
            refusals: refusals, kubeOVN: version)
    }

    /// What was refused since the start, by change and reason.
    public var refusals: [LinkRefusalCount] { refused.withLock { $0 } }

    private struct View {
        let links: [LinkEvidence]
        let networkManager: NetworkManagerEvidence
        let guardian: LinkGuard
    }

    private func look(through socket: borrowing NetlinkSocket) throws(LinkGateError) -> View {
        let links: [LinkEvidence]
        do throws(NetlinkError) {
            links = try LinkReader.links(through: socket)
        } catch {
            throw .netlink(error)
        }
        let inode = (try? NetworkNamespace.current())?.inode
        let networkManager = survey.traces(inNamespace: inode).evidence(of: links)
        return View(
            links: links, networkManager: networkManager,
            guardian: LinkGuard(links, networkManager, protected: patterns))
    }

    private func count(_ refusal: LinkRefusal) {
        refused.withLock { counts in
            if let place = counts.firstIndex(where: { $0.covers(refusal) }) {
                counts[place] = LinkRefusalCount(last: refusal, count: counts[place].count + 1)
            } else {
                counts.append(LinkRefusalCount(last: refusal, count: 1))
            }
        }
    }
}
