import Foundation
import Messages

extension StrictJSON {
  /// The longest body of a request.
  public static let bytesMax = Limits.request.bytesMax

  /// Reads a request's body: ``check(_:numbers:limits:)`` with integers only, then Codable.
  ///
  /// - Parameter members: the names the outermost object may have; others are refused, so that a typo never widens a
  ///   question.
  /// - Throws: `apiBodyTooLarge`, `apiBadJSON`, `apiBadParameter`; the sender corrects the body.
  public static func decode<Request: Decodable>(
    _ type: Request.Type, _ bytes: [UInt8], members: [String]
  ) throws(Failure) -> Request {
    guard bytes.count <= bytesMax else { throw Failure(.apiBodyTooLarge, ["maximum": "\(bytesMax)"]) }
    do { try check(bytes, numbers: .integers) } catch {
      throw Failure(.apiBadJSON, ["reason": error.reason, "offset": "\(error.offset)"])
    }
    let data = Data(escapingByteOrderMarks(bytes))
    do {
      if let unknown = try JSONDecoder().decode(MemberNames.self, from: data).names.first(where: {
        !members.contains($0)
      }) {
        throw unknownMember(unknown, members)
      }
      return try JSONDecoder().decode(type, from: data)
    } catch { throw failure(of: error) }
  }

  /// Reads an answer of the daemon. Members this program does not know are passed over: a newer daemon may add some.
  ///
  /// - Parameter address: where it came from, for the failure.
  /// - Throws: `clientBadResponse`.
  public static func decodeAnswer<Answer: Decodable>(
    _ type: Answer.Type, _ bytes: [UInt8], from address: String
  ) throws(Failure) -> Answer {
    do { try check(bytes, numbers: .any, limits: .answer) } catch {
      throw Failure(.clientBadResponse, ["address": address, "reason": "\(error.reason) (byte \(error.offset))"])
    }
    do { return try JSONDecoder().decode(type, from: Data(escapingByteOrderMarks(bytes))) } catch {
      throw Failure(.clientBadResponse, ["address": address, "reason": failure(of: error).text(.en).what])
    }
  }

  /// One line of UTF-8 with sorted members: equal values are equal bytes.
  ///
  /// - Throws: `apiInternal` for a number that JSON has not (infinity): our mistake.
  public static func encode(_ value: some Encodable) throws(Failure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return escapingByteOrderMarks([UInt8](try encoder.encode(value))) } catch {
      throw Failure(.apiInternal, ["reference": "encoding \(type(of: value))"])
    }
  }

  private static func failure(of error: any Error) -> Failure {
    func path(_ context: DecodingError.Context, _ last: [any CodingKey] = []) -> String {
      let keys = context.codingPath + last
      return keys.isEmpty
        ? "body" : keys.map { key in key.intValue.map { "\($0)" } ?? key.stringValue }.joined(separator: ".")
    }
    func misfit(_ parameter: String, _ expected: String) -> Failure {
      Failure(.apiBadParameter, ["parameter": parameter, "expected": expected])
    }
    switch error {
    case let failure as Failure: return failure
    case DecodingError.keyNotFound(let key, let context): return misfit(path(context, [key]), "a value")
    case DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(let type, let context):
      return misfit(path(context), jsonName(of: type))
    case DecodingError.dataCorrupted(let context): return misfit(path(context), "a value of its range")
    default: return Failure(.apiBadJSON, ["reason": "it cannot be decoded"])
    }
  }

  private static func jsonName(of type: Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Bool.Type: "true or false"
    case is any FixedWidthInteger.Type: "an integer"
    case is Double.Type: "a number"
    case is [Any].Type: "an array"
    default: "an object"
    }
  }

  fileprivate static func unknownMember(_ name: String, _ members: [String]) -> Failure {
    let known = members.isEmpty ? "no member" : "one of the members \(members.joined(separator: ", "))"
    return Failure(.apiBadParameter, ["parameter": name, "expected": known])
  }

  /// U+FEFF as an escape: legal inside strings as it is, but Foundation's reader on Linux drops a literal one
  /// (measured).
  private static func escapingByteOrderMarks(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(0xEF) else { return bytes }
    var escaped: [UInt8] = []
    escaped.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      if bytes[position...].starts(with: [0xEF, 0xBB, 0xBF]) {
        escaped += Array("\\ufeff".utf8)
        position += 3
      } else {
        escaped.append(bytes[position])
        position += 1
      }
    }
    return escaped
  }
}

/// The names of an object's members, sorted.
private struct MemberNames: Decodable {
  let names: [String]
  init(from decoder: any Decoder) throws {
    names = try decoder.container(keyedBy: AnyName.self).allKeys.map(\.stringValue).sorted()
  }
}

extension Decoder {
  /// Refuses a nested object with a member that is not in `members`.
  func refuseUnknownMembers(_ members: [String]) throws {
    let names = try MemberNames(from: self).names
    if let unknown = names.first(where: { !members.contains($0) }) { throw StrictJSON.unknownMember(unknown, members) }
  }
}

private struct AnyName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
