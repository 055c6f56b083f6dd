import Foundation
import TestSupport
import Testing
import Yams

/// The folder `deploy`, and what is in it.
enum Deployment {
    static let tree = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let folder = tree.appending(path: "deploy")

    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }

    /// The one document of a YAML file.
    static func manifest(_ path: String) throws -> Manifest {
        let documents = try Array(Yams.load_all(yaml: text(path)))
        try #require(documents.count == 1, "\(path) holds \(documents.count) documents")
        return Manifest(value: documents[0])
    }

    /// Installs what `make install` does, the binary of this build linked as a release is.
    static func install(into root: String, in lab: Lab) throws {
        let binary = lab.folder.appending(path: "gatewatch").path
        if !FileManager.default.fileExists(atPath: binary) {
            try BuiltProduct.linkStatically(to: binary)
        }
        try make("install-files", root, "BINARY=\(binary)")
    }

    /// The same of the library for C.
    static func installLibrary(into root: String) throws {
        try make("install-library", root, "LIBRARY=\(library.get())")
    }

    /// The folder with the library of this build, linked as a release is.
    private static let library = Result { () throws -> String in
        let products = URL(filePath: try BuiltProduct.path(of: "gatewatch"))
            .deletingLastPathComponent()
        let linked = products.appending(path: "packaged").path
        try Command.run([
            "sh", folder.appending(path: "library/link.sh").path,
            products.appending(path: "libGatewatchABI.a").path, linked,
        ])
        return linked
    }

    static func make(_ target: String, _ root: String, _ more: String...) throws {
        try Command.run(
            [
                "make", "--no-print-directory", "-C", tree.path, target, "DESTDIR=\(root)",
                "PREFIX=/usr",
            ] + more)
    }

    /// The files below a folder, by their paths in it.
    static func files(below root: String) throws -> Set<String> {
        let found = try Command.run([
            "find", root, "(", "-type", "f", "-o", "-type", "l", ")", "-printf", "%P\\n",
        ])
        return Set(found.split(separator: "\n").map(String.init))
    }
}

/// A value of a Kubernetes manifest.
struct Manifest {
    let value: Any?

    subscript(_ key: String) -> Manifest { Manifest(value: (value as? [String: Any])?[key]) }
    var list: [Manifest] { (value as? [Any])?.map { Manifest(value: $0) } ?? [] }
    var text: String? { value as? String }
    var flag: Bool? { value as? Bool }
    var number: Int? { value as? Int }
    var texts: [String] { list.compactMap(\.text) }

    /// The element of a list that has a name.
    func named(_ name: String) -> Manifest {
        list.first { $0["name"].text == name } ?? Manifest(value: nil)
    }
}

/// A suite of its own, for what only a machine with tools and root's rights can do.
@Suite(
    .serialized,
    .enabled(
        if: LabRequirements.arePackagingTestsEnabled,
        "missing: \(LabRequirements.missingForPackaging.joined(separator: ", "))"))
struct OnAMachine {}
