/// A calendar day: days since 1970-01-01 in UTC+8, from 0001-01-01 to 9999-12-31.
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let days: Int32

  public init(days: Int32) { self.days = days }

  /// The day `year`-`month`-`day`, or nil when the calendar has no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= CivilDate.daysIn(month: month, year: year)
    else { return nil }
    days = CivilDate.daysFromCivil(year, month, day)
  }

  public static func < (left: CivilDate, right: CivilDate) -> Bool { left.days < right.days }

  /// Year, month and day of the proleptic Gregorian calendar.
  public var components: (year: Int, month: Int, day: Int) {
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    let shifted = Int(days) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// The same day `months` later; a day that the month lacks becomes the month's last (31 January + 1 month = 28
  /// February).
  public func adding(months: Int) -> CivilDate {
    let (year, month, day) = components
    let index = year * 12 + month - 1 + months
    let newYear = Swift.min(Swift.max(index.floorDivided(by: 12), 1), 9999)
    let newMonth = index - index.floorDivided(by: 12) * 12 + 1
    let newDay = Swift.min(day, CivilDate.daysIn(month: newMonth, year: newYear))
    return CivilDate(days: CivilDate.daysFromCivil(newYear, newMonth, newDay))
  }

  /// The same day `years` later; 29 February becomes 28 February in a common year.
  public func adding(years: Int) -> CivilDate { adding(months: years * 12) }

  public func adding(days count: Int) -> CivilDate {
    CivilDate(days: Int32(clamping: Int(days) + count))
  }

  /// Whole years from this day to `later`: the age on that day of someone born on this one.
  public func fullYears(to later: CivilDate) -> Int {
    let (fromYear, fromMonth, fromDay) = components
    let (toYear, toMonth, toDay) = later.components
    let years = toYear - fromYear
    return (toMonth, toDay) < (fromMonth, fromDay) ? years - 1 : years
  }

  /// `YYYY-MM-DD`.
  public var description: String {
    let (year, month, day) = components
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// Reads exactly `YYYY-MM-DD`; nil for anything else and for days the calendar lacks.
  public init?(iso text: some StringProtocol) {
    let utf8 = Array(text.utf8)
    guard utf8.count == 10, utf8[4] == 0x2D, utf8[7] == 0x2D else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in utf8[range] {
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// How many days `month` of `year` has.
  public static func daysIn(month: Int, year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  private static func daysFromCivil(_ year: Int, _ month: Int, _ day: Int) -> Int32 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int32(era * 146_097 + dayOfEra - 719_468)
  }
}

/// `value` in decimal with leading zeros up to `width` digits.
func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
}

extension Int {
  /// Division that rounds towards minus infinity, for a positive divisor.
  func floorDivided(by divisor: Int) -> Int {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
