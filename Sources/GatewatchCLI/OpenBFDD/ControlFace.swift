internal import ControlProtocol
internal import Daemon
internal import Foundation

/// `bfdd-control`: asks a beacon of the network namespace that it is called in.
enum ControlFace {
    /// How replies begin that say that nothing was done.
    private static let refusals = [
        "Unable to complete ", "Unknown command ", "No session ", "Failed to ", "Must ",
    ]

    static func run(_ arguments: [String]) throws -> Int32 {
        var words = arguments[...]
        var endpoint = OpenBFDD.Endpoint(port: OpenBFDD.controlPort)
        while let word = words.first, word.hasPrefix("--") {
            words.removeFirst()
            if word == "--altport" {
                endpoint = OpenBFDD.Endpoint(port: OpenBFDD.alternatePort)
            } else if word.hasPrefix("--control="),
                let given = OpenBFDD.Endpoint(String(word.dropFirst("--control=".count)))
            {
                endpoint = given
            } else {
                StandardStreams.printError("Unrecognized bfdd-control command line option \(word).")
                return 1
            }
        }
        guard let command = words.first(where: { !$0.isEmpty }) else {
            StandardStreams.printError(
                "No command. Some of them: status, allow ADDRESS, connect local ADDRESS remote "
                    + "ADDRESS, session all reset.")
            return 1
        }
        switch command {
        case "version":
            try StandardStreams.print("bfdd-control v\(ProductVersion.text) (gatewatch)")
            return try send(Array(words), to: endpoint)
        case "load": return try load(words.dropFirst().first, endpoint)
        default: return try send(Array(words), to: endpoint)
        }
    }

    /// Sends one command and prints the reply; 1 when nothing was done.
    private static func send(
        _ words: [String], to endpoint: OpenBFDD.Endpoint, indentation: String = ""
    ) throws -> Int32 {
        let reply: String
        do throws(BeaconClient.Problem) {
            reply = try BeaconClient.ask(words, at: endpoint)
        } catch {
            switch error {
            case .connection(let errno):
                StandardStreams.printError("Error connecting to beacon on \(endpoint): \(errno)")
            case .noReply: StandardStreams.printError("No reply from the beacon on \(endpoint).")
            case .tooLong: StandardStreams.printError("The command is too long: nothing was sent.")
            }
            return 1
        }
        var lines = reply.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        let text = lines.map { indentation + $0 }
        try StandardStreams.print(text.joined(separator: "\n"))
        let isRefused = lines.contains { line in refusals.contains { line.hasPrefix($0) } }
        // That there is no such session is an answer to who asks for its status.
        let isAnswer = words.first == "status" && reply.hasPrefix("No session ")
        return isRefused && !isAnswer ? 1 : 0
    }

    /// Sends each line of a file, those that begin with # left out.
    private static func load(_ path: String?, _ endpoint: OpenBFDD.Endpoint) throws -> Int32 {
        guard let path else {
            StandardStreams.printError("Must supply a file after 'load'.")
            return 1
        }
        try StandardStreams.print("Running script from file <\(path)>")
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            StandardStreams.printError("Failed to open file <\(path)>")
            return 1
        }
        var status: Int32 = 0
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard !words.isEmpty else { continue }
            try StandardStreams.print(" Command <\(line)>")
            status = max(status, try send(words, to: endpoint, indentation: "   "))
        }
        try StandardStreams.print("Completed script from file <\(path)>")
        return status
    }
}
