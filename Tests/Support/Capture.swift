public import Foundation

/// A tshark that writes what passes an interface of a lab to a pcapng file.
public final class Capture {
    /// The file.
    public let file: URL
    private let process: RunningProcess

    /// Starts tshark on `interfaces` of `namespace` and waits until it captures.
    public init(
        in lab: Lab, _ namespace: Namespace, interfaces: [String],
        filter: String = "udp portrange 3784-3785"
    ) async throws {
        file = lab.folder.appending(path: "\(namespace.name)-\(UUID().uuidString).pcapng")
        process = try lab.start(
            "tshark",
            ["tshark", "-q", "-w", file.path]
                + interfaces.flatMap { ["-i", $0, "-f", filter] }, in: namespace)
        try await eventually("tshark captures") {
            process.output.contains("Capturing on")
                && FileManager.default.fileExists(atPath: file.path)
        }
    }

    /// Ends the capture; everything seen until then is in the file.
    public func stop() async throws {
        guard process.isRunning else { return }
        // What the kernel still gathers is handed over with the next block, at most 250 ms later.
        try await Task.sleep(for: .milliseconds(400))
        process.signal(SIGINT)
        try await process.waitForEnd()
    }

    /// The packets a display filter selects, read by tshark.
    ///
    /// What goes to the Echo port is only read as Control packets when asked for.
    public func packets(
        _ displayFilter: String = "bfd", readingEchoAsControl: Bool = false
    ) throws -> [CapturedPacket] {
        // The checksums of these are our own work, not a network card's.
        let reading =
            readingEchoAsControl
            ? ["-d", "udp.port==3785,bfd", "-o", "udp.check_checksum:TRUE"] : []
        let names = CapturedPacket.fields
        let output = try Command.run(
            ["tshark", "-r", file.path] + reading
                + ["-Y", displayFilter, "-T", "fields", "-E", "separator=;"]
                + names.flatMap { ["-e", $0] })
        return output.split(separator: "\n").compactMap { line in
            let values = line.split(separator: ";", omittingEmptySubsequences: false)
            guard values.count == names.count else { return nil }
            return CapturedPacket(
                values: Dictionary(uniqueKeysWithValues: zip(names, values.map(String.init))))
        }
    }

    /// How many packets of `sources` tshark finds fault with, as "malformed" or worse than a note.
    public func faults(from sources: [String]) throws -> [CapturedPacket] {
        let from = sources.map { source in
            source.contains(":") ? "ipv6.src == \(source)" : "ip.src == \(source)"
        }
        return try packets(
            "(\(from.joined(separator: " || "))) "
                + "&& (_ws.malformed || _ws.expert.severity >= 0x400000 || !bfd)")
    }
}

/// One BFD packet as tshark reads it.
public struct CapturedPacket: Sendable, CustomStringConvertible {
    static let fields = [
        "frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.ttl", "ipv6.hlim",
        "ip.dsfield.dscp", "ipv6.tclass.dscp", "udp.srcport", "udp.dstport", "bfd.version",
        "bfd.diag", "bfd.sta", "bfd.flags.p", "bfd.flags.f", "bfd.detect_time_multiplier",
        "bfd.message_length", "bfd.my_discriminator", "bfd.your_discriminator",
        "bfd.desired_min_tx_interval", "bfd.required_min_rx_interval",
    ]

    let values: [String: String]

    private func text(_ field: String) -> String { values[field] ?? "" }

    private func number(_ field: String) -> Int? {
        let text = text(field)
        return text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }

    /// When the kernel saw it: wall-clock nanoseconds.
    public var time: Int64 {
        let parts = text("frame.time_epoch").split(separator: ".")
        guard parts.count == 2, let seconds = Int64(parts[0]), let fraction = Int64(parts[1]) else {
            return 0
        }
        return seconds * 1_000_000_000 + fraction
    }

    /// The sender's address.
    public var source: String { text("ip.src") + text("ipv6.src") }
    /// The receiver's address.
    public var destination: String { text("ip.dst") + text("ipv6.dst") }
    /// TTL or hop limit.
    public var hopLimit: Int? { number("ip.ttl") ?? number("ipv6.hlim") }
    /// The code point of the traffic class.
    public var codePoint: Int? { number("ip.dsfield.dscp") ?? number("ipv6.tclass.dscp") }
    /// UDP source port.
    public var sourcePort: Int? { number("udp.srcport") }
    /// UDP destination port.
    public var destinationPort: Int? { number("udp.dstport") }
    /// Version of the protocol.
    public var version: Int? { number("bfd.version") }
    /// Diagnostic.
    public var diagnostic: Int? { number("bfd.diag") }
    /// Sta: 0 AdminDown, 1 Down, 2 Init, 3 Up.
    public var state: Int? { number("bfd.sta") }
    /// The P bit.
    public var poll: Bool { number("bfd.flags.p") == 1 }
    /// The F bit.
    public var final: Bool { number("bfd.flags.f") == 1 }
    /// Detect Mult.
    public var detectMultiplier: Int? { number("bfd.detect_time_multiplier") }
    /// Length, in octets.
    public var messageLength: Int? { number("bfd.message_length") }
    /// My Discriminator.
    public var myDiscriminator: Int? { number("bfd.my_discriminator") }
    /// Your Discriminator.
    public var yourDiscriminator: Int? { number("bfd.your_discriminator") }
    /// Desired Min TX Interval in microseconds, as tshark prints it.
    public var desiredMinTxInterval: Int? { number("bfd.desired_min_tx_interval") }
    /// Required Min RX Interval in microseconds, as tshark prints it.
    public var requiredMinRxInterval: Int? { number("bfd.required_min_rx_interval") }

    /// Every field with its value.
    public var description: String {
        Self.fields.map { "\($0)=\(text($0))" }.joined(separator: " ")
    }
}
