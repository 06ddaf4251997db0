/// The text that RocksDB wrote about the options it really uses.
///
/// 7.8.3 accepts some option objects and ignores them, so what was asked is compared with what this file says.
struct OptionsFile {
  /// One `key=value` line with the section it stands in.
  struct Entry: Hashable {
    let section: String
    let key: String
    let value: String
  }

  private var values: [String: String] = [:]

  init(text: String) {
    var section = ""
    for line in text.split(separator: "\n") {
      let trimmed = line.drop { $0 == " " || $0 == "\t" }
      if trimmed.hasPrefix("[") {
        section = String(trimmed.dropFirst().prefix { $0 != "]" })
      } else if !trimmed.hasPrefix("#"), let equals = trimmed.firstIndex(of: "=") {
        let key = String(trimmed[..<equals])
        values["\(section)\u{0}\(key)"] = String(trimmed[trimmed.index(after: equals)...])
      }
    }
  }

  func value(_ key: String, in section: String) -> String? { values["\(section)\u{0}\(key)"] }

  /// The settings that are not in force, each as one readable line; empty when all are.
  func differences(database: DatabaseOptions, families: [FamilyOptions]) -> [String] {
    var wanted = database.settings.map { Entry(section: "DBOptions", key: $0.key, value: $0.value) }
    for family in families {
      wanted += family.settings.map { Entry(section: "CFOptions \"\(family.name)\"", key: $0.key, value: $0.value) }
      let table = "TableOptions/BlockBasedTable \"\(family.name)\""
      wanted += family.tableSettings.map { Entry(section: table, key: $0.key, value: $0.value) }
    }
    return wanted.compactMap { entry in
      let found = value(entry.key, in: entry.section)
      return found == entry.value
        ? nil : "[\(entry.section)] \(entry.key): asked \(entry.value), in force \(found ?? "nothing")"
    }
  }
}
