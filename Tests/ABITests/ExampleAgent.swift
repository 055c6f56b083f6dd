import Foundation
import TestSupport

/// An agent that shows how the library is used, made with the library of this build.
enum ExampleAgent: String, CaseIterable, Sendable {
    case c = "C"
    case go = "Go"
    case python = "Python"
    case swift = "Swift"

    /// Where the one in Swift leads a route by way of its peers.
    static let prefix = "192.0.2.0/24"

    private static func source(_ name: String) -> String { "deploy/library/examples/\(name)" }

    /// How to run it; builds it first.
    func command(_ peers: [String]) throws -> [String] {
        switch self {
        case .c:
            try BuiltLibrary.command(
                BuiltLibrary.compile(Self.source("libev-agent/agent.c"), "-lev"), peers)
        case .go: try BuiltLibrary.loading + [goProgram()] + peers
        case .python:
            try BuiltLibrary.loading
                + ["/usr/bin/python3", BuiltLibrary.path(Self.source("python-agent/agent.py"))]
                + peers
        case .swift: try [BuiltProduct.path(of: "SwiftAgent"), Self.prefix] + peers
        }
    }

    /// The one in Go finds the library by pkg-config, as everybody's would.
    private func goProgram() throws -> String {
        let folder = try BuiltLibrary.folder.get()
        let program = "\(folder)/go-agent"
        try Command.run(
            ["env", "CC=cc", "GOCACHE=\(folder)/go/cache", "GOPATH=\(folder)/go", "GOENV=off"]
                + BuiltLibrary.packageVariables()
                + ["/usr/bin/go", "build", "-o", program]
                + [BuiltLibrary.path(Self.source("go-agent/agent.go"))])
        return program
    }
}
