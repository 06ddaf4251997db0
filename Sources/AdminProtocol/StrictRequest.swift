import Foundation
import Messages

extension StrictJSON {
  /// Checks a request's bytes and decodes them: one parser's view of them, since nothing is in them that two could see
  /// differently.
  ///
  /// - Parameter members: what the top object may have; a typo must not widen a question.
  /// - Throws: `XYL-API-0004` for too many bytes, `XYL-API-0005` with the offset of the first fault.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, _ bytes: [UInt8], members: [String]
  ) throws(Failure) -> Value {
    guard bytes.count <= Limits.request.bytesMax else {
      throw Failure(.apiBodyTooLarge, ["maximum": "\(Limits.request.bytesMax)"])
    }
    do throws(Fault) { try check(bytes, numbers: .integers, limits: .request) } catch {
      throw Failure(.apiBadJSON, ["offset": "\(error.offset)", "reason": error.reason])
    }
    guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      throw Failure(.apiBadJSON, ["offset": "0", "reason": "not an object"])
    }
    if let unknown = object.keys.sorted().first(where: { !members.contains($0) }) {
      throw Failure(.apiBadJSON, ["offset": "0", "reason": "unknown member “\(unknown)”"])
    }
    do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
      throw Failure(.apiBadJSON, ["offset": "0", "reason": "a member is missing or has another type"])
    }
  }
}
