/// Why an expression is refused, and where: shown to whoever wrote it, in a rule, a filter, an alert or a report cell.
public struct ExpressionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// UTF-8 offset into the source of the first byte that is at fault.
  public let offset: Int
  /// What is wrong and what to write instead.
  public let message: Label

  /// - Parameter offset: UTF-8 offset into the source; 0 when the whole is at fault.
  public init(at offset: Int, zh: String, en: String) {
    self.offset = offset
    message = Label(zh: zh, en: en)
  }

  /// `at 12: …` in English, for logs. Holds names of items and functions, never values of records.
  public var description: String { "at \(offset): \(message.en)" }
}

/// What one expression may cost; hostile sources are refused before they cost more.
public struct ExpressionLimits: Sendable {
  /// UTF-8 bytes of source text.
  public var sourceBytes: Int
  /// Values and ranges in one `in {…}`.
  public var listValues: Int

  /// - Requires: both positive.
  public init(sourceBytes: Int, listValues: Int) {
    self.sourceBytes = sourceBytes
    self.listValues = listValues
  }

  /// 16 KiB of source, 10,000 list values: for what people type. A program that generates long lists passes a larger
  /// source.
  public static let standard = ExpressionLimits(sourceBytes: 16 << 10, listValues: 10_000)

  /// Levels of nesting, in the parser and in the tree that is evaluated. Parser, checker and evaluator recurse once a
  /// level or a few times, so 64 levels need some tens of kilobytes of stack on any thread.
  public static let depth = 64
  /// Local derivations that refer to local derivations; each level multiplies the depth above by one more.
  static let derivationDepth = 4
  /// Relations in one path: `member.org.org_name` has two.
  static let pathSteps = 4
  /// Bytes of the text that `contains` looks for; keeps the search linear in the text for a fixed pattern.
  static let patternBytes = 200
}
