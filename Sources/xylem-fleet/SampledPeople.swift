import Foundation
import Primitives
import TabularImport

/// People to ask for when the data's maker names none: some rows of the member files, spread over the nodes.
struct SampledPeople {
  static let count = 37

  /// - Returns: at most ``count`` people with a name and a birth date that can be read.
  static func read(directory: String, network: Network) -> [ExpectedFigures.Person] {
    let files = network.nodes.map { "\(directory)/\($0.code)/member.csv" }
      .filter { FileManager.default.fileExists(atPath: $0) }
    guard !files.isEmpty else { return [] }
    let each = (count + files.count - 1) / files.count
    return Array(files.flatMap { some(each, of: $0) }.prefix(count))
  }

  /// A few rows from the beginning of a file; the file may be of any size.
  private static func some(_ wanted: Int, of path: String) -> [ExpectedFigures.Person] {
    guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: 256 << 10) else {
      return []
    }
    try? handle.close()
    var reader = CSVReader()
    reader.feed(Bytes(data))
    var row = CSVRow()
    guard reader.next(into: &row) else { return [] }
    let header = (0..<row.count).map { row.string($0).trimmingCharacters(in: ["\u{FEFF}", " "]) }
    guard let name = header.firstIndex(where: { $0 == "姓名" || $0 == "name" }),
      let birth = header.firstIndex(where: { $0 == "出生日期" || $0 == "birth_date" })
    else { return [] }
    var people: [ExpectedFigures.Person] = []
    while people.count < wanted, reader.next(into: &row) {
      guard row.fault == nil, row.count == header.count, let date = isoDate(row.string(birth)) else { continue }
      people.append(.init(name: row.string(name), birthDate: date, branchCode: nil))
    }
    return people
  }

  /// `1961/2/14`, `1961-02-14`, `1961.2.14` or `19610214` as `1961-02-14`; nil for anything else.
  private static func isoDate(_ text: String) -> String? {
    var parts = text.split(whereSeparator: { "/-.".contains($0) }).compactMap { Int($0) }
    if parts.count == 1, text.utf8.count == 8 { parts = [parts[0] / 10_000, parts[0] / 100 % 100, parts[0] % 100] }
    guard parts.count == 3 else { return nil }
    let iso = String(format: "%04d-%02d-%02d", parts[0], parts[1], parts[2])
    return CivilDate(iso: iso) == nil ? nil : iso
  }
}
