import Daemon

/// Reads any octets as a configuration file: errors or a configuration, and never neither.
@c(LLVMFuzzerTestOneInput)
public func fuzzConfiguration(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    let report = ConfigurationFile.read(bytes, name: "fuzz.yaml")
    precondition((report.configuration == nil) == (report.errorCount > 0))
    for line in report.lines {
        precondition(line.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 })
    }
    return 0
}
