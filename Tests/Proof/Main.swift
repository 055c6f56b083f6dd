import Foundation

/// What holds the tests to account: which requirement each proves, and whether they bite.
@main
enum Proof {
    static func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        guard let command = arguments.first else { return usage() }
        arguments.removeFirst()
        do {
            switch command {
            case "conformance": exit(try Conformance(streams: arguments).report() ? 0 : 1)
            case "mutants": exit(try MutantRun(wanted: arguments).report() ? 0 : 1)
            default: usage()
            }
        } catch {
            FileHandle.standardError.write(Data("proof: \(error)\n".utf8))
            exit(2)
        }
    }

    private static func usage() {
        print("proof conformance EVENT-STREAM... | proof mutants [FILE-OR-NUMBER...]")
        exit(64)
    }
}

/// Why there is no report.
enum ProofError: Error {
    case noTests(String)
    case badLine(file: String, line: Int)
    case build(String)
}

/// Text files, relative to where the tool is started: the top of the tree.
enum Files {
    static func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
    }
}
