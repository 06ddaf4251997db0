import Primitives

/// A right given to a user: a role over the subtree of an org, or, for ``Role/member``, over one record.
public struct Grant: Hashable, Sendable {
  /// Its number under the user, from 1.
  public let ordinal: UInt32
  public let role: Role
  /// The org, or the member's own record.
  public let place: RecordID
  /// The last day on which it holds; nil without end.
  public let until: CivilDate?

  /// A grant as it is stored.
  public init(ordinal: UInt32, role: Role, place: RecordID, until: CivilDate?) {
    self.ordinal = ordinal
    self.role = role
    self.place = place
    self.until = until
  }

  /// Whether it holds on a day.
  public func holds(on today: CivilDate) -> Bool {
    until.map { today <= $0 || GateDefect.active == .endedGrantHolds } ?? true
  }
}

/// A person who may log in at the node of the home org. What proves the person (password, second factor) is not here:
/// it never leaves the node.
public struct User: Hashable, Sendable {
  /// Bytes of a user's name at most.
  public static let nameBytesMax = 64

  public let id: RecordID
  /// Unique at the node.
  public let name: Text
  /// As colleagues know the person.
  public let label: Text
  /// The home org.
  public let home: RecordID
  /// Shut out by an administrator until let in again.
  public var isLocked: Bool
  /// By ordinal.
  public var grants: [Grant]

  /// A user as stored.
  public init(id: RecordID, name: Text, label: Text, home: RecordID, isLocked: Bool, grants: [Grant]) {
    self.id = id
    self.name = name
    self.label = label
    self.home = home
    self.isLocked = isLocked
    self.grants = grants
  }

  /// Whether a text may be a user's name: 1…64 bytes of letters, digits and `._-`, beginning with a letter.
  public static func isName(_ text: Text) -> Bool {
    guard let first = text.string.unicodeScalars.first, first.properties.isAlphabetic,
      text.byteCount <= nameBytesMax
    else { return false }
    return text.string.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal || [".", "_", "-"].contains(scalar)
    }
  }

  /// The grants that hold on a day.
  public func grants(on today: CivilDate) -> [Grant] { grants.filter { $0.holds(on: today) } }

  /// Whether some role that holds today needs a second factor.
  public func needsSecondFactor(on today: CivilDate) -> Bool {
    grants(on: today).contains { $0.role.needsSecondFactor }
  }

  /// The role the person has already that stands against `role`; ended grants stand against nothing.
  public func conflict(with role: Role, on today: CivilDate) -> Role? {
    grants(on: today).first { !$0.role.goes(with: role) }?.role
  }
}
