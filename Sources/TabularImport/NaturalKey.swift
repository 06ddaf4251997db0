import Catalog
import Primitives

/// What makes a row's record the record it is: the first of the entity's keys whose items are all there, and the
/// parent.
struct NaturalKey {
  let fingerprint: (UInt64, UInt64)
  private let number: Int

  /// Nil when no key is complete: the store will say so.
  init?(_ entity: Entity, _ outcome: RowMapper.Outcome) {
    for (number, items) in entity.naturalKeys.enumerated() {
      var print = Fingerprint()
      print.mix(UInt64(number))
      if let parent = outcome.parent { print.add(parent.string.utf8) }
      guard items.allSatisfy({ NaturalKey.add($0, outcome, &print) }) else { continue }
      fingerprint = print.value
      self.number = number
      return
    }
    return nil
  }

  /// Labels of the key's items: `届次、序号`.
  func label(_ entity: Entity) -> String {
    entity.naturalKeys[number].compactMap { entity.item($0)?.label.zh }.joined(separator: "、")
  }

  /// False when the item is empty.
  private static func add(_ item: ItemID, _ outcome: RowMapper.Outcome, _ print: inout Fingerprint) -> Bool {
    switch outcome.values[Int(item.value) - 1] {
    case .null, .reference, .references:
      guard let labels = outcome.references.first(where: { $0.item == item })?.labels else { return false }
      for label in labels { print.add(label.string.utf8) }
    case .bool(let flag): print.mix(flag ? 1 : 0)
    case .int(let number), .decimal(let number): print.mix(UInt64(bitPattern: number))
    case .date(let date): print.mix(UInt64(bitPattern: Int64(date.days)))
    case .minute(let minute): print.mix(UInt64(bitPattern: minute.minutes))
    case .text(let text): print.add(text.string.utf8)
    }
    return true
  }
}
