internal import LinuxSystem
internal import Netlink
public import NodeCore
internal import RouteCore
internal import Synchronization

/// Tries what gatewatch needs, in two namespaces of its own that are gone afterwards.
///
/// Nothing else on the node is touched; the packets go from one of the namespaces to the other.
public struct PreflightLab: ~Copyable {
    private let names: [String]
    private let one: NetworkNamespace
    private let other: NetworkNamespace

    private static let ends = (name: "gwpre0", peer: "gwpre1")
    /// Addresses of documentation (RFC 5737), in namespaces that lead nowhere.
    private static let addresses = (0xc000_0201 as UInt32, 0xc000_0202 as UInt32)

    private init(
        _ names: [String], _ one: consuming NetworkNamespace, _ other: consuming NetworkNamespace
    ) {
        self.names = names
        self.one = one
        self.other = other
    }

    /// Makes the namespaces.
    private static func made(_ names: [String]) throws(TrialFailure) -> PreflightLab {
        do throws(NetworkNamespaceError) {
            let one = try NetworkNamespace.create(named: names[0])
            let other = try NetworkNamespace.create(named: names[1])
            return PreflightLab(names, one, other)
        } catch {
            // One that is not there is none to take away.
            for name in names { NetworkNamespace.remove(named: name) }
            throw TrialFailure(error)
        }
    }

    deinit {
        for name in names { NetworkNamespace.remove(named: name) }
    }

    /// Tries everything; `tag` tells the names of its namespaces from those of others.
    public static func run(tag: String) -> [PreflightFeature: Trial] {
        let box = ResultBox()
        do throws(SystemError) {
            try SystemThread.start(name: "gw-preflight") {
                box.fill(tryAll(tag))
            }.join()
        } catch {
            return [.namespace: .fails("\(error)")]
        }
        return box.take()
    }

    private static func tryAll(_ tag: String) -> [PreflightFeature: Trial] {
        var trials: [PreflightFeature: Trial] = [.timer: timer()]
        do throws(TrialFailure) {
            let lab = try made(["gwpre-\(tag)-a", "gwpre-\(tag)-b"])
            try lab.enter(lab.one)
            trials[.namespace] = .works("made, entered and taken away again")
            for (feature, trial) in lab.packets() { trials[feature] = trial }
            for (feature, trial) in NextHopTrial.run(linkNamed: ends.name) {
                trials[feature] = trial
            }
        } catch {
            trials[.namespace] = .fails(error.text)
            for feature in PreflightFeature.allCases where trials[feature] == nil {
                trials[feature] = .notTried("without a namespace")
            }
        }
        return trials
    }

    private borrowing func enter(_ namespace: borrowing NetworkNamespace) throws(TrialFailure) {
        do throws(NetworkNamespaceError) {
            try namespace.enter()
        } catch {
            throw TrialFailure(error)
        }
    }

    private borrowing func packets() -> [PreflightFeature: Trial] {
        do throws(TrialFailure) {
            let pair = try sockets()
            var stamps = 0
            for round in 1...3 {
                let octet = UInt8(round)
                let to = try exchange(
                    from: pair.ours, to: pair.theirs, Self.addresses.1, octet)
                let back = try exchange(
                    from: pair.theirs, to: pair.ours, Self.addresses.0, octet)
                stamps +=
                    (to.realtimeNanoseconds == nil ? 0 : 1)
                    + (back.realtimeNanoseconds == nil ? 0 : 1)
            }
            return [
                .packets: .works("3 there and 3 back, TTL 255"),
                .receiveStamps: stamps == 6
                    ? .works("on all 6 packets") : .fails("on \(stamps) of 6 packets"),
            ]
        } catch {
            return [.packets: .fails(error.text), .receiveStamps: .notTried("no packets came")]
        }
    }

    /// A socket in each of the namespaces; this thread is in the first one again afterwards.
    private borrowing func sockets() throws(TrialFailure) -> SocketPair {
        let ends = (one: one.descriptor, other: other.descriptor)
        try Self.attempt { () throws(LinkGateError) in
            let links = try LabLinks()
            try links.createPair(
                Self.ends.name, in: ends.one, peer: Self.ends.peer, in: ends.other)
            try Self.configure(links, Self.ends.name, Self.addresses.0)
        }
        let ours = try Self.socket()
        try enter(other)
        try Self.attempt { () throws(LinkGateError) in
            try Self.configure(try LabLinks(), Self.ends.peer, Self.addresses.1)
        }
        let theirs = try Self.socket()
        try enter(one)
        return SocketPair(ours: ours, theirs: theirs)
    }

    private static func configure(
        _ links: borrowing LabLinks, _ name: String, _ address: UInt32
    ) throws(LinkGateError) {
        try links.set(name, up: true)
        try links.add(HostAddress(ipv4: address), length: 30, to: name)
    }

    private static func socket() throws(TrialFailure) -> OwnedDescriptor {
        do throws(SystemError) {
            let socket = try DatagramSocket(isIPv6: false)
            try socket.bind(nil, port: 3784)
            try socket.setTransmitOptions(hopLimit: 255, trafficClass: 0xc0, priority: 6)
            return OwnedDescriptor(owning: socket.take())
        } catch {
            throw TrialFailure(text: "\(error)")
        }
    }

    /// Sends a Down packet, again if need be, until it has arrived as it was sent.
    private borrowing func exchange(
        from sender: borrowing OwnedDescriptor, to receiver: borrowing OwnedDescriptor,
        _ address: UInt32, _ mark: UInt8
    ) throws(TrialFailure) -> DatagramArrival {
        var buffer = TransmitBuffer()
        buffer.fill(24) { bytes in
            let head: [UInt8] = [0x20, 0x40, 3, 24, 0, 0, 0, mark]
            for (offset, octet) in head.enumerated() {
                bytes.storeBytes(of: octet, toByteOffset: offset, as: UInt8.self)
            }
        }
        let destination = SocketAddress(high: UInt64(address) << 32, low: 0, isIPv6: false)
        // The kernel drops what is sent before it has taken note that the link is up.
        for _ in 0..<4 {
            let refusal = DatagramSocket.send(
                buffer, byteCount: 24, from: sender.rawValue, to: destination, port: 3784,
                interfaceIndex: 0)
            if let refusal { throw TrialFailure(text: "send: \(refusal)") }
            if let arrival = try arrival(at: receiver, mark) { return arrival }
        }
        throw TrialFailure(text: "four packets were sent and none arrived within two seconds")
    }

    /// The packet with this mark, if it comes within half a second.
    private borrowing func arrival(
        at receiver: borrowing OwnedDescriptor, _ mark: UInt8
    ) throws(TrialFailure) -> DatagramArrival? {
        while DescriptorReadiness.waitUntilReadable(receiver.rawValue, milliseconds: 500) {
            guard var batch = try? DatagramBatch(capacity: 1, byteCapacity: 64),
                batch.read(from: receiver.rawValue) == 1
            else { return nil }
            let arrival = batch.arrival(0)
            // One that was sent again may have come twice.
            if batch.withBytes(0, { $0.count == 24 && $0[7] < mark }) { continue }
            guard batch.withBytes(0, { $0.count == 24 && $0[7] == mark }), arrival.hopLimit == 255
            else { throw TrialFailure(text: "a packet arrived otherwise than it was sent") }
            return arrival
        }
        return nil
    }

    private static func attempt(
        _ body: () throws(LinkGateError) -> Void
    ) throws(TrialFailure) {
        do throws(LinkGateError) {
            try body()
        } catch {
            throw TrialFailure(text: "\(error)")
        }
    }

    private static func timer() -> Trial {
        do throws(SystemError) {
            let timer = try DeadlineTimer()
            let deadline = Clock.monotonicNanoseconds() + 2_000_000
            timer.arm(at: deadline)
            guard DescriptorReadiness.waitUntilReadable(timer.descriptor, milliseconds: 1_000)
            else { return .fails("armed for 2 ms, it did not fire within a second") }
            let late = (Clock.monotonicNanoseconds() - deadline) / 1_000
            return .works("fired \(late) µs after its deadline")
        } catch {
            return .fails("\(error)")
        }
    }

    private struct SocketPair: ~Copyable {
        let ours: OwnedDescriptor
        let theirs: OwnedDescriptor
    }

    private final class ResultBox: Sendable {
        private let held = Mutex<[PreflightFeature: Trial]>([:])

        func fill(_ trials: [PreflightFeature: Trial]) { held.withLock { $0 = trials } }
        func take() -> [PreflightFeature: Trial] { held.withLock { $0 } }
    }
}

/// Why something that was tried does not work.
struct TrialFailure: Error {
    let text: String

    init(text: String) {
        self.text = text
    }

    init(_ error: NetworkNamespaceError) {
        switch error {
        case .notPermitted(_, let operation): text = "\(operation): no permission"
        case .system(_, let error): text = "\(error)"
        case .absent, .plainFile, .directory, .otherType, .notNamespace:
            text = "what was made is no network namespace"
        }
    }
}
