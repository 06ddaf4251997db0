import Primitives

/// A table of codes with labels, in the order in which people list them.
public struct CodeTable: Sendable {
  public let name: String
  public let codes: [Code]
  /// Whether records may hold codes that the table does not list: regions have a million villages, the table those of
  /// the city. Rules check the shape of such codes instead.
  public let isOpen: Bool
  private let positions: [String: Int]
  /// Position by Chinese label, -1 when several codes share it.
  private let labelled: [String: Int]

  /// One code and what it means.
  public struct Code: Hashable, Sendable {
    public let code: String
    public let label: Label
    public init(code: String, label: Label) {
      self.code = code
      self.label = label
    }
  }

  /// - Requires: codes are unique.
  public init(name: String, codes: [Code], isOpen: Bool = false) {
    self.name = name
    self.codes = codes
    self.isOpen = isOpen
    positions = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1.code, $0) })
    labelled = Dictionary(codes.enumerated().map { ($1.label.zh, $0) }, uniquingKeysWith: { _, _ in -1 })
  }

  /// Whether the table lists the code. Constant time.
  public func contains(_ code: Text) -> Bool { positions[code.string] != nil }

  /// The code's name in both languages, or nil when the table does not list it. Constant time.
  public func label(of code: Text) -> Label? { positions[code.string].map { codes[$0].label } }

  /// The code with exactly this Chinese label, or nil when none or several have it: how imports read sheets that hold
  /// labels. Constant time.
  public func code(labelled label: Text) -> Text? {
    guard let position = labelled[label.string], position >= 0 else { return nil }
    return Text(codes[position].code)
  }
}
