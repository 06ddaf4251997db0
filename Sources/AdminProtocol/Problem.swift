import Foundation
import Messages

/// The body of an HTTP error as a client reads it; ``Messages/Failure/problemJSON()`` writes it.
public struct Problem: Decodable, Sendable {
  public let code: String
  public let detail: String
  public let fields: [String: String]?

  /// The failure it tells of, to be shown in the reader's own language.
  ///
  /// - Returns: `clientVersion`-free: a code this program does not know becomes `clientBadResponse` with the daemon's words.
  public func failure(from address: String) -> Failure {
    guard let known = ErrorCode(rawValue: code) else {
      return Failure(.clientBadResponse, ["address": address, "reason": "\(code): \(detail)"])
    }
    let fields = (fields ?? [:]).sorted { $0.key < $1.key }.map { Failure.Field(name: $0.key, value: $0.value) }
    return Failure(known, fields: fields)
  }
}

/// A failure inside a stream of answers that had already begun with status 200.
public struct EmbeddedProblem: Codable, Hashable, Sendable {
  public let failure: Failure

  public init(_ failure: Failure) { self.failure = failure }

  public init(from decoder: any Decoder) throws {
    failure = try Problem(from: decoder).failure(from: "the daemon")
  }

  private enum CodingKeys: String, CodingKey { case code, detail, retryable, exit, fields }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(failure.code.rawValue, forKey: .code)
    try container.encode(failure.text(.en).what, forKey: .detail)
    try container.encode(failure.isRetryable, forKey: .retryable)
    try container.encode(failure.exitCode, forKey: .exit)
    var fields: [String: String] = [:]
    for field in failure.fields where fields[field.name] == nil { fields[field.name] = field.value }
    try container.encode(fields, forKey: .fields)
  }
}
