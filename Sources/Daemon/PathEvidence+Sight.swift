internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch
internal import LinuxSystem
internal import Netlink
internal import NodeCore
internal import RouteCore

extension PathEvidence {
    init(_ sight: PathSight) {
        self.init()
        if let (name, state) = sight.link {
            switch state {
            case .absent: link = .absent(name)
            case .down: link = .down(name)
            case .withoutCarrier: link = .withoutCarrier(name)
            case .running: link = .running(name)
            }
        }
        if sight.hasSource == false { missingSource = sight.source.map { "\($0)" } }
        switch sight.route {
        case .nowhere(let text): route = .nowhere(text)
        case .through(_, let router, _): route = .through(router: router.map { "\($0)" })
        case nil: break
        }
        if let (hop, state) = sight.neighbor {
            nextHop = "\(hop)"
            switch state {
            case .failed: neighbor = .failed
            case .incomplete: neighbor = .incomplete
            case .known: neighbor = .known
            case .absent: neighbor = .absent
            }
        }
    }
}

extension HostAddress {
    /// An address as sockets have it.
    init(_ address: SocketAddress) {
        if address.isIPv6 {
            self.init(ipv6: UInt128(address.high) << 64 | UInt128(address.low))
        } else {
            self.init(ipv4: UInt32(truncatingIfNeeded: address.high >> 32))
        }
    }
}

extension PathSight {
    /// The address of ours that the kernel would choose.
    var ownAddress: HostAddress? {
        guard case .through(_, _, let source) = route else { return nil }
        return source
    }
}

extension WireEvidence.Complaint {
    /// What an ICMP error says (RFC 792, RFC 1812 §5.2.7.1, RFC 4443 §3.1).
    init(sender: HostAddress, isIPv6: Bool, type: UInt8, code: UInt8) {
        let kind: Kind =
            switch (isIPv6, code) {
            case (false, 3), (true, 4): .portUnreachable
            case (false, 9), (false, 10), (false, 13), (true, 1), (true, 5), (true, 6): .prohibited
            default: .unreachable
            }
        self.init(kind, sender: "\(sender)", code: "ICMP\(isIPv6 ? "v6" : "") \(type)/\(code)")
    }
}

extension PortHolder {
    init(_ holder: PortSurvey.Holder) {
        let address = holder.address.map { "\(HostAddress($0))" } ?? "any address"
        self.init(process: holder.process, command: holder.command, address: address)
    }
}

extension DiscardEvidence.Kind {
    /// Which repair a reason takes; nil for those that say nothing of the peer.
    init?(_ reason: DiscardReason) {
        switch reason {
        case .ttlNot255, .ttlNot254, .ttlBelowMinimum: self = .hopLimit
        case .unknownYourDiscriminator: self = .staleDiscriminator
        case .authenticationUnexpected, .authenticationMissing, .authenticationTypeMismatch,
            .authenticationLengthBad:
            self = .authenticationType
        case .authenticationKeyUnknown: self = .authenticationKey
        case .authenticationSequenceOutsideWindow: self = .authenticationSequence
        case .authenticationMismatch: self = .authenticationDigest
        case .truncated, .unsupportedVersion, .lengthTooSmall, .lengthExceedsPayload,
            .detectMultiplierZero, .multipointSet, .myDiscriminatorZero,
            .yourDiscriminatorZeroBadState, .noSession, .sourceMismatch, .wrongInterface,
            .sourceNotInSubnet, .seamlessDemandClear, .seamlessDemandSet, .seamlessSourcePort,
            .pollAndFinal:
            self = .other
        case .outputFull, .localAdminDown: return nil
        }
    }
}

extension PacketSample {
    /// What people may see of a packet: never a password, which stands behind the first 24 octets.
    init(_ sample: DiscardSample, _ view: PathView) {
        let shown = min(sample.byteCount, 24)
        self.init(
            source: "\(HostAddress(sample.arrival.source))", byteCount: sample.byteCount,
            ageMilliseconds: (view.now.now - sample.arrival.receivedAt).count / 1_000_000,
            octets: (0..<shown).map { Self.hexadecimal(sample.octets[$0]) }.joined())
        interface = view.report.interfaceNames[sample.arrival.interfaceIndex]
        hopLimit = sample.arrival.hopLimit
        yourDiscriminator = sample.number(at: 8)
        let isAuthenticated = sample.byteCount >= 27 && sample.octets[1] & 0x04 != 0
        guard isAuthenticated else { return }
        let type = AuthenticationType(rawValue: sample.octets[24])
        authenticationType =
            type.map { AuthenticationTypeName($0).rawValue } ?? "type \(sample.octets[24])"
        keyID = sample.octets[26]
        if let type, type.digestByteCount > 0 { sequence = sample.number(at: 28) }
    }

    private static func hexadecimal(_ octet: UInt8) -> String {
        (octet < 16 ? "0" : "") + String(octet, radix: 16)
    }
}
