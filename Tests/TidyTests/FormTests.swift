import Testing

@Suite struct FormTests {
  /// Files that were over the limit when the rule came, with what they may have at most. A number may only fall; a file
  /// that got below the limit leaves the list.
  private let longFiles: [String: Int] = [:]

  @Test("form: no file is longer than 500 lines")
  func length() {
    for file in Repository.swiftFiles {
      let lines = file.text.utf8.count { $0 == 0x0A }
      let limit = longFiles[file.path] ?? fileLimit
      #expect(lines <= limit, "\(file.path) has \(lines) lines: look for the second noun (limit \(limit))")
      if longFiles[file.path] != nil { #expect(lines > fileLimit, "\(file.path) is short again: take it off the list") }
    }
  }

  /// Long lines that were there when the rule came; the number may only fall.
  private let longLinesAllowed = 30

  @Test("form: no line is longer than 120 columns")
  func columns() {
    let findings = Repository.swiftFiles.flatMap(longLines)
    #expect(findings.count <= longLinesAllowed, "\(report(findings)) (allowed: \(longLinesAllowed))")
    #expect(longLinesAllowed - findings.count <= 20, "only \(findings.count) are left: lower longLinesAllowed")
  }

  /// Modules that had a namesake when the rule came. The list may only shrink.
  private let namesakes = ["AdminClient", "Catalog", "Engine"]

  @Test("form: no type is named like its module")
  func moduleNames() {
    let findings = Repository.sources.flatMap(typesNamedLikeModule)
    let news = findings.filter { finding in !namesakes.contains { finding.path.hasPrefix("Sources/\($0)/") } }
    #expect(news.isEmpty, "\(report(news))")
    for module in namesakes {
      #expect(findings.contains { $0.path.hasPrefix("Sources/\(module)/") }, "\(module) has no namesake any more")
    }
  }

  @Test("form: scripts and documents end their last line and carry no tabs or trailing spaces")
  func whitespace() {
    let paths =
      Repository.swiftFiles.map(\.path) + ["Deploy", ".ci"].flatMap { Repository.files(under: $0) { _ in true } }
    for path in paths {
      guard let text = Repository.text(path), !text.isEmpty else { continue }
      #expect(text.hasSuffix("\n"), "\(path) does not end its last line")
      #expect(!text.contains(" \n"), "\(path) has trailing spaces")
    }
  }

  @Test("tidy itself: long lines and namesakes are caught")
  func catches() {
    let long = SourceFile(path: "Sources/A/B.swift", text: "let a = 1\n" + String(repeating: "x", count: 121) + "\n")
    #expect(longLines(long).map(\.line) == [2])
    let exact = SourceFile(path: "Sources/A/B.swift", text: String(repeating: "中", count: 120) + "\n")
    #expect(longLines(exact).isEmpty)
    for kind in ["struct", "final class", "enum", "protocol", "actor", "typealias"] {
      #expect(typesNamedLikeModule(SourceFile(path: "Sources/A/B.swift", text: "public \(kind) A {}")).count == 1)
    }
    #expect(typesNamedLikeModule(SourceFile(path: "Sources/A/B.swift", text: "extension A {}\nstruct B {}")).isEmpty)
  }
}

private let fileLimit = 500

private func longLines(_ file: SourceFile) -> [Finding] {
  file.lines.enumerated().filter { $0.element.utf8.count > 120 && $0.element.count > 120 }
    .map { Finding(path: file.path, line: $0.offset + 1, advice: "\($0.element.count) columns; 120 fit") }
}

private func typesNamedLikeModule(_ file: SourceFile) -> [Finding] {
  // A module's namesake hides every other name in it from qualified lookup.
  zip(file.words, file.words.dropFirst()).filter { keyword, name in
    ["struct", "class", "enum", "protocol", "actor", "typealias"].contains(keyword.text) && name.text == file.target
      && keyword.before != 0x2E
  }.map { Finding(path: file.path, line: $0.0.line, advice: "type \($0.1.text) bears its module's name") }
}
