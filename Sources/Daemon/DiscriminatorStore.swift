internal import Foundation
internal import LinuxSystem

/// Keeps the discriminator of each (local, remote) pair over restarts.
///
/// A peer that holds on to our old discriminator, as OVN does, recognises a restarted daemon by it.
/// Without a usable directory sessions run all the same, with fresh discriminators.
struct DiscriminatorStore {
    private struct Contents: Codable {
        var version = 1
        var discriminators: [String: UInt32] = [:]
    }

    private let path: String
    private var contents = Contents()
    /// What is lost, when something could not be read or written.
    private(set) var warning: String?

    init(directory: String) {
        path = directory + "/discriminators.json"
        do {
            guard let found = try StateFile.read(Contents.self, at: path) else { return }
            if found.version == contents.version {
                contents = found
            } else {
                warning = "\(path) is of version \(found.version): starting with new discriminators"
            }
        } catch {
            warning =
                "\(path) cannot be read, peers may need a detection time more: "
                + ConfigurationFile.reason(error)
        }
    }

    func discriminator(for key: String) -> UInt32 {
        contents.discriminators[key] ?? 0
    }

    mutating func set(_ discriminator: UInt32, for key: String) {
        contents.discriminators[key] = discriminator
    }

    /// Lets go of what is only needed at the start.
    mutating func forget() {
        contents = Contents()
    }

    /// Writes the file.
    mutating func save() {
        do {
            try StateFile.write(contents, at: path)
            warning = nil
        } catch {
            warning =
                "\(path) cannot be written, a restart will need new discriminators: "
                + ConfigurationFile.reason(error)
        }
    }
}
