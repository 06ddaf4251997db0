import Foundation
import Messages

/// The one way JSON enters and leaves the interface: ``StrictJSON`` first, then Codable.
public enum AdminJSON {
  /// The UTF-8 text of a value: one line, members sorted by name, so equal values are equal bytes.
  ///
  /// - Throws: `apiInternal` when the value holds a number that JSON has not (infinity); our mistake.
  public static func encode(_ value: some Encodable) throws(Failure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return escapingByteOrderMarks([UInt8](try encoder.encode(value))) } catch {
      throw Failure(.apiInternal, ["reference": "encoding \(type(of: value))"])
    }
  }

  /// Reads a request's body: integers only, no unknown members.
  ///
  /// - Throws: `apiBadJSON`, `apiBodyTooLarge`, `apiBadParameter`.
  public static func decodeRequest<Request: Decodable>(_ type: Request.Type, _ bytes: [UInt8]) throws(Failure) -> Request {
    guard bytes.count <= StrictJSON.Limits.request.bytesMax else {
      throw Failure(.apiBodyTooLarge, ["maximum": "\(StrictJSON.Limits.request.bytesMax)"])
    }
    do { try StrictJSON.check(bytes, numbers: .integers) } catch {
      throw Failure(.apiBadJSON, ["reason": error.reason, "offset": "\(error.offset)"])
    }
    do { return try JSONDecoder().decode(type, from: Data(escapingByteOrderMarks(bytes))) } catch {
      throw requestFailure(error)
    }
  }

  /// Reads an answer of the daemon. Members this program does not know are passed over: a newer daemon may add some.
  ///
  /// - Throws: `clientBadResponse`.
  public static func decodeAnswer<Answer: Decodable>(
    _ type: Answer.Type, _ bytes: [UInt8], from address: String
  ) throws(Failure) -> Answer {
    do { try StrictJSON.check(bytes, numbers: .any, limits: .answer) } catch {
      throw Failure(.clientBadResponse, ["address": address, "reason": "\(error.reason) (byte \(error.offset))"])
    }
    do { return try JSONDecoder().decode(type, from: Data(escapingByteOrderMarks(bytes))) } catch {
      throw Failure(.clientBadResponse, ["address": address, "reason": requestFailure(error).text(.en).what])
    }
  }

  private static func requestFailure(_ error: any Error) -> Failure {
    func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
      let keys = context.codingPath + (last.map { [$0] } ?? [])
      return keys.isEmpty ? "body" : keys.map { key in key.intValue.map { "\($0)" } ?? key.stringValue }.joined(separator: ".")
    }
    switch error {
    case let failure as Failure: return failure
    case DecodingError.keyNotFound(let key, let context):
      return Failure(.apiBadParameter, ["parameter": path(context, key), "expected": "a value"])
    case DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(let type, let context):
      return Failure(.apiBadParameter, ["parameter": path(context), "expected": jsonName(of: type)])
    case DecodingError.dataCorrupted(let context):
      return Failure(.apiBadParameter, ["parameter": path(context), "expected": "a value of its range"])
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
}

/// U+FEFF as an escape: legal inside strings as it is, but Foundation's reader on Linux drops a literal one (measured).
private func escapingByteOrderMarks(_ bytes: [UInt8]) -> [UInt8] {
  guard bytes.contains(0xEF) else { return bytes }
  var escaped: [UInt8] = []
  escaped.reserveCapacity(bytes.count)
  var position = 0
  while position < bytes.count {
    if bytes[position] == 0xEF, position + 2 < bytes.count, bytes[position + 1] == 0xBB, bytes[position + 2] == 0xBF {
      escaped += Array("\\ufeff".utf8)
      position += 3
    } else {
      escaped.append(bytes[position])
      position += 1
    }
  }
  return escaped
}

extension Decoder {
  /// A container of exactly these members: an unknown one is refused, so that a misspelt condition never widens a request.
  func onlyKnown<Key: CodingKey & CaseIterable>(_ type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    let names = try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted()
    let known = Key.allCases.map(\.stringValue)
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw Failure(
        .apiBadParameter,
        ["parameter": unknown, "expected": known.isEmpty ? "no member" : "one of the members \(known.joined(separator: ", "))"])
    }
    return try container(keyedBy: type)
  }
}

private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
