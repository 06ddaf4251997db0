import Catalog
import Primitives
import Workloads

/// One row as the catalog's rules see it.
struct RecordTwin: FieldSource {
  private var values: [Value]
  /// Cells that could not be read as their item's type.
  private(set) var unreadable: [String] = []

  /// - Parameter columns: item names in the order of the cells; `parent` is not part of the record.
  init(_ cells: [String], columns: [String], entity: Entity, dates: DateStyle) {
    values = [Value](repeating: .null, count: entity.items.count)
    for (name, cell) in zip(columns, cells) where name != "parent" && !cell.isEmpty {
      guard let item = entity.item(named: name), let value = RecordTwin.read(cell, item.type, dates) else {
        unreadable.append("\(name)=\(cell.prefix(40))")
        continue
      }
      values[Int(item.id.value) - 1] = value
    }
  }

  func value(_ item: ItemID) -> Value { values[Int(item.value) - 1] }

  static func read(_ cell: String, _ type: ItemType, _ dates: DateStyle) -> Value? {
    switch type {
    case .text, .code: return .text(Text(cell))
    case .date: return date(cell, dates).map(Value.date)
    case .minute: return CivilMinute(iso: cell).map(Value.minute)
    case .int: return Int64(cell).map(Value.int)
    case .bool: return cell == "是" ? .bool(true) : cell == "否" ? .bool(false) : nil
    case .decimal(let scale):
      let parts = cell.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1].count == Int(scale), let number = Int64(parts[0] + parts[1]) else { return nil }
      return .decimal(number)
    case .reference: return .reference(record(cell))
    case .references: return .references(cell.split(separator: "|").map { record(String($0)) })
    }
  }

  static func date(_ cell: String, _ style: DateStyle) -> CivilDate? {
    let mark: Character = style == .dashes ? "-" : style == .dots ? "." : "/"
    let parts = cell.split(separator: mark).compactMap { Int($0) }
    return parts.count == 3 ? CivilDate(year: parts[0], month: parts[1], day: parts[2]) : nil
  }

  /// Some record: rules about one record ask only whether two references are equal.
  private static func record(_ key: String) -> RecordID {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    return RecordID(mint: 1 << 16 | 1, counter: hash)
  }
}
