import Primitives

/// Why a cell is no date.
enum DateFault: Error, Hashable {
  /// In none of the forms.
  case form
  /// Year and month only.
  case noDay
  /// Written with a year of two digits.
  case shortYear
  /// The calendar has no such day.
  case noSuchDay
  /// A bare number, as a spreadsheet stores days.
  case serial
  /// The time of day.
  case time
}

/// Dates as clerks write them. One day must be meant without a doubt; a form that leaves a part out is refused, not
/// filled up.
enum CellDates {
  /// `2005-09-01`, `2005-9-1`, `2005.9.1`, `2005/09/01`, `20050901`, `2005年9月1日`.
  static func date(_ cell: CellBytes) -> Result<CivilDate, DateFault> {
    if let number = cell.digits(atMost: 8) {
      guard cell.count == 8 else { return .failure(lone(cell, nil, cell.count)) }
      return day(number / 10_000, number / 100 % 100, number % 100)
    }
    var numbers: (Int, Int, Int) = (0, 0, 0)
    var count = 0
    var from = cell.startIndex
    var mark: Mark?
    var index = cell.startIndex
    while index <= cell.endIndex {
      let found = index == cell.endIndex ? nil : Mark(cell, index)
      if index < cell.endIndex && found == nil {
        index += 1
        continue
      }
      guard let number = cell[from..<index].digits(atMost: 4), count < 3 else { return .failure(.form) }
      if count == 0 && index - from != 4 { return .failure(lone(cell, found, index - from)) }
      if count > 0 && index - from > 2 { return .failure(.form) }
      switch count {
      case 0: numbers.0 = number
      case 1: numbers.1 = number
      default: numbers.2 = number
      }
      count += 1
      guard let found else { break }
      // 年 is followed by 月, that by 日, and 日 by nothing; other marks stay the same.
      switch (mark, found) {
      case (nil, .dash), (nil, .dot), (nil, .slash), (nil, .year), (.year, .month), (.month, .day): break
      case (let before?, let now) where before == now && count == 2: break
      default: return .failure(.form)
      }
      mark = found
      index += found.length
      from = index
      if found == .day || found == .month && index == cell.endIndex {
        if index < cell.endIndex { return .failure(.form) }
        break
      }
    }
    switch (count, mark) {
    case (3, .day), (3, .dash), (3, .dot), (3, .slash): return day(numbers.0, numbers.1, numbers.2)
    case (2, _): return .failure(.noDay)
    default: return .failure(.form)
    }
  }

  /// A date, a blank or `T`, and `14:30`; seconds only when they are `:00`.
  static func minute(_ cell: CellBytes) -> Result<CivilMinute, DateFault> {
    let gap = cell.firstIndex { $0 == 0x20 || $0 == 0x54 } ?? cell.endIndex
    let date: CivilDate
    switch CellDates.date(cell[..<gap]) {
    case .success(let found): date = found
    case .failure(let fault): return .failure(fault)
    }
    let parts = cell[gap...].dropFirst().trimmed.split(separator: 0x3A, omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3 && parts[2].elementsEqual([0x30, 0x30]), parts[1].count == 2,
      let hour = parts[0].digits(atMost: 2), let minute = parts[1].digits(atMost: 2), hour < 24, minute < 60
    else { return .failure(.time) }
    return .success(CivilMinute(date, minute: hour * 60 + minute))
  }

  private static func day(_ year: Int, _ month: Int, _ day: Int) -> Result<CivilDate, DateFault> {
    CivilDate(year: year, month: month, day: day).map { .success($0) } ?? .failure(.noSuchDay)
  }

  /// What a first number that is no year of four digits means.
  private static func lone(_ cell: CellBytes, _ mark: Mark?, _ digits: Int) -> DateFault {
    if mark != nil { return digits == 2 ? .shortYear : .form }
    return cell.count == 5 ? .serial : cell.count == 4 || cell.count == 6 ? .noDay : .form
  }

  private enum Mark {
    case dash, dot, slash, year, month, day

    /// The mark that begins at `index`, or nil.
    init?(_ cell: CellBytes, _ index: Int) {
      switch cell[index] {
      case 0x2D: self = .dash
      case 0x2E: self = .dot
      case 0x2F: self = .slash
      case 0xE5 where Mark.follows(cell, index, 0xB9, 0xB4): self = .year
      case 0xE6 where Mark.follows(cell, index, 0x9C, 0x88): self = .month
      case 0xE6 where Mark.follows(cell, index, 0x97, 0xA5): self = .day
      default: return nil
      }
    }

    private static func follows(_ cell: CellBytes, _ index: Int, _ second: UInt8, _ third: UInt8) -> Bool {
      index + 2 < cell.endIndex && cell[index + 1] == second && cell[index + 2] == third
    }

    var length: Int {
      switch self {
      case .dash, .dot, .slash: 1
      case .year, .month, .day: 3
      }
    }
  }
}
