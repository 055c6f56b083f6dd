/// The network namespace of a daemon, and what is wrong with it; part of `status`.
public struct NamespaceStatus: Codable, Sendable, Hashable {
    /// The path that was configured, by itself or by its name.
    public var path: String
    /// The namespace that sessions and routes live in, whatever has the path by now.
    public var inode: UInt64
    /// Which form of being wrong it has, such as `namespace-H`; nil when it is sound.
    public var code: String?
    /// What is wrong, as a sentence without a final stop.
    public var cause: String?
    /// What to do, as whole sentences.
    public var nextStep: String?

    /// A sound namespace.
    public init(path: String, inode: UInt64) {
        self.path = path
        self.inode = inode
    }

    private enum CodingKeys: String, CodingKey {
        case path
        case inode
        case code
        case cause
        case nextStep = "next-step"
    }
}
