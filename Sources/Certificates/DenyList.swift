import Foundation
import Primitives
import SwiftASN1
import X509

/// The certificates that one authority has called back, signed by it and counted: a text that travels down the links
/// and by file (Docs/FORMATS.md). A list with a higher number replaces one with a lower.
public struct DenyList: Hashable, Sendable {
  /// One certificate that is not good any more.
  public struct Entry: Hashable, Sendable {
    /// Hexadecimal digits.
    public let serial: String
    /// The node it was issued for; nil for an authority's.
    public let node: NodeID?
    /// When it was called back.
    public let time: Date
    /// Why, in the operator's words.
    public let reason: String
  }

  /// The network it is for.
  public let network: String
  /// Counts the lists of this authority from 1.
  public let sequence: UInt64
  /// When it was signed.
  public let time: Date
  /// What it denies.
  public let entries: [Entry]
  /// As it was signed.
  public let text: String
  let issuer: Certificate

  static let firstLine = "xylem revoked 1"

  /// Signs a new list.
  static func signed(
    network: String, sequence: UInt64, time: Date, entries: [Entry], issuer: Certificate, key: Certificate.PrivateKey
  ) throws -> DenyList {
    var text = "\(firstLine)\nnetwork: \(network)\nsequence: \(sequence)\ntime: \(seconds(time))\n"
    text += "authority: \(Data(try issuer.der).base64EncodedString())\n"
    for entry in entries {
      let node = entry.node.map { NodeName(network: network, node: $0).id } ?? "-"
      text += "revoked: \(entry.serial) \(node) \(seconds(entry.time)) \(entry.reason)\n"
    }
    let signature = try key.sign(bytes: Bytes(text.utf8), signatureAlgorithm: .ecdsaWithSHA256)
    text += "signature: \(Bytes(signature.rawRepresentation).hex)\n"
    return DenyList(
      network: network, sequence: sequence, time: time, entries: entries, text: text, issuer: issuer)
  }

  private init(
    network: String, sequence: UInt64, time: Date, entries: [Entry], text: String, issuer: Certificate
  ) {
    self.network = network
    self.sequence = sequence
    self.time = time
    self.entries = entries
    self.text = text
    self.issuer = issuer
  }

  /// Reads one list and checks its signature against the authority it names; whether that is one of ours is for
  /// ``PeerVerifier/admits(_:at:)``.
  ///
  /// - Returns: nil for anything that ``text`` is not.
  public init?(_ text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard lines.popFirst() == Substring(DenyList.firstLine), lines.last == "" else { return nil }
    lines = lines.dropLast()
    func value(_ key: String) -> Substring? {
      guard let line = lines.first, line.hasPrefix(key + ": ") else { return nil }
      lines = lines.dropFirst()
      return line.dropFirst(key.count + 2)
    }
    guard let network = value("network"), let sequence = value("sequence").flatMap({ UInt64($0) }),
      let time = value("time").flatMap({ Int64($0) }),
      let der = value("authority").flatMap({ Data(base64Encoded: String($0)) }),
      let issuer = try? Certificate(derEncoded: Bytes(der)), issuer.isAuthority
    else { return nil }
    var entries: [Entry] = []
    while let words = value("revoked")?.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false) {
      guard words.count == 4, Bytes(hex: words[0]) != nil, let seconds = Int64(words[2]) else { return nil }
      let node = UInt64(words[1], radix: 16).flatMap { NodeID(exactly: $0) }
      guard node != nil || words[1] == "-" else { return nil }
      entries.append(
        Entry(
          serial: String(words[0]), node: node, time: Date(timeIntervalSince1970: TimeInterval(seconds)),
          reason: String(words[3])))
    }
    guard let signature = value("signature").flatMap({ Bytes(hex: $0) }), lines.isEmpty,
      let end = text.range(of: "signature: ", options: .backwards)?.lowerBound,
      issuer.publicKey.isValidSignature(
        signature, for: Bytes(text[..<end].utf8), signatureAlgorithm: .ecdsaWithSHA256)
    else { return nil }
    self.init(
      network: String(network), sequence: sequence, time: Date(timeIntervalSince1970: TimeInterval(time)),
      entries: entries, text: text, issuer: issuer)
  }
}

private func seconds(_ date: Date) -> Int64 { Int64(date.timeIntervalSince1970.rounded(.down)) }

/// The newest deny list of every authority.
public struct DenyLists: Hashable, Sendable {
  /// In the order of the authorities' key digests.
  public private(set) var lists: [DenyList] = []

  /// None.
  public init() {}

  /// As a file holds them, one after the other.
  public var text: String { lists.map(\.text).joined() }

  /// Reads what ``text`` writes; nil when one of the lists cannot be read.
  init?(_ text: String) {
    var rest = text[...]
    while !rest.isEmpty {
      let mark = "\n" + DenyList.firstLine + "\n"
      let end = rest.range(of: mark).map { rest.index(after: $0.lowerBound) } ?? rest.endIndex
      guard let list = DenyList(String(rest[..<end])) else { return nil }
      take(list)
      rest = rest[end...]
    }
  }

  /// Stores lists in a file, whole and synced.
  public static func write(_ text: String, to path: String) throws(FileProblem) {
    try SmallFile.write(text, to: path, mode: 0o644, replaces: true)
  }

  /// Keeps a list unless a newer one, or the same, of its authority is there; returns whether it was kept.
  ///
  /// - Requires: ``PeerVerifier/admits(_:at:)`` said yes to a list that came from elsewhere.
  @discardableResult
  public mutating func take(_ list: DenyList) -> Bool {
    let digest = list.issuer.keyDigest
    guard let place = lists.firstIndex(where: { $0.issuer.keyDigest == digest }) else {
      lists.append(list)
      lists.sort { $0.issuer.keyDigest.lexicographicallyPrecedes($1.issuer.keyDigest) }
      return true
    }
    guard list.sequence > lists[place].sequence else { return false }
    lists[place] = list
    return true
  }

  /// The entry that denies a certificate of an authority.
  func denial(of serial: String, by authority: Bytes) -> DenyList.Entry? {
    lists.first { $0.issuer.keyDigest == authority }?.entries.first { $0.serial == serial }
  }
}

extension DenyLists {
  /// How far ahead of our clock a list of an authority below the root may be, to come in and to move the time that
  /// certificates are judged by.
  static let aheadSecondsMax: TimeInterval = 86_400
  /// The same for a list that the root signed, which is believed against a clock that stands a year behind.
  static let rootAheadSecondsMax: TimeInterval = 400 * 86_400

  /// Whether a list is of a time that can be, given a clock: an authority whose own clock runs far ahead, or who wants
  /// every certificate to have ended, is not listened to. One that lies here already still counts for what it denies.
  ///
  /// - Parameter isRoots: whether a root of ours signed it.
  static func isOfItsTime(_ list: DenyList, by clock: Date, isRoots: Bool) -> Bool {
    list.time <= clock.addingTimeInterval(isRoots ? rootAheadSecondsMax : aheadSecondsMax)
  }

  /// The latest time that an authority signed and can be, and for one that cannot be a day after `clock`: no clock that
  /// is set back brings back what has ended, and no authority closes everybody below it.
  ///
  /// - Parameter isRoots: whether a root of ours signed a list.
  func floor(_ clock: Date, isRoots: (DenyList) -> Bool) -> Date {
    lists.reduce(clock) { latest, list in
      let isOfItsTime = DenyLists.isOfItsTime(list, by: clock, isRoots: isRoots(list))
      let bound = clock.addingTimeInterval(DenyLists.aheadSecondsMax)
      return max(latest, isOfItsTime ? list.time : min(list.time, bound))
    }
  }
}

extension PeerVerifier {
  /// The time to judge certificates by: `clock`, or when that is behind, what ``DenyLists/floor(_:isRoots:)`` says.
  public func time(_ clock: Date) -> Date { denied.floor(clock) { authorities.contains($0.issuer) } }

  /// Whether a list is of a time that can be, given a clock.
  public func isOfItsTime(_ list: DenyList, by clock: Date) -> Bool {
    DenyLists.isOfItsTime(list, by: clock, isRoots: authorities.contains(list.issuer))
  }
}

extension PeerVerifier {
  /// Whether a deny list is for our network and its authority one of ours, or issued by one and not called back itself.
  public func admits(_ list: DenyList, at now: Date) async -> Bool {
    guard list.network.utf8.elementsEqual(network.utf8) else { return false }
    if authorities.contains(list.issuer) { return true }
    guard let path = try? await path(of: list.issuer, through: [], at: now) else { return false }
    return zip(path, path.dropFirst()).allSatisfy { denied.denial(of: $0.serial, by: $1.keyDigest) == nil }
  }
}
