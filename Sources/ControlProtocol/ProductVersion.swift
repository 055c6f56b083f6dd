/// The version that `gatewatch --version`, the daemon's log and its `version` reply all show.
public enum ProductVersion {
    /// The version by the rules of semver.org.
    public static var text: String { "0.1.0" }
}
