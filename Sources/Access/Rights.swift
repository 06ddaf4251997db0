import Primitives

/// What somebody may do. Every route of the interface names the one that it takes.
public struct Verbs: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The catalog, the code tables, the version, one's own session: whoever is known.
  public static let know = Verbs(rawValue: 1 << 0)
  /// The node and those below at a glance: counts, freshness, checks, what is set aside.
  public static let watch = Verbs(rawValue: 1 << 1)
  /// One record with its parts.
  public static let record = Verbs(rawValue: 1 << 2)
  /// Records by condition, counts, figures.
  public static let query = Verbs(rawValue: 1 << 3)
  /// People by name and birth date.
  public static let match = Verbs(rawValue: 1 << 4)
  /// At which committee a citizen id is registered, anywhere in what the node holds, and nothing else.
  public static let identify = Verbs(rawValue: 1 << 5)
  /// Changes records of the node's own domain.
  public static let change = Verbs(rawValue: 1 << 6)
  /// More rows at once than ``exportRowsMin``.
  public static let export = Verbs(rawValue: 1 << 7)
  /// Packages by file, cards.
  public static let exchange = Verbs(rawValue: 1 << 8)
  /// Backups, comparisons, the queue, domains: the node as a machine.
  public static let operate = Verbs(rawValue: 1 << 9)
  /// Users: adding, listing, locking.
  public static let users = Verbs(rawValue: 1 << 10)
  /// Grants, passwords of others, unlocking.
  public static let grants = Verbs(rawValue: 1 << 11)
  /// The audit log.
  public static let audit = Verbs(rawValue: 1 << 12)

  /// Every verb with the name under which people and files know it, in the order of tables.
  public static let named: [(name: String, verb: Verbs)] = [
    ("know", .know), ("watch", .watch), ("record", .record), ("query", .query), ("match", .match),
    ("identify", .identify), ("change", .change), ("export", .export), ("exchange", .exchange), ("operate", .operate),
    ("users", .users), ("grants", .grants), ("audit", .audit),
  ]

  /// All of them.
  public static let all = Verbs(named.map(\.verb))

  /// From so many rows an answer is an export: it takes ``export`` and is audited with its count.
  public static let exportRowsMin = 1000

  /// Their names, in the order of ``named``.
  public var names: [String] { Verbs.named.filter { contains($0.verb) }.map(\.name) }
}

/// Which field classes somebody reads in the clear: A public inside, B internal, C personal, D restricted until
/// decision (the column `class` of the catalog's items).
public struct FieldClasses: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let a = FieldClasses(rawValue: 1 << 0)
  public static let b = FieldClasses(rawValue: 1 << 1)
  public static let c = FieldClasses(rawValue: 1 << 2)
  public static let d = FieldClasses(rawValue: 1 << 3)
  public static let all: FieldClasses = [.a, .b, .c, .d]

  /// `A`, `B` … as far as contained.
  public var names: [String] {
    let named: [(String, FieldClasses)] = [("A", .a), ("B", .b), ("C", .c), ("D", .d)]
    return named.filter { contains($0.1) }.map(\.0)
  }
}
