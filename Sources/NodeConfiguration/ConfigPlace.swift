import Messages

/// Where a value was written: in a file, or in a variable or flag, which count as one line.
struct ConfigPlace: Hashable, Sendable {
  let file: String
  var line = 1
  var column = 1

  /// A failure here; the texts' fields first.
  func failure(_ code: ErrorCode, _ fields: KeyValuePairs<String, String>) -> Failure {
    Failure(
      code,
      fields: fields.map { Failure.Field(name: $0.key, value: shown($0.value)) } + [
        Failure.Field(name: "file", value: file), Failure.Field(name: "line", value: "\(line)"),
        Failure.Field(name: "column", value: "\(column)"),
      ])
  }

  func wrongType(_ key: String, _ expected: String, _ found: String) -> Failure {
    failure(.configWrongType, ["key": key, "expected": expected, "found": found])
  }
}

/// At most 200 characters of what a file holds: a report is for reading.
func shown(_ text: String) -> String { text.utf8.count <= 200 ? text : text.prefix(200) + "…" }
