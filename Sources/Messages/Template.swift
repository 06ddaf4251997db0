/// The pieces of a text with `{name}` fields: literal, name, literal, name, …, literal.
///
/// A brace that opens no field (`{` without `}`, or an empty or odd name) is literal text.
private func pieces(of template: String) -> [(literal: String, field: String?)] {
  var found: [(literal: String, field: String?)] = []
  var literal = ""
  var rest = template[...]
  while let open = rest.firstIndex(of: "{") {
    let afterOpen = rest.index(after: open)
    guard let close = rest[afterOpen...].firstIndex(of: "}") else { break }
    let name = rest[afterOpen..<close]
    let isName = !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    literal += rest[..<open]
    if isName {
      found.append((literal, String(name)))
      literal = ""
      rest = rest[rest.index(after: close)...]
    } else {
      literal += "{"
      rest = rest[afterOpen...]
    }
  }
  found.append((literal + rest, nil))
  return found
}

/// The names of the fields in `templates`, in order of first use.
func fieldNames(_ templates: [String]) -> [String] {
  var names: [String] = []
  for template in templates {
    for case let name? in pieces(of: template).map(\.field) where !names.contains(name) { names.append(name) }
  }
  return names
}

/// `template` with its fields filled in, and whether all of them were known. An unknown one is shown as `…`: a report
/// about a failure never fails itself.
func filled(_ template: String, _ lookup: (String) -> String?) -> (text: String, isComplete: Bool) {
  var text = ""
  var isComplete = true
  for piece in pieces(of: template) {
    text += piece.literal
    guard let name = piece.field else { continue }
    if let value = lookup(name) {
      text += value
    } else {
      text += "…"
      isComplete = false
    }
  }
  return (text, isComplete)
}
