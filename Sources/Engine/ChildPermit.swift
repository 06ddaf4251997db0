import Formats
import Primitives

/// A child that may link: by the code of its root org, and where the operator wrote it down, only with its key.
///
/// Without a key the first node that says the code is believed, and from then on the assignment holds its key.
public struct ChildPermit: Hashable, Sendable {
  public let rootOrgCode: Text
  public let key: PublicKey?

  public init(rootOrgCode: Text, key: PublicKey? = nil) {
    self.rootOrgCode = rootOrgCode
    self.key = key
  }

  /// Reads `CODE` or `CODE=KEY`, the key as 64 hexadecimal digits; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let code = parts.first, !code.isEmpty else { return nil }
    rootOrgCode = Text(String(code))
    if parts.count == 1 {
      key = nil
    } else {
      guard let bytes = Bytes(hex: parts[1]), let key = PublicKey(exactly: bytes) else { return nil }
      self.key = key
    }
  }
}
