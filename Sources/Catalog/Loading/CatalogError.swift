/// Why a catalog text is refused, and where: for whoever edits the catalog.
public struct CatalogError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The part of the text, by the name it was given.
  public let part: String
  /// Line and column (in UTF-8 bytes) from 1; both 0 when the catalog came as bytes.
  public let line: Int
  public let column: Int
  /// What is wrong.
  public let message: String

  init(_ message: String, at position: CatalogPosition) {
    part = position.part
    line = position.line
    column = position.column
    self.message = message
  }

  public var description: String { "\(part):\(line):\(column): \(message)" }
}

/// Where something stands in a catalog text.
struct CatalogPosition {
  var part = "catalog"
  var line = 0
  var column = 0

  /// The position after these bytes, which begin here.
  func advanced(over bytes: some Sequence<UInt8>) -> CatalogPosition {
    var position = self
    for byte in bytes {
      position.column += 1
      if byte == 0x0A { (position.line, position.column) = (position.line + 1, 1) }
    }
    return position
  }
}

/// A word or an expression of a catalog text and where it stands.
struct Located {
  let text: String
  let position: CatalogPosition

  func error(_ message: String) -> CatalogError { CatalogError(message, at: position) }

  /// The error of the expression that this is, at its own line and column.
  func error(_ error: ExpressionError) -> CatalogError {
    let isFromText = position.line > 0
    return CatalogError(
      error.message.en, at: isFromText ? position.advanced(over: text.utf8.prefix(error.offset)) : position)
  }
}
