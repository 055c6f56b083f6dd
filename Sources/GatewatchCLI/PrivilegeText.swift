internal import ControlProtocol

/// What the daemon may do, as people read it.
enum PrivilegeText {
    /// Every capability that is kept or wanted, and what became of the others.
    static func table(_ status: PrivilegeStatus) -> String {
        var table = TextTable([
            .fixed("CAPABILITY"), .fixed("HELD"), .flexible("FOR", minimumWidth: 30),
        ])
        for right in status.kept {
            table.add([
                right.capability, right.isRaisedWhenUsed ? "when used" : "always", right.purpose,
            ])
        }
        for right in status.missing { table.add([right.capability, "no", right.purpose]) }
        let user =
            "user \(status.userID), "
            + (status.hasNoNewPrivileges
                ? "nothing it executes gains rights" : "what it executes may gain rights")
        let givenUp =
            status.givenUp.isEmpty
            ? "nothing had to be given up at the start"
            : "\(status.givenUp.count) capabilities given up at the start"
        return "\(table.text)\n\n\(user)\n\(givenUp)"
    }
}
