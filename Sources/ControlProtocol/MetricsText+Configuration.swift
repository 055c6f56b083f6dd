extension MetricsText {
    /// Adds which configuration is in force, and whether an operator has drained the node.
    mutating func addOperation(_ status: StatusReport) {
        if let configuration = status.configuration { add(configuration) }
        if let isDrained = status.isDrained {
            add(
                "gatewatch_drained", .gauge,
                "Whether an operator has taken the node out of service.", isDrained ? 1 : 0)
        }
    }

    private mutating func add(_ configuration: ConfigurationStatus) {
        add(
            "gatewatch_configuration_reloads_total", .counter,
            "Configurations that were read again since the start, by what became of them.",
            [
                ([("result", "applied")], "\(max(configuration.appliedCount - 1, 0))"),
                ([("result", "refused")], "\(configuration.refusedCount)"),
            ])
        add(
            "gatewatch_configuration_last_reload_successful", .gauge,
            "Whether the configuration file as it was last read is in force.",
            configuration.errors.isEmpty ? 1 : 0)
        add(
            "gatewatch_configuration_in_force_timestamp_seconds", .gauge,
            "Since when the configuration is in force, as Unix time.",
            [([], Self.seconds(microseconds: configuration.since.microseconds))])
        add(
            "gatewatch_configuration_keys_awaiting_restart", .gauge,
            "Keys whose values in the file only a restart takes over.",
            configuration.needsRestart.count)
    }
}
