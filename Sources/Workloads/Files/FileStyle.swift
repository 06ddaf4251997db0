/// How the files of one node are written: clerks' programs differ.
public struct FileStyle: Hashable, Sendable {
  /// How characters become bytes.
  public enum Encoding: Hashable, Sendable {
    case utf8
    /// UTF-8 after a byte order mark.
    case utf8WithMark
    /// Two bytes a Chinese character; no character outside that plane occurs.
    case gb18030
  }

  public let encoding: Encoding
  /// Whether rows end in CR LF instead of LF. Line breaks inside a quoted cell are LF in both.
  public let endsInCarriageReturn: Bool
  public let dates: DateStyle

  /// The style of the node at this position: eight styles in turn.
  public static func ofNode(_ position: Int) -> FileStyle { styles[position % styles.count] }

  private static let styles = [
    FileStyle(encoding: .utf8, endsInCarriageReturn: false, dates: .dashes),
    FileStyle(encoding: .utf8, endsInCarriageReturn: true, dates: .dashes),
    FileStyle(encoding: .utf8WithMark, endsInCarriageReturn: true, dates: .slashes),
    FileStyle(encoding: .utf8, endsInCarriageReturn: false, dates: .dots),
    FileStyle(encoding: .gb18030, endsInCarriageReturn: true, dates: .dashes),
    FileStyle(encoding: .utf8, endsInCarriageReturn: false, dates: .dashes),
    FileStyle(encoding: .utf8, endsInCarriageReturn: false, dates: .slashes),
    FileStyle(encoding: .gb18030, endsInCarriageReturn: false, dates: .dots),
  ]
}
