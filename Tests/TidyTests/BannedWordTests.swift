import Testing

/// A word that may not stand in some part of the code, and what to write instead.
private struct Ban {
  enum Scope {
    case pureLayers
    case sources
    case everywhere
  }
  let word: String
  /// Only when these bytes follow (spaces left out).
  var after = ""
  /// Only when this byte stands right behind the word.
  var next: Character?
  /// Only after a point, or only without one.
  var isMember: Bool?
  let scope: Scope
  let instead: String
  var exempt: [String] = []

  func catches(_ found: Word) -> Bool {
    guard found.text == word, after.isEmpty || found.after.starts(with: after.utf8) else { return false }
    if let next, next.asciiValue != found.next { return false }
    if let isMember, isMember != (found.before == 0x2E) { return false }
    return true
  }

  func applies(to file: SourceFile) -> Bool {
    guard !exempt.contains(file.path) else { return false }
    return switch scope {
    case .everywhere: true
    case .sources: file.folder == "Sources"
    case .pureLayers: file.folder == "Sources" && pureLayers.contains(file.target)
    }
  }
}

private let time = "the time is an argument (HybridTime, Ticks, CivilDate)"
private let seeded = "take a SeededRandom as an argument"
private let rim = "state changes synchronously; `async` stands at the rim (Xylem, Transport)"
private let threads = "threads live in Xylem; a pure layer is called by its owner"
private let requireIt = "require(_:_:) prints its message in release builds too"
private let require = ["Sources/Primitives/Require.swift"]
private let output = "print through Console's Output, log through swift-log"

private let bans: [Ban] = [
  Ban(word: "Date", after: "(", scope: .pureLayers, instead: time),
  Ban(word: "ContinuousClock", scope: .pureLayers, instead: time),
  Ban(word: "SuspendingClock", scope: .pureLayers, instead: time),
  Ban(word: "Task", after: ".", scope: .pureLayers, instead: rim),
  Ban(word: "Task", after: "{", scope: .pureLayers, instead: rim),
  Ban(word: "await", isMember: false, scope: .pureLayers, instead: rim),
  // The port is the rim: who implements it opens sockets.
  Ban(
    word: "async", isMember: false, scope: .pureLayers, instead: rim, exempt: ["Sources/Ports/LinkCarrier.swift"]),
  Ban(word: "Thread", scope: .pureLayers, instead: threads),
  Ban(word: "DispatchQueue", scope: .pureLayers, instead: threads),
  Ban(word: "Mutex", scope: .pureLayers, instead: threads),
  Ban(word: "random", after: "(", isMember: true, scope: .pureLayers, instead: seeded),
  Ban(word: "randomElement", after: "()", scope: .pureLayers, instead: seeded),
  Ban(word: "shuffled", after: "()", scope: .pureLayers, instead: seeded),
  Ban(word: "SystemRandomNumberGenerator", scope: .pureLayers, instead: seeded),
  Ban(word: "UUID", scope: .pureLayers, instead: "mint a RecordID, or " + seeded),
  Ban(word: "print", after: "(", isMember: false, scope: .sources, instead: output),
  Ban(word: "debugPrint", after: "(", isMember: false, scope: .sources, instead: output),
  Ban(word: "fatalError", after: "(", isMember: false, scope: .sources, instead: requireIt, exempt: require),
  Ban(word: "precondition", after: "(", isMember: false, scope: .sources, instead: requireIt, exempt: require),
  Ban(word: "preconditionFailure", after: "(", isMember: false, scope: .sources, instead: requireIt, exempt: require),
  Ban(word: "assert", after: "(", isMember: false, scope: .sources, instead: requireIt, exempt: require),
  Ban(word: "assertionFailure", after: "(", isMember: false, scope: .sources, instead: requireIt, exempt: require),
  Ban(word: "try", next: "!", scope: .everywhere, instead: "handle the error; in a test, let the test throw"),
  Ban(word: "as", next: "!", scope: .everywhere, instead: "`as?` and a decision"),
]

@Suite struct BannedWordTests {
  @Test("words: what a layer may not use, it does not use")
  func sources() {
    let findings = bannedWords(Repository.swiftFiles)
    #expect(findings.isEmpty, "\(report(findings))")
  }

  @Test("words: a promise to the compiler says who keeps it")
  func safety() {
    let findings = Repository.swiftFiles.flatMap(promisesWithoutSafety)
    #expect(findings.isEmpty, "\(report(findings))")
  }

  @Test("words: no notes to ourselves are left behind, and checks are never compiled away")
  func leftovers() {
    let paths =
      ["Package.swift"] + Repository.swiftFiles.map(\.path)
      + ["Deploy", ".ci", "Docs"].flatMap { Repository.files(under: $0) { _ in true } }
    let findings = paths.flatMap { leftoverWords($0, Repository.text($0) ?? "") }
    #expect(findings.isEmpty, "\(report(findings))")
  }

  @Test(
    "tidy itself: each ban catches its sample",
    arguments: [
      "let d = Date()", "ContinuousClock.now", "SuspendingClock()", "Task.sleep()", "Task { }", "await x",
      "func f() async {}",
      "Thread.main", "DispatchQueue.main", "let m = Mutex(0)", "Int.random(in: r)", "a.randomElement()", "a.shuffled()",
      "SystemRandomNumberGenerator()", "UUID()", "print(x)",
      "debugPrint(x)",
      "fatalError()", "precondition(true)", "preconditionFailure()", "assert(x)", "assertionFailure()", "try! f()",
      "x as! Int",
      "\"\\(Date())\"", "let s = #\"\"# ; print(s)",
    ])
  func catches(sample: String) {
    #expect(bannedWords([SourceFile(path: "Sources/Engine/A.swift", text: sample)]).count == 1)
  }

  @Test(
    "tidy itself: what only looks like it is left alone",
    arguments: [
      "CivilDate(iso: x)", "// Date() and await", "\"try! print(x)\"", "a.shuffled(using: &random)", "output.print(x)",
      "/* Task { /* nested */ } */ let a = 1", "\"\"\"\n print(1)\n\"\"\"", "#\"a \" print(1)\"#", "try? f()",

      "let random = SeededRandom(seed: 1)", "x as? Int", "a.random", "\"a \\(b(\"print(1)\")) assert(\"",
    ])
  func spares(sample: String) {
    #expect(bannedWords([SourceFile(path: "Sources/Engine/A.swift", text: sample)]).isEmpty)
  }

  @Test("tidy itself: scopes hold")
  func scopes() {
    #expect(bannedWords([SourceFile(path: "Sources/Xylem/A.swift", text: "await Date() ; print(1)")]).count == 1)
    #expect(bannedWords([SourceFile(path: "Tests/XTests/A.swift", text: "await Date() ; print(1)")]).isEmpty)
    #expect(bannedWords([SourceFile(path: "Sources/Primitives/Require.swift", text: "fatalError()")]).isEmpty)
  }

  @Test("tidy itself: promises and leftovers are caught")
  func catchesPromises() {
    let bare = SourceFile(
      path: "Sources/X/A.swift", text: "final class A: @unchecked Sendable {}\nnonisolated(unsafe) var a = 1\n")
    #expect(promisesWithoutSafety(bare).map(\.line) == [1, 2])
    let kept = SourceFile(
      path: "Sources/X/A.swift", text: "// SAFETY: one owner.\nfinal class A: @unchecked Sendable {}\n")
    #expect(promisesWithoutSafety(kept).isEmpty)
    for word in ["FIX" + "ME", "TO" + "DO", "XX" + "X", "-Oun" + "checked"] {
      #expect(leftoverWords("a", "one\n  // \(word): later\n").map(\.line) == [2])
    }
    #expect(leftoverWords("a", "mkdtemp(\"XXXXXX\") TODOs").isEmpty)
  }
}

private func bannedWords(_ files: [SourceFile]) -> [Finding] {
  var findings: [Finding] = []
  for file in files {
    let rules = Dictionary(grouping: bans.filter { $0.applies(to: file) }, by: \.word)
    for word in file.words {
      for ban in rules[word.text] ?? [] where ban.catches(word) {
        findings.append(Finding(path: file.path, line: word.line, advice: "`\(ban.word)`: \(ban.instead)"))
      }
    }
  }
  return findings
}

private func promisesWithoutSafety(_ file: SourceFile) -> [Finding] {
  file.words.filter { word in
    (word.text == "unchecked" && word.before == 0x40)
      || (word.text == "nonisolated" && file.codeLines[word.line - 1].contains("(unsafe)"))
  }.filter { word in
    // Above the declaration, or first thing inside it.
    !file.lines[max(0, word.line - 8)..<min(file.lines.count, word.line + 2)].contains { $0.contains("SAFETY:") }
  }.map { Finding(path: file.path, line: $0.line, advice: "a SAFETY: comment beside it says who guarantees it") }
}

/// The words are put together here so that this file does not hold them.
private func leftoverWords(_ path: String, _ text: String) -> [Finding] {
  let banned = ["FIX" + "ME", "TO" + "DO", "XX" + "X"]
  let unchecked = "-Oun" + "checked"
  var findings: [Finding] = []
  for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
    if line.contains(unchecked) {
      findings.append(Finding(path: path, line: index + 1, advice: "`require` must always check"))
    }
    guard banned.contains(where: { line.contains($0) }) else { continue }
    for word in words(in: Array(line.utf8)) where banned.contains(word.text) {
      findings.append(Finding(path: path, line: index + 1, advice: "finish it or file it: \(word.text)"))
    }
  }
  return findings
}
