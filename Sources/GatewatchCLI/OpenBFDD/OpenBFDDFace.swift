internal import ControlProtocol
internal import Daemon
internal import Foundation

/// What the program is when it is called by one of OpenBFDD's names.
enum OpenBFDDFace: String {
    case beacon = "bfdd-beacon"
    case control = "bfdd-control"

    /// The face for the name that a program was called by; nil for our own.
    init?(calledAs path: String) {
        self.init(rawValue: (path as NSString).lastPathComponent)
    }

    /// Does what the arguments say; the exit status.
    func run(_ arguments: [String]) -> Int32 {
        StandardStreams.ignoreBrokenPipes()
        do {
            switch self {
            case .beacon: return try Self.beacon(arguments)
            case .control: return try ControlFace.run(arguments)
            }
        } catch {
            // Nobody reads what is printed.
            return 1
        }
    }

    private static func beacon(_ arguments: [String]) throws -> Int32 {
        let options: OpenBFDD.BeaconOptions
        do throws(OpenBFDD.Refusal) {
            options = try OpenBFDD.BeaconOptions(arguments)
        } catch {
            StandardStreams.printError(error.text)
            return 1
        }
        if options.isVersionOnly {
            try StandardStreams.print("bfdd-beacon version \(ProductVersion.text) (gatewatch)")
            return 0
        }
        do throws(BeaconStart.Problem) {
            try BeaconStart.run(options)
            return 0
        } catch {
            StandardStreams.printError("bfdd-beacon: \(error)")
            // Whoever wants one in the background has one.
            if case .alreadyRunning = error, options.isDetached { return 0 }
            return 1
        }
    }
}
