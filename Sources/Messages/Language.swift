/// The two languages every message exists in.
public enum Language: String, CaseIterable, Sendable {
  /// Chinese as written on the mainland.
  case zh
  case en

  /// The language a user asked for: `XYLEM_LANG`, else what POSIX says messages follow (`LC_ALL`, `LC_MESSAGES`,
  /// `LANG`).
  ///
  /// The first of them that is set and not empty decides: `zh…` is Chinese, anything else (also `C`) English. A value
  /// of `XYLEM_LANG` that is neither `zh…` nor `en…` is passed over, so that a misspelling does not silence `LANG`.
  ///
  /// - Parameter environment: looks a variable up; nil when it is not set.
  public init(environment: (String) -> String?) {
    if let asked = environment("XYLEM_LANG")?.lowercased() {
      if asked.hasPrefix("zh") {
        self = .zh
        return
      }
      if asked.hasPrefix("en") {
        self = .en
        return
      }
    }
    for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
      guard let value = environment(name), !value.isEmpty else { continue }
      self = value.lowercased().hasPrefix("zh") ? .zh : .en
      return
    }
    self = .en
  }
}
