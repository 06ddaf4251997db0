import AdminProtocol
import Messages

/// One operation of the interface as `GET /openapi.json` describes it (<https://spec.openapis.org/oas/v3.1.0>).
struct APIOperation {
  enum Answer {
    case json
    case lines
    case text
    case bytes
    case events
  }

  let method: String
  let path: String
  let summary: String
  /// Behind `?`.
  var query: [String] = []
  /// Members of the JSON body; nil when there is none.
  var members: [String]?
  /// Of those, what must be there.
  var required: [String] = []
  /// The media type of a body that is no JSON.
  var bodyType: String?
  var answers: [Answer] = [.json]

  /// Names between braces.
  var pathParameters: [String] {
    path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
  }
}

extension APIOperation {
  private static func get(_ path: String, _ summary: String, query: [String] = [], _ answers: [Answer] = [.json])
    -> APIOperation
  {
    APIOperation(method: "get", path: path, summary: summary, query: query, answers: answers)
  }

  private static func post(
    _ path: String, _ summary: String, _ members: [String], required: [String] = [], _ answers: [Answer] = [.json]
  ) -> APIOperation {
    APIOperation(
      method: "post", path: path, summary: summary, members: members, required: required, answers: answers)
  }

  /// Everything that is served; a test holds it against the routes.
  static let all: [APIOperation] = [
    get("/livez", "Whether the process answers.", [.text]),
    get("/readyz", "Whether the node takes commits.", query: ["verbose", "exclude"], [.text]),
    get("/metrics", "Metrics in Prometheus's text format 0.0.4.", [.text]),
    get("/openapi.json", "This document."),
    get("/v1/version", "What runs."),
    get("/v1/status", "The node at a glance."),
    get("/v1/tree", "The node and all below it."),
    get("/v1/doctor", "The node's checks."),
    post("/v1/verify", "Digests of stored rows by scan.", []),
    post("/v1/compare", "A node below against the copy of it here.", CompareRequest.members, required: ["node"]),
    get("/v1/queue", "Records that are set aside."),
    post(
      "/v1/queue/{record}", "Looks again at a record that is set aside, or skips it.", QueueActionRequest.members,
      required: ["action"]),
    post("/v1/scrub", "Asks for a pass over the store.", []),
    post("/v1/wait", "Until what a token names is durable at a level.", WaitRequest.members, required: ["token"]),
    post("/v1/query", "Records, a count, or counts with figures.", QueryRequest.members, required: ["entity"]),
    post("/v1/match", "People by name and birth date.", MatchRequest.members, required: ["people"]),
    post(
      "/v1/sql", "One statement of SQLite's dialect, read-only.", SQLRequest.members, required: ["sql"],
      [.json, .lines]),
    get("/v1/export", "Every table of one moment.", [.lines]),
    get(
      "/v1/changes", "Changes from any cursor on, with tombstones and the catalog's version.",
      query: ChangesParameters.names, [.lines, .events]),
    get("/v1/records/{entity}/{key}", "One record by natural key, with its child records."),
    get("/v1/catalog", "Entities."),
    get("/v1/catalog/{entity}", "The items of an entity."),
    get("/v1/codes", "Code tables."),
    get("/v1/codes/{table}", "The codes of a table."),
    APIOperation(
      method: "post", path: "/v1/import/{entity}", summary: "Takes a CSV file; progress and rejects as lines.",
      query: ImportParameters.names, bodyType: "text/csv", answers: [.lines]),
    post(
      "/v1/backup", "Makes a backup below a directory of the daemon's machine.", BackupRequest.members,
      required: ["directory"]),
    get("/v1/domain", "The domains directly below."),
    post(
      "/v1/domain/reclaim", "Gives a domain directly below to another owner.", ReclaimRequest.members,
      required: ["code"]),
    get("/v1/card", "The node's own card."),
    get("/v1/neighbours", "Nodes that packages are exchanged with."),
    post("/v1/neighbours", "Gives the node a neighbour's card.", IntroduceRequest.members, required: ["file", "text"]),
    post("/v1/packages/export", "Makes a package.", ExportRequest.members, [.bytes]),
    APIOperation(
      method: "post", path: "/v1/packages/import", summary: "Takes a package.", query: ["file", "dry_run"],
      bodyType: "application/octet-stream"),
    get("/v1/notices", "What came down and what was sent down."),
    post(
      "/v1/notices", "Sends a notice or a request for a correction down.", NoticeRequest.members, required: ["title"]),
    get("/v1/notices/{id}", "One of them, with its receipts by child."),
    post(
      "/v1/notices/{id}", "Says that it was read, or recalls it.", NoticeActionRequest.members, required: ["action"]),
    get("/v1/handovers", "Records on their way between domains."),
    post(
      "/v1/handovers", "Starts one, or says what it would move.", HandoverRequest.members, required: ["record", "to"]),
    get("/v1/handovers/{id}", "One of them."),
    post(
      "/v1/handovers/{id}/void", "Takes one back while nobody accepted it.", HandoverVoidRequest.members,
      required: ["reason"]),
    post("/v1/reports/forms", "The forms of a year.", ReportRequest.members, required: ["year"]),
    post("/v1/reports/build", "Tables of a year for an organisation.", ReportRequest.members, required: ["year"]),
    post("/v1/reports/check", "The checks of those tables.", ReportRequest.members, required: ["year"]),
    post("/v1/reports/drill", "The records behind a cell or a check.", ReportDrillRequest.members, required: ["year"]),
    post(
      "/v1/session", "Logs in; the answer has the session's token.", LoginRequest.members,
      required: ["user", "password"]),
    get("/v1/session", "Who the caller is and what he may do."),
    post("/v1/session/end", "Logs out.", []),
    post("/v1/session/password", "Changes one's own password.", PasswordRequest.members, required: ["old", "new"]),
    post("/v1/session/totp", "Sets up the second factor, or confirms it.", SecondFactorRequest.members),
    get("/v1/users", "The users of this domain."),
    get("/v1/users/{user}", "One user with his grants."),
    post("/v1/users", "Adds a user.", UserRequest.members, required: ["user"]),
    post("/v1/users/{user}/{action}", "Grants, revokes, locks, unlocks, sets a password.", UserActionRequest.members),
    post("/v1/access/explain", "Why a user may or may not see a record.", ExplainRequest.members, required: ["user"]),
    post("/v1/identity", "At which committee a citizen id is registered.", IdentityRequest.members, required: ["id"]),
    post("/v1/audit", "Entries of the audit log.", AuditRequest.members),
    post("/v1/audit/verify", "Checks the audit chain of this node.", []),
    post("/v1/audit/export", "The chain as a file that others can check.", AuditExportRequest.members, [.bytes]),
  ]
}

/// The whole document.
enum OpenAPI {
  static let text: String = {
    var json = JSONText()
    json.object { json in
      json.member("openapi", string: "3.1.0")
      json.key("info")
      json.object { json in
        json.member("title", string: "Xylem")
        json.member("version", string: Release.version)
        json.member(
          "description",
          string: "A node's HTTP interface, on the Unix socket admin.socket. Errors are RFC 9457 problems.")
      }
      json.key("paths")
      json.object { json in
        var paths: [String] = []
        for operation in APIOperation.all where !paths.contains(operation.path) { paths.append(operation.path) }
        for path in paths {
          json.key(path)
          json.object { json in
            for operation in APIOperation.all where operation.path == path { write(operation, to: &json) }
          }
        }
      }
      json.key("components")
      json.object { json in
        json.key("schemas")
        json.object { json in
          json.key("Problem")
          json.object { json in
            json.member("type", string: "object")
            json.key("required")
            json.array { json in for name in ["type", "title", "status", "code"] { json.string(name) } }
            json.key("properties")
            json.object { json in
              for (name, type) in [
                ("type", "string"), ("title", "string"), ("status", "integer"), ("detail", "string"),
                ("code", "string"),
                ("fields", "object"),
              ] {
                json.key(name)
                json.object { json in json.member("type", string: type) }
              }
            }
          }
        }
      }
    }
    return json.text + "\n"
  }()

  private static func write(_ operation: APIOperation, to json: inout JSONText) {
    json.key(operation.method)
    json.object { json in
      json.member("summary", string: operation.summary)
      writeParameters(operation, to: &json)
      writeBody(operation, to: &json)
      json.key("responses")
      json.object { json in
        json.key("200")
        json.object { json in
          json.member("description", string: "The answer.")
          json.key("content")
          json.object { json in
            for answer in operation.answers {
              json.key(type(answer))
              json.object { _ in }
            }
          }
        }
        json.key("default")
        json.object { json in
          json.member("description", string: "Why not: a stable code, what happened, what to do.")
          json.key("content")
          json.object { json in
            json.key("application/problem+json")
            json.object { json in
              json.key("schema")
              json.object { json in json.member("$ref", string: "#/components/schemas/Problem") }
            }
          }
        }
      }
    }
  }

  private static func writeParameters(_ operation: APIOperation, to json: inout JSONText) {
    let parameters = operation.pathParameters.map { ($0, "path") } + operation.query.map { ($0, "query") }
    guard !parameters.isEmpty else { return }
    json.key("parameters")
    json.array { json in
      for (name, place) in parameters {
        json.object { json in
          json.member("name", string: name)
          json.member("in", string: place)
          json.member("required", bool: place == "path")
          json.key("schema")
          json.object { json in json.member("type", string: "string") }
        }
      }
    }
  }

  private static func writeBody(_ operation: APIOperation, to json: inout JSONText) {
    guard operation.members != nil || operation.bodyType != nil else { return }
    json.key("requestBody")
    json.object { json in
      json.member("required", bool: true)
      json.key("content")
      json.object { json in
        json.key(operation.bodyType ?? "application/json")
        json.object { json in
          guard let members = operation.members else { return }
          json.key("schema")
          json.object { json in
            json.member("type", string: "object")
            json.member("additionalProperties", bool: false)
            json.key("properties")
            json.object { json in
              for member in members {
                json.key(member)
                json.object { _ in }
              }
            }
            guard !operation.required.isEmpty else { return }
            json.key("required")
            json.array { json in for name in operation.required { json.string(name) } }
          }
        }
      }
    }
  }

  private static func type(_ answer: APIOperation.Answer) -> String {
    switch answer {
    case .json: "application/json"
    case .lines: "application/x-ndjson"
    case .text: "text/plain"
    case .bytes: "application/octet-stream"
    case .events: "text/event-stream"
    }
  }
}
