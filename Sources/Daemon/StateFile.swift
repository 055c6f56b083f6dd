internal import Foundation

/// A file of the state directory: JSON, read whole and replaced whole.
enum StateFile {
    /// What the file holds; `nil` where there is none.
    static func read<Contents: Decodable>(_ type: Contents.Type, at path: String) throws
        -> Contents?
    {
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            return try JSONDecoder().decode(type, from: data)
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            return nil
        }
    }

    /// Writes a new file and puts it in the old one's place: a crash leaves one of the two.
    static func write(_ contents: some Encodable, at path: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let data = try JSONEncoder().encode(contents)
        try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
