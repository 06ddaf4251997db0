import Access

/// One route of the interface and what it takes to use it.
public struct Route: Hashable, Sendable {
  /// `GET` or `POST`.
  public let method: String
  /// `{name}` stands for one segment.
  public let path: String
  /// What the caller must be allowed to do; empty for what whoever can open the socket may do: to log in.
  public let verb: Verbs
  /// Whether the caller may use it before the password that another set is changed, and before the second factor.
  public let isForNewcomers: Bool

  /// A row of the table.
  public init(_ method: String, _ path: String, _ verb: Verbs, isForNewcomers: Bool = false) {
    self.method = method
    self.path = path
    self.verb = verb
    self.isForNewcomers = isForNewcomers
  }

  /// Every route there is. What is not in this table is not answered: a file that serves routes of its own adds its
  /// list here.
  public static let all: [Route] =
    nodeRoutes + dataRoutes + packageRoutes + accessRoutes + downwardRoutes + sqlRoutes
    + reportRoutes + healthRoutes

  /// The node as a machine.
  private static let nodeRoutes = [
    Route("GET", "/v1/version", .know, isForNewcomers: true), Route("GET", "/v1/status", .watch),
    Route("GET", "/v1/tree", .watch), Route("GET", "/v1/doctor", .watch), Route("POST", "/v1/wait", .know),
    Route("POST", "/v1/verify", .operate), Route("POST", "/v1/compare", .operate), Route("GET", "/v1/queue", .operate),
    Route("POST", "/v1/queue/{record}", .operate), Route("POST", "/v1/scrub", .operate),
    Route("POST", "/v1/backup", .operate), Route("GET", "/v1/domain", .operate),
    Route("POST", "/v1/domain/reclaim", .operate),
  ]

  /// Records and the words to ask for them.
  private static let dataRoutes = [
    Route("POST", "/v1/query", .query), Route("POST", "/v1/match", .match),
    Route("GET", "/v1/records/{entity}/{key}", .record), Route("POST", "/v1/import/{entity}", .change),
    Route("GET", "/v1/catalog", .know), Route("GET", "/v1/catalog/{entity}", .know), Route("GET", "/v1/codes", .know),
    Route("GET", "/v1/codes/{table}", .know),
  ]

  /// Cards and packages.
  private static let packageRoutes = [
    Route("GET", "/v1/card", .exchange), Route("GET", "/v1/neighbours", .exchange),
    Route("POST", "/v1/neighbours", .exchange), Route("POST", "/v1/packages/export", .exchange),
    Route("POST", "/v1/packages/import", .exchange),
  ]

  /// What goes down the tree, and records on their way between domains.
  private static let downwardRoutes = [
    Route("GET", "/v1/notices", .watch), Route("POST", "/v1/notices", .change),
    Route("GET", "/v1/notices/{id}", .watch),
    Route("POST", "/v1/notices/{id}", .change), Route("GET", "/v1/handovers", .record),
    Route("POST", "/v1/handovers", .change), Route("GET", "/v1/handovers/{id}", .record),
    Route("POST", "/v1/handovers/{id}/void", .change),
  ]

  /// SQL, exports made of it, and the change feed, which has every value of every change.
  private static let sqlRoutes = [
    Route("POST", "/v1/sql", .query), Route("GET", "/v1/export", .export), Route("GET", "/v1/changes", .export),
  ]

  /// The annual report: forms for everybody, figures and the records behind them for whoever may count.
  private static let reportRoutes = [
    Route("POST", "/v1/reports/forms", .know), Route("POST", "/v1/reports/build", .query),
    Route("POST", "/v1/reports/check", .query), Route("POST", "/v1/reports/drill", .query),
  ]

  /// What supervisors ask before anybody logs in: states and names of checks, no figures of the register. Figures are
  /// for whoever may watch.
  private static let healthRoutes = [
    Route("GET", "/livez", [], isForNewcomers: true), Route("GET", "/readyz", [], isForNewcomers: true),
    Route("GET", "/openapi.json", [], isForNewcomers: true), Route("GET", "/metrics", .watch),
  ]

  /// Whether the segments of a path are this route's.
  func fits(_ words: [String]) -> Bool {
    let pattern = path.split(separator: "/")
    return pattern.count == words.count && zip(pattern, words).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
  }

  /// Whether a role may use the route, somewhere.
  public func isOpen(to role: Role) -> Bool { role.rights.verbs.isSuperset(of: verb) }

  /// The table of routes and roles for Docs/SECURITY.md, one line a route.
  public static var matrix: String {
    let roles = Role.allCases
    var lines = [
      "| route | takes | " + roles.map(\.rawValue).joined(separator: " | ") + " |",
      "|---|---|" + roles.map { _ in "---|" }.joined(),
    ]
    for route in all {
      let verb = route.verb.isEmpty ? "–" : route.verb.names.joined(separator: " ")
      let cells = roles.map { route.isOpen(to: $0) ? "✓" : " " }
      lines.append("| `\(route.method) \(route.path)` | \(verb) | " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n")
  }
}

/// Who asks, as far as the connection and the request's head say.
public struct Caller: Sendable {
  /// The session's token as the request has it; nil without one.
  public var token: String?
  /// Whether the operating system says that the other end runs as the owner of this process, or as root.
  public var ownsSocket: Bool
  /// Why masked items shall be shown; nil when they shall not.
  public var unmaskReason: String?

  /// A caller as a connection shows it.
  public init(token: String? = nil, ownsSocket: Bool, unmaskReason: String? = nil) {
    self.token = token
    self.ownsSocket = ownsSocket
    self.unmaskReason = unmaskReason
  }
}
