internal import Foundation
internal import LinuxSystem

/// Chromium without a window, showing one page, steered over its own protocol.
///
/// The protocol (Chrome DevTools) is JSON with a zero octet after each message, over the
/// descriptors 3 and 4 of the process; here they are named pipes in the lab's folder.
public final class Browser {
    /// Where every request of the page went.
    public private(set) var requests: [String] = []
    /// What the console complained about, and what no script caught.
    public private(set) var complaints: [String] = []
    private let process: RunningProcess
    private let commands: Pipe
    private let answers: Pipe
    private var session: String?
    private var lastIdentifier = 0

    /// Starts a browser that ends with the lab.
    public init(in lab: Lab) async throws {
        let folder = try lab.makeFolder("browser-\(UUID().uuidString.prefix(8))")
        commands = try Pipe(at: folder.appending(path: "commands").path)
        answers = try Pipe(at: folder.appending(path: "answers").path)
        let options = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-default-apps", "--no-proxy-server", "--lang=en-GB",
            "--user-data-dir=\(folder.path)/profile", "--remote-debugging-pipe", "about:blank",
        ]
        let script = "exec chromium \"$@\" 3<\(commands.path) 4>\(answers.path)"
        process = try lab.start("chromium", ["sh", "-c", script, "chromium"] + options)
        let targets = try await call("Target.getTargets")["targetInfos"] as? [[String: Any]]
        guard let page = targets?.first(where: { $0["type"] as? String == "page" }) else {
            throw LabError("the browser has no page")
        }
        let attached = try await call(
            "Target.attachToTarget", ["targetId": page["targetId"] ?? "", "flatten": true])
        session = attached["sessionId"] as? String
        for domain in ["Page", "Runtime", "Log", "Network"] {
            _ = try await call("\(domain).enable")
        }
    }

    /// Goes to a page.
    public func open(_ address: String) async throws {
        let answer = try await call("Page.navigate", ["url": address])
        if let error = answer["errorText"] { throw LabError("\(address): \(error)") }
    }

    /// Has every page from now on run a script before its own.
    public func runFirst(_ script: String) async throws {
        _ = try await call("Page.addScriptToEvaluateOnNewDocument", ["source": script])
    }

    /// Makes the window as large as a screen.
    public func resize(width: Int, height: Int, isDark: Bool = false) async throws {
        _ = try await call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500])
        let scheme = ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]
        _ = try await call("Emulation.setEmulatedMedia", ["features": [scheme]])
    }

    /// Presses a key that stands for a character.
    public func press(_ character: Character) async throws {
        let key = String(character)
        _ = try await call(
            "Input.dispatchKeyEvent", ["type": "keyDown", "key": key, "text": key])
        _ = try await call("Input.dispatchKeyEvent", ["type": "keyUp", "key": key])
    }

    /// The value of a script, as text.
    public func text(_ script: String) async throws -> String {
        let answer = try await call(
            "Runtime.evaluate",
            ["expression": "String(\(script))", "awaitPromise": true, "returnByValue": true])
        if let details = answer["exceptionDetails"] { throw LabError("\(script): \(details)") }
        return (answer["result"] as? [String: Any])?["value"] as? String ?? ""
    }

    /// Waits until a script's value is true; says what `evidence` is when that does not happen.
    public func wait(
        until script: String, within seconds: Double = 60,
        evidence: String = "document.body.innerText.slice(0, 2000)"
    ) async throws {
        let deadline = Clock.monotonicNanoseconds() + Int64(seconds * 1e9)
        // A page that is being left has no answer.
        while (try? await text(script)) != "true" {
            guard Clock.monotonicNanoseconds() < deadline else {
                let seen = try await text(evidence)
                throw LabError("not within \(seconds) s: \(script), but: \(seen)")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Writes a picture of the page as it is (PNG).
    public func screenshot(to file: String) async throws {
        let answer = try await call("Page.captureScreenshot", ["captureBeyondViewport": true])
        let text = answer["data"] as? String ?? ""
        try Data(base64Encoded: text)?.write(to: URL(filePath: file))
    }

    private func call(
        _ method: String, _ parameters: [String: Any] = [:]
    ) async throws -> [String: Any] {
        lastIdentifier += 1
        var message: [String: Any] = [
            "id": lastIdentifier, "method": method, "params": parameters,
        ]
        if let session { message["sessionId"] = session }
        try await commands.write(
            JSONSerialization.data(withJSONObject: message) + [0], while: process)
        while true {
            let bytes = try await answers.readMessage(while: process)
            guard let answer = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
            else { continue }
            guard answer["id"] as? Int == lastIdentifier else {
                note(answer)
                continue
            }
            if let error = answer["error"] { throw LabError("\(method): \(error)") }
            return answer["result"] as? [String: Any] ?? [:]
        }
    }

    private func note(_ event: [String: Any]) {
        let parameters = event["params"] as? [String: Any] ?? [:]
        switch event["method"] as? String {
        case "Network.requestWillBeSent":
            let request = parameters["request"] as? [String: Any]
            requests.append(request?["url"] as? String ?? "")
        case "Log.entryAdded":
            let entry = parameters["entry"] as? [String: Any] ?? [:]
            complaints.append("\(entry["level"] ?? ""): \(entry["text"] ?? "")")
        case "Runtime.exceptionThrown", "Runtime.consoleAPICalled":
            complaints.append("\(parameters)")
        default: break
        }
    }
}

/// A named pipe, held open at both ends so that nobody waits for the other to open it.
private final class Pipe {
    /// How long the other end may say nothing.
    private static let patience: Int64 = 60_000_000_000

    let path: String
    private let descriptor: Int32
    private var rest = Data()

    init(at path: String) throws {
        self.path = path
        guard unsafe mkfifo(path, 0o600) == 0 else { throw LabError("no named pipe \(path)") }
        descriptor = unsafe Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw LabError("cannot open \(path)") }
    }

    deinit {
        close(descriptor)
    }

    func write(_ bytes: Data, while process: RunningProcess) async throws {
        var left = bytes
        try await repeatedly(while: process) {
            let count = unsafe left.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            if count > 0 { left = Data(left.dropFirst(count)) }
            return left.isEmpty
        }
    }

    /// What comes up to the next zero octet, that left out.
    func readMessage(while process: RunningProcess) async throws -> Data {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        try await repeatedly(while: process) {
            if rest.contains(0) { return true }
            let count = unsafe buffer.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count > 0 { rest.append(contentsOf: buffer[..<count]) }
            return rest.contains(0)
        }
        guard let end = rest.firstIndex(of: 0) else { throw LabError("the browser says nothing") }
        let message = Data(rest[rest.startIndex..<end])
        rest = Data(rest[(end + 1)...])
        return message
    }

    private func repeatedly(
        while process: RunningProcess, _ attempt: () throws -> Bool
    ) async throws {
        let deadline = Clock.monotonicNanoseconds() + Self.patience
        while try !attempt() {
            guard process.isRunning else { throw LabError("the browser ended: \(process.output)") }
            guard Clock.monotonicNanoseconds() < deadline else {
                throw LabError("the browser does not answer: \(process.output)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
