import Foundation

/// What a check found: where, and what to do about it.
struct Finding: CustomStringConvertible {
  let path: String
  let line: Int
  let advice: String
  var description: String { "\(path):\(line): \(advice)" }
}

/// One Swift file, read once.
struct SourceFile: Sendable {
  /// From the repository's root, with `/`.
  let path: String
  let text: String
  let lines: [String]
  /// The file without comments and string contents.
  let code: [UInt8]
  let codeLines: [String]
  let words: [Word]

  init(path: String, text: String) {
    self.path = path
    self.text = text
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    code = codeOnly(Array(text.utf8))
    codeLines = String(decoding: code, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    words = TidyTests.words(in: code)
  }

  /// `Sources`, `Tests` …
  var folder: String { String(path.prefix { $0 != "/" }) }
  /// The target the file belongs to: the second part of its path.
  var target: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 ? String(parts[1]) : ""
  }
}

/// The repository this test was compiled from.
enum Repository {
  /// Found from this file's own path; symbolic links are followed, so that a package of links checks the real tree.
  static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every Swift file under Sources, Tests and Benchmarks, sorted by path.
  static let swiftFiles: [SourceFile] = ["Sources", "Tests", "Benchmarks"].flatMap {
    files(under: $0) { $0.hasSuffix(".swift") }
  }
  .compactMap { path in text(path).map { SourceFile(path: path, text: $0) } }

  static var sources: [SourceFile] { swiftFiles.filter { $0.folder == "Sources" } }

  static func text(_ path: String) -> String? { try? String(contentsOf: root.appending(path: path), encoding: .utf8) }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appending(path: path).path) }

  /// The names of the folders in `folder`, sorted.
  static func folders(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
    return names.sorted().filter { name in
      let entry = root.appending(path: "\(folder)/\(name)")
      return !name.hasPrefix(".") && (try? entry.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
    }
  }

  /// Paths of the files under `folder` that `matches` takes, sorted; build folders and hidden ones are left out.
  static func files(under folder: String, where matches: (String) -> Bool) -> [String] {
    let start = root.appending(path: folder)
    guard let walk = FileManager.default.enumerator(atPath: start.path) else { return [] }
    var paths: [String] = []
    for case let path as String in walk
    where matches(path) && !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
      paths.append(folder.isEmpty ? path : "\(folder)/\(path)")
    }
    return paths.sorted()
  }
}

/// What a failing check prints: one finding a line.
func report(_ findings: [Finding]) -> String {
  "\(findings.count) findings\n" + findings.prefix(60).map(\.description).joined(separator: "\n")
}
