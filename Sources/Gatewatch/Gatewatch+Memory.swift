public import BFDDriver

extension Gatewatch {
    /// Has each engine thread leave in `shelf` what to keep of its sessions in case that the
    /// process is killed; waits for nothing. They allocate no memory for `count` sessions.
    ///
    /// To be asked again and again. A run that begins within the peers' detection time passes it on
    /// as `PeerConfiguration.kept`, each session to the peer whose discriminator it has.
    public func keep(in shelf: Mailbox<KeptSessions>, expecting count: Int) {
        engine.keep(in: shelf, expecting: count)
    }

    /// Begins to read what an earlier process has left in the sockets of the store, once all peers
    /// have been added whose sessions it may be for.
    public func hear() {
        engine.hear()
    }
}
