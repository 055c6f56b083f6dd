internal import Foundation
internal import TestSupport

/// Runs scripts over a `/run/netns` of their own, which nobody else sees.
enum FormLab {
    /// A line of a script's output: a verdict, or a word of the script's own as its code.
    struct Verdict: Decodable {
        var code: String
        var cause = ""
        var nextStep = ""

        enum CodingKeys: String, CodingKey {
            case code, cause
            case nextStep = "next-step"
        }

        init(code: String) {
            self.code = code
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            code = try container.decode(String.self, forKey: .code)
            cause = try container.decode(String.self, forKey: .cause)
            nextStep = try container.decodeIfPresent(String.self, forKey: .nextStep) ?? ""
        }
    }

    /// What a script can use: `$N` and `$P` are a namespace's name and path, `$Q` another path,
    /// `$D` a folder, `$L` is `LabProbe`; `show` prints a verdict; `plug NAME` gives the commands
    /// for a sound interface; `hold` runs something for a while, as process `$H`.
    private static let prelude = """
        P=/run/netns/$N; Q=$P-far
        mkdir -p /run/netns; mount -t tmpfs tmpfs /run/netns; mount --make-shared /run/netns
        show() { $G namespace show $N --json --socket $D/near.sock --ovsdb $D/db.sock "$@" \\
          || true; }
        plug() { echo "ip link add $1 type veth peer name far;\\
          ip address add 10.9.0.10/24 dev $1; ip link set dev far up; ip link set dev $1 up"; }
        near() { nsenter --net=$P "$@"; }
        far() { nsenter --net=$Q "$@"; }
        run() { name=$1; shift; $G run --socket $D/$name.sock --state-directory $D/$name \\
          "$@" 2>>$D/$name.log & R="$R $!"; }
        ready() { for i in $(seq 100); do
          $G status --socket $D/$1.sock >/dev/null 2>&1 && return; sleep 0.1; done; exit 9; }
        hold() { timeout 60 unshare "$@" & H=$!; sleep 1; }
        trap 'test -n "$H" && kill $H; test -n "$R" && kill -9 $R; true' EXIT

        """

    static func verdicts(in lab: Lab, _ script: String) throws -> [Verdict] {
        let gatewatch = try BuiltProduct.path(of: "gatewatch")
        let probe = try BuiltProduct.path(of: "LabProbe")
        let tools = "G=\(gatewatch); L=\(probe)"
        let names = "N=gwt-\(lab.identifier); D=\(lab.folder.path); \(tools)\n"
        let output = try Command.run([
            "unshare", "-m", "--propagation", "private", "sh", "-ec", names + prelude + script,
        ])
        let verdicts = try output.split(separator: "\n").map { line in
            guard line.hasPrefix("{") else { return Verdict(code: String(line)) }
            return try JSONDecoder().decode(Verdict.self, from: Data(line.utf8))
        }
        if ProcessInfo.processInfo.environment["GATEWATCH_FORMS"] != nil {
            for verdict in verdicts where !verdict.cause.isEmpty {
                print("FORM \(verdict.code)\t\(verdict.cause)\t\(verdict.nextStep)")
            }
        }
        return verdicts
    }
}
