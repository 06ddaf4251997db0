/// Stops the process when one of *our* assumptions is false.
///
/// The world's failures are thrown; our mistakes are required. Unlike `precondition`, the message is printed in
/// optimised builds too (measured: in `-O` a failing `precondition` dies without its text), so an operator's log shows
/// what broke.
///
/// - Parameters:
///   - condition: what must hold.
///   - message: the rule that was broken, with the values that broke it. Must not contain personal data.
@inline(__always)
public func require(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { requirementFailed(message(), file: file, line: line) }
}

/// Prints the broken rule and stops the process; the slow half of ``require(_:_:file:line:)``.
@inline(never)
public func requirementFailed(_ message: String, file: StaticString = #fileID, line: UInt = #line) -> Never {
  fatalError("requirement failed: \(message)", file: file, line: line)
}
