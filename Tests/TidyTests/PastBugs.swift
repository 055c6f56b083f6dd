import Testing

/// Bugs that other implementations of BFD shipped and mended, by number: each is tested for here,
/// or cannot exist here.
enum PastBugs {
    static let numbers = 1...48

    /// Why a bug cannot exist here.
    static let impossible: [Int: String] = [
        13: "all sockets of a daemon are in the one namespace it runs in",
        26: "a key chain is a value: replacing it frees nothing that is in use",
        32: "no structure is hashed as bytes: keys are mixed from fields, and paths compared whole",
        37: "the kernel forwards Echo packets back, each time with a lower hop limit",
        40: "there is no VRF: a namespace is entered once, before its first socket",
        42: "a descriptor is watched by the type that owns it, on one thread, by epoll",
        44: "there is no data plane beside the kernel's sockets",
        46: "the kernel fills in the checksum, and tshark checks it in InteropTests",
    ]

    /// The numbers that the names of tests in a file hold.
    static func tested(in file: SourceFile) -> Set<Int> {
        guard file.isTest, file.isSwift else { return [] }
        let names = file.lines.filter { $0.contains("func `") }
        return Set(
            names.flatMap { $0.matches(of: /\bbug ([0-9]+)/) }.compactMap { Int($0.output.1) })
    }
}

@Suite("Bugs that others had")
struct PastBugListTests {
    @Test func `every bug has a test, or a reason why it cannot exist here`() {
        let tested = Tree.files.reduce(into: Set<Int>()) { $0.formUnion(PastBugs.tested(in: $1)) }
        for number in PastBugs.numbers {
            let isImpossible = PastBugs.impossible[number] != nil
            #expect(tested.contains(number) != isImpossible, "\(number)")
        }
        #expect(tested.isSubset(of: PastBugs.numbers))
        #expect(Set(PastBugs.impossible.keys).isSubset(of: PastBugs.numbers))
    }

    @Test func `a name may hold several numbers`() {
        let text = "@Test func `bug " + "12, bug " + "7: x`() {}"
        let file = SourceFile(path: "Tests/BFDCoreTests/X.swift", text: text)
        #expect(PastBugs.tested(in: file) == [7, 12])
    }
}
