/// A minute of the calendar: minutes since 1970-01-01T00:00 in UTC+8. Meetings are recorded to the minute.
public struct CivilMinute: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let minutes: Int64

  public init(minutes: Int64) { self.minutes = minutes }

  /// `minute` of the day, counted from midnight, on `date`.
  public init(_ date: CivilDate, minute: Int) { minutes = Int64(date.days) * 1440 + Int64(minute) }

  public static func < (left: CivilMinute, right: CivilMinute) -> Bool { left.minutes < right.minutes }

  public var date: CivilDate {
    let day = minutes >= 0 ? minutes / 1440 : (minutes - 1439) / 1440
    return CivilDate(days: Int32(clamping: day))
  }

  /// Minutes since midnight, 0…1439.
  public var minuteOfDay: Int { Int(minutes - Int64(date.days) * 1440) }

  /// `YYYY-MM-DD HH:MM`.
  public var description: String { "\(date) \(padded(minuteOfDay / 60, 2)):\(padded(minuteOfDay % 60, 2))" }

  /// Reads exactly `YYYY-MM-DD HH:MM`; nil for anything else.
  public init?(iso text: some StringProtocol) {
    let utf8 = Array(text.utf8)
    guard utf8.count == 16, utf8[10] == 0x20, utf8[13] == 0x3A,
      let date = CivilDate(iso: String(decoding: utf8[0..<10], as: UTF8.self))
    else { return nil }
    let digits = [utf8[11], utf8[12], utf8[14], utf8[15]]
    guard digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    let hour = Int(digits[0] - 0x30) * 10 + Int(digits[1] - 0x30)
    let minute = Int(digits[2] - 0x30) * 10 + Int(digits[3] - 0x30)
    guard hour < 24, minute < 60 else { return nil }
    self.init(date, minute: hour * 60 + minute)
  }
}
