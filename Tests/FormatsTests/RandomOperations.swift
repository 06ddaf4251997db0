import Formats
import Primitives

/// Random operations for laws: every kind of value, gaps, repeated and unique texts, citizen ids with and without
/// errors.
struct RandomOperations {
  var random: SeededRandom

  mutating func value(_ kind: Int) -> Value {
    switch kind {
    case 0: .bool(random.chance(permille: 500))
    case 1: .int(Int64(bitPattern: random.next()) >> Int64(random.below(64)))
    case 2: .decimal(Int64(random.below(1_000_000)) - 500_000)
    case 3: .date(CivilDate(days: Int32(random.below(30_000)) - 10_000))
    case 4: .minute(CivilMinute(minutes: Int64(random.below(1 << 30))))
    case 5: .text(Text(["汉族", "01", "", "宁波市海曙区", "\u{0}x"][random.below(5)]))
    case 6:
      .text(
        Text(
          String((0..<random.below(40)).map { _ in Character(Unicode.Scalar(0x4E00 + UInt32(random.below(3000)))!) })))
    case 7: .text(Text(String(13_000_000_000 + random.below(999_999_999))))
    case 8: .text(Text("33020319\(50 + random.below(40))0" + "1" + "15" + "00\(random.below(10))X"))
    case 9: .reference(RecordID(mint: 0x1_0001 + UInt64(random.below(3)) << 16, counter: UInt64(random.below(100_000))))
    default: .references((0..<random.below(4)).map { _ in RecordID(mint: 0x1_0001, counter: random.next() >> 20) })
    }
  }

  /// Items 1…22, two per kind of value: the kind of an item never changes.
  mutating func fields(permille: Int) -> [Field] {
    var fields: [Field] = []
    for section in [Section.general, .personal, .restricted] {
      for item in 1...22 where (item % 3) == Int(section.rawValue) % 3 && random.chance(permille: permille) {
        fields.append(Field(section, ItemID(UInt16(item == 22 ? 300 : item)), value(item / 2)))
      }
    }
    return fields
  }

  mutating func key(_ counter: Int) -> RecordKey {
    let entity = EntityID(UInt8(1 + random.below(3)))
    return RecordKey(
      entity: entity, record: RecordID(mint: 0x1_0001 + UInt64(random.below(2)) << 16, counter: UInt64(counter)),
      ordinal: entity.value == 3 ? UInt32(1 + random.below(5)) : 0)
  }

  mutating func operation(_ counter: Int) -> Operation {
    let key = key(counter)
    switch random.below(4) {
    case 0: return Operation(key, .delete)
    case 1:
      let changes = fields(permille: 200).map { field in
        switch random.below(3) {
        case 0: FieldChange(field.section, field.item, old: .null, new: field.value)
        case 1: FieldChange(field.section, field.item, old: field.value, new: .null)
        default:
          FieldChange(
            field.section, field.item, old: field.value,
            new: value(Int(field.item.value == 300 ? 22 : field.item.value) / 2))
        }
      }
      return Operation(key, .update(changes))
    default: return Operation(key, .insert(fields(permille: 800)))
    }
  }

  mutating func commits() -> [Commit] {
    var counter = 0
    return (0..<1 + random.below(4)).map { number in
      let operations = (0..<random.below(60)).map { _ in
        counter += 1 + random.below(3)
        return operation(counter)
      }
      return Commit(
        actor: Text("clerk\(random.below(2))"), reason: Text(number == 0 ? "" : "导入"), batch: UInt64(random.below(3)),
        time: HybridTime(milliseconds: 1_127_000_000_000 + UInt64(random.below(1000))), operations: operations)
    }
  }
}
