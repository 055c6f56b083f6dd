internal import BFDCore
internal import LinuxSystem

// Echo in the driver: port 3785 is opened when a session needs it, also by a change while it lives.
//
// An unaffiliated Echo session (RFC 9747) differs in three ways. Its Control packets leave by the
// raw socket. It knows no AdminDown, so disabling one removes it from the engine, and what is left
// is kept here for those who ask and for the day it is enabled again.

extension Driver {
    /// Sends a Control packet; whether the kernel took it.
    func transmit(_ transmission: Transmission) -> Bool {
        let slot = transmission.session.index
        guard !loops.isEmpty, engine.isUnaffiliatedEcho(transmission.session) else {
            return sockets.send(transmission, at: latest)
        }
        guard let ends = sockets.echoEnds(of: slot) else { return false }
        let refusal = echoes.send(
            transmission, section: sockets.section(of: transmission), ends)
        sockets.note(refusal, slot)
        return refusal == nil
    }

    /// Opens the Echo port for a session that sends Echo packets.
    func listenForEcho(_ configuration: SessionConfiguration) throws(SystemError) {
        guard configuration.desiredMinEchoTxInterval.count > 0 else { return }
        watch(try receiver.listen(for: .unaffiliatedEcho))
    }

    /// Opens what a session needs before it is told of a change; says so if that is not possible.
    func prepareEcho(of peer: PeerID, for configuration: SessionConfiguration) {
        loops[peer]?.configuration.adopt(configuration)
        disabledLoops[peer]?.follow(configuration)
        guard let handle = handles[peer], let session = engine.session(handle) else { return }
        do throws(SystemError) {
            try listenForEcho(configuration)
        } catch {
            events.post(.warning("Echo packets cannot be heard: \(error)"))
        }
        if configuration.desiredMinEchoTxInterval.count == 0, !session.isUnaffiliatedEcho {
            echoes.close(handle.index)
        }
        guard !session.configuration.asksForSameEcho(as: configuration) else { return }
        var changed = configuration
        changed.path = session.configuration.path
        warnAboutEcho(changed, sockets.interface(of: handle.index))
    }

    /// Disables or enables an unaffiliated Echo session; whether the peer has one.
    func setLoopDisabled(_ isDisabled: Bool, _ peer: PeerID) -> Bool {
        guard var wanted = loops[peer] else { return false }
        if isDisabled {
            guard let handle = handles[peer], var rest = engine.session(handle) else { return true }
            let change = rest.setDisabled(true, handle, at: present())
            disabledLoops[peer] = rest
            events.post(.stateChanged(peer, change))
            do throws(EngineError) {
                try engine.removeSession(handle, at: present())
            } catch {
                events.post(.warning("session command refused: \(error)"))
            }
            return true
        }
        guard var rest = disabledLoops.removeValue(forKey: peer) else { return true }
        wanted.configuration.localDiscriminator = rest.localDiscriminator
        switch add(wanted) {
        case .success:
            guard let handle = handles[peer] else { return true }
            events.post(.stateChanged(peer, rest.setDisabled(false, handle, at: present())))
        case .failure(let error):
            disabledLoops[peer] = rest
            events.post(.warning("session cannot be enabled: \(error)"))
        }
        return true
    }

    /// Forgets what is left of a disabled session; whether there was anything.
    func removeDisabledLoop(_ peer: PeerID) -> Bool {
        let rest = disabledLoops.removeValue(forKey: peer)
        loops[peer] = nil
        guard rest != nil else { return false }
        events.post(.removed(peer))
        return true
    }

    /// What is left of a disabled session, for those who ask.
    func snapshot(of session: Session, _ peer: PeerID) -> SessionSnapshot {
        SessionSnapshot(
            peer: peer, session: session, interface: loops[peer]?.interface, sourcePort: nil,
            sendFailure: nil, authenticationType: nil, transmitSequence: nil, templateKeyChain: nil)
    }

    /// Warns of settings under which the kernel drops Echo packets (RFC 5881 §2).
    func warnAboutEcho(_ configuration: SessionConfiguration, _ interface: String?) {
        let path = configuration.path
        let sends =
            configuration.desiredMinEchoTxInterval.count > 0 || path.transport == .unaffiliatedEcho
        let loops = configuration.requiredMinEchoRxInterval.count > 0
        guard sends || loops else { return }
        let settings = EchoSettings.read(interface, isIPv6: path.destination.isIPv6)
        for problem in settings.problems(sending: sends, looping: loops) {
            events.post(.warning(problem))
        }
    }
}

extension SessionConfiguration {
    fileprivate func asksForSameEcho(as other: SessionConfiguration) -> Bool {
        desiredMinEchoTxInterval == other.desiredMinEchoTxInterval
            && requiredMinEchoRxInterval == other.requiredMinEchoRxInterval
    }

    /// Takes everything but the path and the discriminator.
    fileprivate mutating func adopt(_ other: SessionConfiguration) {
        let (path, discriminator) = (path, localDiscriminator)
        self = other
        self.path = path
        localDiscriminator = discriminator
        isAdministrativelyDown = false
    }
}
