import Console
import Glibc

/// Real descriptors, kept out of the test bodies.
enum DescriptorSinkProbe {
  static func writeIntoClosedPipe() -> WriteOutcome? {
    _ = signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    close(ends[0])
    defer { close(ends[1]) }
    return DescriptorSink(ends[1]).write(Array("x".utf8))
  }
}
