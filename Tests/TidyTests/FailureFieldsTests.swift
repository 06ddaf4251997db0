import Messages
import Testing

/// The fields of a failure are strings; this holds every literal in the sources against the catalogue's templates.
@Suite struct FailureFieldsTests {
  @Test("failures: every literal passes the fields its texts need, and no others")
  func literals() {
    let findings = Repository.sources.flatMap(wrongFields)
    #expect(findings.isEmpty, "\(report(findings))")
  }

  @Test(
    "tidy itself: missing and misspelt fields are caught",
    arguments: [
      "Failure(.nodeUnknownOrg)", "Failure(.nodeUnknownOrg, [:])",
      "Failure(.nodeUnknownOrg, [\"org\": x, \"sugestion\": y])",
      "Failure(\n  .storageLocked,\n  [\"directory\": f(\"pid\")])",
    ])
  func catches(sample: String) {
    #expect(wrongFields(SourceFile(path: "Sources/X/A.swift", text: sample)).count == 1)
  }

  @Test(
    "tidy itself: complete ones, added ones and those made at run time are left alone",
    arguments: [
      "Failure(.nodeStopping)", "Failure(.nodeUnknownOrg, [\"org\": \"a, b\", \"suggestion\": s])",
      "Failure(.nodeUnknownOrg).adding(\"org\", x)", "Failure(.nodeUnknownOrg, fields: fields)",
      "// Failure(.nodeUnknownOrg)",
      "Failure(.storageLocked, [\"directory\": path(a, b[1]), \"pid\": \"\\(pid)\"])", "Failure(code, fields)",
      "Failure(.storageLocked, [\"directory\": \"\\(a(b))\", \"pid\": \"1\"])",
    ])
  func spares(sample: String) {
    #expect(wrongFields(SourceFile(path: "Sources/X/A.swift", text: sample)).isEmpty)
  }
}

private func wrongFields(_ file: SourceFile) -> [Finding] {
  let bytes = Array(file.text.utf8)
  var findings: [Finding] = []
  for (index, word) in file.words.enumerated() where word.text == "Failure" && word.after == Array("(.".utf8) {
    guard index + 1 < file.words.count,
      let code = ErrorCode.allCases.first(where: { "\($0)" == file.words[index + 1].text })
    else { continue }
    let end = closingParenthesis(in: file.code, from: word.offset)
    let call = String(decoding: bytes[word.offset..<end], as: UTF8.self)
    let isLiteral = !call.contains(",") || call.contains("[")
    guard isLiteral, !call.contains("fields:") else { continue }
    let chained = String(decoding: bytes[end..<min(bytes.count, end + 400)], as: UTF8.self)
    var given = call.matches(of: /[\[,]\s*"(\w+)"\s*:/).map { String($0.output.1) }
    if let adding = chained.prefixMatch(of: /(\s*\.adding\("(\w+)",[^\n]*)+/) {
      given += adding.output.0.matches(of: /\.adding\("(\w+)"/).map { String($0.output.1) }
    }
    let known = code.message.requiredFields + code.message.optionalFields
    let missing = code.message.requiredFields.filter { !given.contains($0) }
    let unknown = given.filter { !known.contains($0) }
    // More fields than the texts name are welcome in JSON; one beside an optional field that is lacking is a
    // misspelling.
    let isMisspelt = !unknown.isEmpty && !code.message.optionalFields.allSatisfy(given.contains)
    if !missing.isEmpty || isMisspelt {
      findings.append(
        Finding(
          path: file.path, line: word.line, advice: "Failure(.\(code)): missing \(missing), not in its texts \(unknown)"
        ))
    }
  }
  return findings
}

private func closingParenthesis(in code: [UInt8], from start: Int) -> Int {
  var depth = 0
  var index = start
  while index < code.count {
    if code[index] == 0x28 { depth += 1 }
    if code[index] == 0x29 {
      depth -= 1
      if depth == 0 { return index + 1 }
    }
    index += 1
  }
  return code.count
}
