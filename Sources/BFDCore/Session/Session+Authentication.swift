/// Authentication of one session: the rules, and those variables of RFC 5880 §6.8.1 that it needs.
struct AuthenticatedSession: Sendable, BitwiseCopyable {
    /// Type and keys.
    private(set) var rules: SessionAuthentication
    /// bfd.XmitAuthSeq: the last number that was sent.
    private(set) var transmitSequence: UInt32
    /// bfd.RcvAuthSeq.
    private var receiveSequence: UInt32 = 0
    /// bfd.AuthSeqKnown.
    private var isSequenceKnown = false
    /// The last packet that went out, and when its number was chosen.
    private var lastPacket: ControlPacket?
    private var lastNumbered = Instant(nanoseconds: .min)

    @_noAllocation @_noLocks
    init(_ rules: SessionAuthentication, transmitSequence: UInt32) {
        self.rules = rules
        self.transmitSequence = transmitSequence
    }

    /// Other rules: the numbers we send go on, those we receive start anew.
    mutating func replaceRules(_ new: SessionAuthentication) {
        rules = new
        isSequenceKnown = false
    }

    /// How far the numbers have come.
    var numbers: AuthenticationNumbers {
        AuthenticationNumbers(
            transmitSequence: transmitSequence,
            receiveSequence: isSequenceKnown ? receiveSequence : nil)
    }

    /// Goes on from where the numbers had come to in another process.
    mutating func goOn(from numbers: AuthenticationNumbers) {
        transmitSequence = numbers.transmitSequence
        receiveSequence = numbers.receiveSequence ?? 0
        isSequenceKnown = numbers.receiveSequence != nil
    }

    /// Checks what can be checked without the secret (RFC 5880 §6.7.2 to §6.7.4), in order.
    ///
    /// Returns the key and the sequence number that the digest must fit. Keys are those of `now`;
    /// silence is judged by the packet's arrival, so that a packet we come to late is no late one.
    /// `isForgotten` is whether it had lasted so long then that no number is known any more.
    @_noAllocation @_noLocks
    func examine(
        _ packet: ControlPacket, _ bytes: borrowing Span<UInt8>, isForgotten: Bool,
        at now: Instant
    ) throws(DiscardReason) -> AuthenticationHeader {
        let type = rules.type
        guard bytes[24] == type.code else { throw .authenticationTypeMismatch }
        guard packet.length >= 27 else { throw .authenticationLengthBad }
        let keyID = bytes[26]
        guard let key = rules.acceptedKey(id: keyID, at: now) else {
            throw .authenticationKeyUnknown
        }
        let sectionByteCount = type.sectionByteCount(secretByteCount: key.secretByteCount)
        guard bytes[25] == sectionByteCount, 24 + Int(sectionByteCount) <= Int(packet.length)
        else { throw .authenticationLengthBad }
        guard type.digestByteCount > 0 else {
            return AuthenticationHeader(type: type, keyID: keyID, sequence: 0)
        }
        let sequence = bytes.bigEndianUInt32(at: 28)
        guard !isSequenceKnown || isForgotten || follows(sequence, packet.detectMultiplier) else {
            throw .authenticationSequenceOutsideWindow
        }
        return AuthenticationHeader(type: type, keyID: keyID, sequence: sequence)
    }

    /// Whether a sequence number may follow the last one (RFC 5880 §6.7.3): circular, and no
    /// further on than three times the Detect Mult of the packet.
    private func follows(_ sequence: UInt32, _ detectMultiplier: UInt8) -> Bool {
        let step = sequence &- receiveSequence
        let least: UInt32 = rules.type.isMeticulous ? 1 : 0
        return step >= least && step <= 3 * UInt32(detectMultiplier)
    }

    /// The digest was right (errata 7082 and 7083: in both cases, and only now).
    @_noAllocation @_noLocks
    mutating func noteAuthentic(_ header: AuthenticationHeader) {
        guard header.type.digestByteCount > 0 else { return }
        isSequenceKnown = true
        receiveSequence = header.sequence
    }

    /// What goes behind a packet, whose length it sets; `nil` when no key may be sent now.
    ///
    /// A meticulous type numbers every packet. The others take a new number when the packet says
    /// something else than the last one, and once a second.
    @_noAllocation @_noLocks
    mutating func seal(_ packet: inout ControlPacket, at now: Instant) -> AuthenticationHeader? {
        guard let key = rules.sendingKey(at: now) else { return nil }
        let type = rules.type
        packet.authenticationPresent = true
        packet.length = 24 + type.sectionByteCount(secretByteCount: key.secretByteCount)
        if type.isMeticulous || isNewNumberDue(packet, at: now) {
            transmitSequence &+= 1
            lastNumbered = now
        }
        lastPacket = packet
        return AuthenticationHeader(type: type, keyID: key.id, sequence: transmitSequence)
    }

    private func isNewNumberDue(_ packet: ControlPacket, at now: Instant) -> Bool {
        guard let last = lastPacket, last.isSame(as: packet) else { return true }
        return !(now < lastNumbered + .seconds(1))
    }
}

extension Session {
    /// Whether nothing valid arrived for twice the detection time (RFC 5880 §6.8.1).
    @_noAllocation @_noLocks
    func hasBeenSilentTwice(at now: Instant) -> Bool {
        guard let span = detectionTime else { return true }
        return !(now < lastReceived + span * 2)
    }
}

extension ControlPacket {
    /// Whether two packets say the same, octet for octet.
    @_noAllocation @_noLocks
    func isSame(as other: ControlPacket) -> Bool {
        diagnostic == other.diagnostic && state == other.state && poll == other.poll
            && final == other.final && demand == other.demand
            && controlPlaneIndependent == other.controlPlaneIndependent
            && detectMultiplier == other.detectMultiplier && length == other.length
            && myDiscriminator == other.myDiscriminator
            && yourDiscriminator == other.yourDiscriminator
            && desiredMinTxInterval == other.desiredMinTxInterval
            && requiredMinRxInterval == other.requiredMinRxInterval
            && requiredMinEchoRxInterval == other.requiredMinEchoRxInterval
    }
}
