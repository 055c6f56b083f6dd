internal import CLinux

/// Which pages of the program's code and constants were in memory at a moment.
public struct ResidentCode: Sendable {
    private let isThere: [UInt8]

    /// Those of now; nil where the kernel does not tell, as when the file has capabilities.
    public init?() {
        var pages = [UInt8](repeating: 0, count: gw_code_page_count())
        guard unsafe gw_note_code(&pages, pages.count) == 0 else { return nil }
        isThere = pages
    }

    /// Lets go of those that have come since, locked or not: they are there again at once when they
    /// are needed, from the file.
    public func releaseOthers() {
        unsafe gw_release_code_but(isThere, isThere.count)
    }
}
