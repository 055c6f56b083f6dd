internal import ControlProtocol
internal import RouteCore

extension DaemonConfiguration.Peer {
    /// The expected detection time as a sum people can check, such as `3 x 50 ms = 150 ms`.
    public var detectionSum: String {
        let product = DurationText.exact(microseconds: expectedDetectionTimeMicroseconds)
        return "\(localMultiplier) x \(DurationText.exact(slowestInterval)) = \(product)"
    }

    /// `active` or `passive`.
    public var roleText: String { role.rawValue }
}

extension DaemonConfiguration.Unsolicited {
    /// The prefix, with the interface where one is named.
    public var prefixText: String { interface.map { "\(prefix)%\($0)" } ?? "\(prefix)" }
}

extension DaemonConfiguration.Route {
    /// Prefix, table and metric.
    public var title: String { "\(key)" }
    /// What `on-admin-down` says.
    public var adminDownText: String { policy.onAdminDown.rawValue }
    /// What `when-none-up` says.
    public var noneUpText: String { policy.whenNoneUp.rawValue }
}
