import Foundation
import Primitives

/// What an authority issued and called back: a text file, one event a line, only ever appended to.
///
///     xylem authority 1
///     network: ningbo
///     issued SERIAL NODE START END LABEL
///     revoked SERIAL TIME REASON
///
/// Times are seconds since 1970; an authority below has `-` for its node.
struct IssuedIndex {
  static let firstLine = "xylem authority 1"

  let network: String
  private(set) var certificates: [IssuedCertificate] = []

  /// - Throws: `.unusable` with the line that cannot be read.
  init(_ text: String, file: String) throws(FileProblem) {
    let lines = text.split(separator: "\n").map(String.init)
    guard lines.count >= 2, lines[0] == IssuedIndex.firstLine, lines[1].hasPrefix("network: ") else {
      throw FileProblem(file, .unusable("it is no list of issued certificates"))
    }
    network = String(lines[1].dropFirst(9))
    for (number, line) in lines.enumerated().dropFirst(2) {
      guard read(line) else { throw FileProblem(file, .unusable("line \(number + 1) cannot be read")) }
    }
  }

  private mutating func read(_ line: String) -> Bool {
    if line.hasPrefix("issued ") {
      let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
      guard words.count == 6, let start = Int64(words[3]), let end = Int64(words[4]) else { return false }
      certificates.append(
        IssuedCertificate(
          serial: String(words[1]), node: UInt64(words[2], radix: 16).flatMap { NodeID(exactly: $0) },
          label: String(words[5]), start: Date(timeIntervalSince1970: TimeInterval(start)),
          end: Date(timeIntervalSince1970: TimeInterval(end))))
      return true
    }
    let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    guard words.count == 4, words[0] == "revoked", let time = Int64(words[2]),
      let place = certificates.firstIndex(where: { $0.serial == words[1] })
    else { return false }
    certificates[place].revoked = Date(timeIntervalSince1970: TimeInterval(time))
    certificates[place].reason = String(words[3])
    return true
  }

  static func line(_ certificate: IssuedCertificate, network: String) -> String {
    let node = certificate.node.map { NodeName(network: network, node: $0).id } ?? "-"
    return "issued \(certificate.serial) \(node) \(seconds(certificate.start)) \(seconds(certificate.end)) "
      + "\(singleLine(certificate.label))\n"
  }

  static func line(revoked serial: String, time: Date, reason: String) -> String {
    "revoked \(serial) \(seconds(time)) \(singleLine(reason))\n"
  }

  private static func seconds(_ date: Date) -> Int64 { Int64(date.timeIntervalSince1970.rounded(.down)) }
}

/// Text that cannot end a line or steer a terminal.
func singleLine(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
}

/// One certificate that an authority issued.
public struct IssuedCertificate: Hashable, Sendable {
  /// Hexadecimal digits.
  public let serial: String
  /// Whose it is; nil for an authority below.
  public let node: NodeID?
  /// For people.
  public let label: String
  /// When it begins.
  public let start: Date
  /// When it ends.
  public let end: Date
  /// When it was called back.
  public internal(set) var revoked: Date?
  /// Why it was called back.
  public internal(set) var reason = ""
}
