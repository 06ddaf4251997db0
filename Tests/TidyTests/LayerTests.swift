import Testing

/// Layers that may know nothing of the world: no Foundation, thread, clock, random number or output.
let pureLayers = [
  "Primitives", "Messages", "Catalog", "Access", "Ports", "Formats", "Replication", "Query", "Statistics", "Workflows",
  "Engine",
  "TabularImport",
]

/// The layer table is Package.swift; these are the rules it must keep and the imports it must match.
/// A new target needs its line in Package.swift only; a new pure one its name in `pureLayers` besides.
@Suite struct LayerTests {
  private var manifest: Manifest { Manifest(Repository.text("Package.swift") ?? "") }

  @Test("layers: every folder is a target and every target a folder")
  func folders() {
    let manifest = manifest
    let sources = Repository.folders(in: "Sources")
    let tests = Repository.folders(in: "Tests").filter { $0.hasSuffix("Tests") }
    #expect(manifest.targets.filter { $0.kind != .tests }.map(\.name).sorted() == sources)
    #expect(manifest.targets.filter { $0.kind == .tests }.map(\.name).sorted() == tests)
  }

  @Test("layers: tests stand in Tests/<Target>Tests")
  func testFolders() {
    // Suites that belong to no single target.
    let acrossTargets = [
      "TidyTests", "ConformanceTests", "DeployTests", "QuickstartTests", "ProcessTests", "FrameSizeTests",
    ]
    let targets = manifest.targets.filter { $0.kind != .tests }.map { $0.name + "Tests" }
    for folder in Repository.folders(in: "Tests") where folder.hasSuffix("Tests") {
      #expect(targets.contains(folder) || acrossTargets.contains(folder), "Tests/\(folder) tests no target")
    }
    for file in Repository.sources {
      #expect(
        !file.words.contains { $0.text == "Testing" && file.lines[$0.line - 1].hasPrefix("import ") }, "\(file.path)")
    }
  }

  @Test("layers: a file imports only what Package.swift grants its target")
  func imports() {
    let findings = undeclaredImports(Repository.swiftFiles, manifest)
    #expect(findings.isEmpty, "\(report(findings))")
  }

  @Test("layers: Package.swift grants nothing that is not used")
  func grants() {
    let manifest = manifest
    for target in manifest.targets where target.kind == .library || target.kind == .program {
      let used = Repository.sources.filter { $0.target == target.name }.flatMap(importedModules)
      for name in target.imports {
        #expect(used.contains { $0.module == name }, "\(target.name) never imports \(name)")
      }
    }
  }

  @Test("layers: pure layers rest on pure layers, and only Formats on C")
  func purity() { #expect(impureGrants(manifest) == []) }

  @Test("layers: what is kept away from whom")
  func distances() {
    let manifest = manifest
    for target in manifest.targets where target.kind == .library || target.kind == .program {
      let reach = manifest.reach(of: target.name)
      let nio = target.imports.filter { $0.hasPrefix("NIO") }
      #expect(
        nio.isEmpty || ["Transport", "AdminAPI", "AdminClient", "XylemNetwork", "xylemd"].contains(target.name),
        "\(target.name) imports \(nio): event loops stay in Transport and AdminAPI")
      #expect(
        !target.imports.contains("ArgumentParser") || target.kind == .program,
        "\(target.name): command lines belong to programs")
      #expect(
        !target.imports.contains("CRocksDB") || target.name == "Rocks", "\(target.name): RocksDB's C stays in Rocks")
      switch target.name {
      case "xylemctl": #expect(!reach.contains("CRocksDB"), "the client links no RocksDB")
      case "Xylem": #expect(!reach.contains { $0.hasPrefix("NIO") }, "embedders get no event loop")
      case "Simulation":
        #expect(!reach.contains("CRocksDB") && !reach.contains { $0.hasPrefix("NIO") }, "a world from one seed")
      default: break
      }
    }
  }

  // Every check must be able to fail.

  private let sample = Manifest(
    """
    // library("Ghost", []),
    let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
    system("CZstd", "libzstd", apt: "x"), .systemLibrary(name: "CLinux"),
    library("Primitives", []), library("Formats", ["Primitives",
      "CZstd"]), library("Query", ["Formats", nioCore]), program("tool", [ ]),
    tests("QueryTests", ["Query"], exclude: ["G"]),
    """)

  @Test("tidy itself: the manifest is read, comments are not")
  func readsManifest() {
    #expect(sample.targets.map(\.name) == ["Primitives", "Formats", "Query", "tool", "QueryTests", "CZstd", "CLinux"])
    #expect(sample.target("Formats")?.imports == ["Primitives", "CZstd"])
    #expect(sample.target("Query")?.imports == ["Formats", "NIOCore"])
    #expect(sample.target("QueryTests")?.kind == .tests)
    #expect(sample.reach(of: "Query").sorted() == ["CZstd", "Formats", "NIOCore", "Primitives"])
  }

  @Test("tidy itself: impure grants and undeclared imports are caught")
  func catches() {
    #expect(impureGrants(sample) == ["Query may not rest on NIOCore"])
    let bad = SourceFile(
      path: "Sources/Query/A.swift",
      text: "@testable import Primitives\nimport struct Foundation.Date\nimport Formats\n// import Ghost\n")
    #expect(undeclaredImports([bad], sample).map(\.line) == [1, 2])
    let test = SourceFile(
      path: "Tests/QueryTests/A.swift", text: "import Testing\nimport Foundation\n@testable import Query\n")
    #expect(undeclaredImports([test], sample).isEmpty)
  }
}

private func importedModules(_ file: SourceFile) -> [(module: String, line: Int)] {
  var found: [(module: String, line: Int)] = []
  let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
  for (index, word) in file.words.enumerated() where word.text == "import" && word.before != 0x2E {
    var next = index + 1
    if next < file.words.count, kinds.contains(file.words[next].text) { next += 1 }
    if next < file.words.count, file.words[next].line == word.line { found.append((file.words[next].text, word.line)) }
  }
  return found
}

private func undeclaredImports(_ files: [SourceFile], _ manifest: Manifest) -> [Finding] {
  let system = ["Foundation", "Glibc", "Dispatch", "Synchronization"]
  return files.filter { $0.folder != "Benchmarks" }.flatMap { file -> [Finding] in
    guard let target = manifest.target(file.target) else { return [] }
    // A target `xylem-slt` is the module `xylem_slt`.
    var granted = target.imports.map { $0.replacing("-", with: "_") }
    if target.kind == .tests {
      granted += system + ["Testing"]
    } else if !pureLayers.contains(target.name) {
      granted += system
    }
    return importedModules(file).filter { !granted.contains($0.module) }.map {
      Finding(
        path: file.path, line: $0.line,
        advice: pureLayers.contains(target.name) && system.contains($0.module)
          ? "a pure layer does not import \($0.module)"
          : "Package.swift does not grant \(target.name) the module \($0.module)")
    }
  }
}

private func impureGrants(_ manifest: Manifest) -> [String] {
  manifest.targets.filter { pureLayers.contains($0.name) && $0.kind != .tests }.flatMap { target in
    target.imports.filter { name in
      !pureLayers.contains(name) && !(target.name == "Formats" && ["CZstd", "CCrypto"].contains(name))
    }.map { "\(target.name) may not rest on \($0)" }
  }
}
