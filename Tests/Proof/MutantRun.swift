import Foundation

/// Changes the core's sources line by line and runs its tests against each change.
///
/// The tests are linked once, against the core as a dynamic library. A mutant is then only that
/// library, compiled from a copy of the sources: nothing in the tree is touched.
struct MutantRun {
    private enum Verdict {
        case killed(by: String)
        case survived
        case unusable(String)
    }

    /// The part of the mutants that has to be noticed.
    private static let wantedShare = 0.95

    private let mutants: [Mutant]
    private let folder: URL
    private let bench: TestBench

    /// `wanted` are numbers, or parts of the names of source files; none means all.
    init(wanted: [String]) throws {
        mutants = try Mutant.all().filter { mutant in
            wanted.isEmpty
                || wanted.contains { $0 == "\(mutant.number)" || mutant.file.contains($0) }
        }
        folder = FileManager.default.temporaryDirectory
            .appending(path: "gatewatch-mutants-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        bench = try TestBench(folder: folder)
    }

    /// Runs them all; `false` when too many survive without an explanation.
    func report() throws -> Bool {
        defer { try? FileManager.default.removeItem(at: folder) }
        guard let untouched = try bench.killer(core: nil) else { return try runAll() }
        print("the tests fail without any mutant: \(untouched)")
        return false
    }

    private func runAll() throws -> Bool {
        var killed = 0
        var explained = 0
        var left: [String] = []
        for mutant in mutants {
            let what = "\(mutant.number) \(mutant.file): \(mutant.mutated)"
            switch try verdict(on: mutant) {
            case .killed(let test):
                killed += 1
                print("killed    \(what)\n          by \(test)")
            case .survived where mutant.excuse != nil:
                explained += 1
                print("explained \(what)\n          \(mutant.excuse ?? "")")
            case .survived:
                left.append(what)
                print("SURVIVED  \(what)")
            case .unusable(let reason):
                left.append(what)
                print("UNUSABLE  \(what)\n          \(reason)")
            }
            fflush(nil)
        }
        let count = mutants.count - explained
        let share = count == 0 ? 1 : Double(killed) / Double(count)
        print(
            "\n\(mutants.count) mutants: \(killed) killed, \(left.count) left, "
                + "\(explained) explained; \(Int(share * 1000) / 10) % killed")
        for what in left { print("left: \(what)") }
        return share >= Self.wantedShare
    }

    private func verdict(on mutant: Mutant) throws -> Verdict {
        let source = try String(contentsOfFile: "Sources/BFDCore/\(mutant.file)", encoding: .utf8)
        guard let changed = mutant.applied(to: source) else {
            return .unusable("its original line does not stand there exactly once")
        }
        let core = folder.appending(path: "\(mutant.number)")
        try FileManager.default.createDirectory(at: core, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: core) }
        let copy = core.appending(path: "Mutant.swift")
        try changed.write(to: copy, atomically: true, encoding: .utf8)
        let result = try bench.compileCore(into: core, replacing: mutant.file, with: copy.path)
        guard result.status == 0 else {
            return .unusable(
                result.output.split(separator: "\n").first { $0.contains("error:") }
                    .map(String.init) ?? "it does not compile")
        }
        guard let test = try bench.killer(core: core) else { return .survived }
        return .killed(by: test)
    }
}
