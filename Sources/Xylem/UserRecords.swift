import Access
import Engine
import Formats
import Ports
import Primitives

/// Users and grants as rows of the home domain: the engine's entities 205 and 206. They flow up in ordinary frames with
/// everything else, signed by the node that made them.
enum UserRecords {
  /// A user: name, label, home org, whether locked.
  static let user = EntityID(205)
  /// A grant, a child record of its user: role, place, last day, who gave it, why.
  static let grant = EntityID(206)

  private static let nameItem = ItemID(1)
  private static let labelItem = ItemID(2)
  private static let homeItem = ItemID(3)
  static let lockedItem = ItemID(4)

  private static let roleItem = ItemID(1)
  private static let placeItem = ItemID(2)
  private static let untilItem = ItemID(3)
  private static let byItem = ItemID(4)
  private static let reasonItem = ItemID(5)

  static func key(_ user: RecordID) -> RecordKey { RecordKey(entity: Self.user, record: user) }

  static func key(_ user: RecordID, grant: UInt32) -> RecordKey {
    RecordKey(entity: Self.grant, record: user, ordinal: grant)
  }

  static func insertion(_ user: User) -> Formats.Operation {
    Formats.Operation(
      key(user.id),
      .insert([
        Field(.general, nameItem, .text(user.name)), Field(.general, labelItem, .text(user.label)),
        Field(.general, homeItem, .reference(user.home)), Field(.general, lockedItem, .bool(user.isLocked)),
      ]))
  }

  static func insertion(_ grant: Grant, of user: RecordID, by: Text, reason: Text) -> Formats.Operation {
    var fields = [
      Field(.general, roleItem, .text(Text(grant.role.rawValue))), Field(.general, placeItem, .reference(grant.place)),
    ]
    if let until = grant.until { fields.append(Field(.general, untilItem, .date(until))) }
    fields.append(Field(.general, byItem, .text(by)))
    if !reason.isEmpty { fields.append(Field(.general, reasonItem, .text(reason))) }
    return Formats.Operation(key(user, grant: grant.ordinal), .insert(fields))
  }

  static func change(locked: Bool, of user: RecordID) -> Formats.Operation {
    Formats.Operation(
      key(user), .update([FieldChange(.general, lockedItem, old: .bool(!locked), new: .bool(locked))]))
  }

  /// Every user of a domain with the grants, by name.
  ///
  /// - Parameter reader: of a moment whose rows are complete.
  static func read(_ reader: any StoreReader, _ partition: PartitionID) throws -> [User] {
    var users: [RecordID: User] = [:]
    for (key, row) in try rows(reader, partition, user) {
      guard case .text(let name) = row.value(nameItem), case .reference(let home) = row.value(homeItem) else {
        throw StoreError.corrupt("user \(key.record)")
      }
      var label: Text = name
      if case .text(let text) = row.value(labelItem) { label = text }
      users[key.record] = User(
        id: key.record, name: name, label: label, home: home, isLocked: row.value(lockedItem) == .bool(true), grants: []
      )
    }
    for (key, row) in try rows(reader, partition, grant) {
      // A role that a newer version knows gives nothing here.
      guard case .text(let role) = row.value(roleItem), let known = Role(rawValue: role.string),
        case .reference(let place) = row.value(placeItem)
      else { continue }
      var until: CivilDate?
      if case .date(let date) = row.value(untilItem) { until = date }
      users[key.record]?.grants.append(Grant(ordinal: key.ordinal, role: known, place: place, until: until))
    }
    return users.values.sorted { $0.name < $1.name }
  }

  private static func rows(
    _ reader: any StoreReader, _ partition: PartitionID, _ entity: EntityID
  ) throws -> [(key: RecordKey, row: RowView)] {
    var found: [(RecordKey, RowView)] = []
    let hashing = Hashing()
    let from = Keys.entity(partition, entity)
    var isDamaged = false
    try reader.scan(.rows, from: from, to: from.prefixEnd()) { key, value in
      guard let (_, recordKey) = Keys.parseRow(key), Row.isIntact(key: key, value: value, with: hashing),
        let row = try? RowView(Bytes(value))
      else {
        isDamaged = true
        return false
      }
      found.append((recordKey, row))
      return true
    }
    if isDamaged { throw StoreError.corrupt("a user's row") }
    return found
  }
}

/// What proves a user, as it lies sealed in the node's own keys.
///
///     version u8 = 1 · flags u8 · failures u8 · locked until u64 · last step u64 · password · secret block
struct UserSecret {
  var password: PasswordHash
  /// Somebody else chose the password.
  var mustChange: Bool
  /// The authenticator's secret; empty without one.
  var codeSecret: Bytes = []
  /// Whether a code of it was given once: until then it counts for nothing.
  var isCodeConfirmed = false
  /// Step of the last code taken.
  var lastStep: UInt64 = 0
  var login = LoginState()

  init(password: PasswordHash, mustChange: Bool) {
    self.password = password
    self.mustChange = mustChange
  }

  var encoded: Bytes {
    var writer = ByteWriter(capacity: 128)
    writer.u8(1)
    writer.u8((mustChange ? 1 : 0) | (isCodeConfirmed ? 2 : 0))
    writer.u8(login.failures)
    writer.u64(login.lockedUntil)
    writer.u64(lastStep)
    password.write(to: &writer)
    writer.block(codeSecret)
    return writer.bytes
  }

  init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u8() == 1 else { throw MalformedBytes("a user's secret", at: 0) }
    let flags = try reader.u8()
    mustChange = flags & 1 != 0
    isCodeConfirmed = flags & 2 != 0
    let failures = try reader.u8()
    login = LoginState(failures: failures, lockedUntil: try reader.u64())
    lastStep = try reader.u64()
    password = try PasswordHash(&reader)
    codeSecret = try reader.block()
    try reader.finish()
  }
}
