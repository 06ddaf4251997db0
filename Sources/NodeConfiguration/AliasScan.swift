/// Finds what could be a YAML alias, before YAML is parsed.
///
/// It may find too much (a word that begins with `*` in quotes), never too little: outside comments every `*` that
/// could begin a token counts. A `#` begins a comment if it stands first in its line or behind a blank, unless a
/// quoted text that began in an earlier line goes on there; such a text must end before a token can begin, so a
/// quotation mark must stand between, and behind one comments count too.
enum AliasScan {
  static func firstAlias(in text: String) -> (line: Int, column: Int)? {
    var line = 1
    var column = 0
    var previous: Unicode.Scalar = " "
    var hasQuote = false
    var isComment = false
    let scalars = text.unicodeScalars
    var index = scalars.startIndex
    while index < scalars.endIndex {
      let scalar = scalars[index]
      index = scalars.index(after: index)
      column += 1
      switch scalar {
      // All that ends a line for libYAML.
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
        let isPair = scalar == "\r" && index < scalars.endIndex && scalars[index] == "\n"
        if !isPair { line += 1 }
        (column, previous, hasQuote, isComment) = (0, " ", false, false)
        continue
      case "\"", "'": hasQuote = true
      case "#": if previous == " " || previous == "\t" { isComment = true }
      case "*":
        let isNamed = index < scalars.endIndex && !isBlank(scalars[index])
        if isNamed, canPrecedeToken(previous), !isComment || hasQuote { return (line, column) }
      default: break
      }
      previous = scalar
    }
    return nil
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    [" ", "\t", "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
  }

  private static func canPrecedeToken(_ scalar: Unicode.Scalar) -> Bool {
    [" ", "\t", "[", "]", "{", "}", ",", ":", "-", "?", "!", "\"", "'", "\u{FEFF}"].contains(scalar)
  }
}
