/// What Package.swift says: its targets, which is the layer table.
struct Manifest {
  enum Kind: String {
    case library
    case program
    case tests
    case system
  }
  struct Target {
    let name: String
    let kind: Kind
    /// Names of targets and of products, as a file imports them.
    let imports: [String]
  }

  let targets: [Target]
  /// Products of other packages, by module name.
  let products: [String]

  /// Reads the calls `library("Name", ["A", b])`, `program`, `tests`, `system` and `.systemLibrary(name:)`, and the
  /// constants `let b: Target.Dependency = .product(name: "B", …)`. Whatever it cannot read turns up as a folder
  /// without a target.
  init(_ text: String) {
    let code = text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.trimmingPrefix { $0 == " " }.hasPrefix("//") ? "" : String($0) }.joined(separator: "\n")
    var constants: [(name: String, module: String)] = []
    for match in code.matches(of: /let (\w+): Target\.Dependency = \.product\(\s*name: "(\w+)"/) {
      constants.append((String(match.output.1), String(match.output.2)))
    }
    products = constants.map(\.module)
    var targets: [Target] = []
    for match in code.matches(of: /(library|program|tests)\(\s*"([\w-]+)",\s*\[([^\]]*)\]/) {
      var imports: [String] = []
      for part in match.output.3.split(separator: ",") {
        let entry = String(part.filter { !$0.isWhitespace })
        guard !entry.isEmpty else { continue }
        let quoted = entry.hasPrefix("\"") ? String(entry.dropFirst().dropLast()) : nil
        imports.append(quoted ?? constants.first { $0.name == entry }?.module ?? entry)
      }
      guard let kind = Kind(rawValue: String(match.output.1)) else { continue }
      targets.append(Target(name: String(match.output.2), kind: kind, imports: imports))
    }
    for match in code.matches(of: /(?:system\(\s*|\.systemLibrary\(name: )"(\w+)"/) {
      targets.append(Target(name: String(match.output.1), kind: .system, imports: []))
    }
    self.targets = targets
  }

  func target(_ name: String) -> Target? { targets.first { $0.name == name } }

  /// Everything `name` reaches, itself left out.
  func reach(of name: String) -> [String] {
    var reached: [String] = []
    var waiting = target(name)?.imports ?? []
    while let next = waiting.popLast() {
      guard !reached.contains(next) else { continue }
      reached.append(next)
      waiting += target(next)?.imports ?? []
    }
    return reached
  }
}
