import CAllocationCounter
import EngineFixture

/// `engine-counts NAME COUNT`: does an operation so many times between the two marks, of which
/// callgrind collects what lies inside, and prints how often memory was allocated.
@main
struct EngineCounts {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]), count > 0,
            let operation = try EngineOperation(named: arguments[1])
        else {
            print("usage: engine-counts NAME COUNT, with a name of")
            EngineOperation.names.forEach { print("  \($0)") }
            return
        }
        // Once before, so that what is made on first use is not counted.
        operation.run(count)
        counter_start()
        operation.run(count)
        let allocations = counter_stop()
        print(
            #"{"name": "\#(arguments[1])", "count": \#(count), "allocations": \#(allocations), "#
                + #""checksum": \#(operation.checksum)}"#)
    }
}
