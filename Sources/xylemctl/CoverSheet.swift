import Catalog
import Console
import Formats
import Messages
import Primitives

/// What is printed and laid beside a stick: who sends what to whom, how much, and the hash to be read aloud.
struct CoverSheet {
  private let header: PackageHeader
  private let hash: Digest256
  private let byteCount: Int
  private let file: String
  private let fault: PackageFault?
  private let isSigned: Bool?

  /// - Parameter isSigned: nil when nobody checked.
  init(_ package: Package, file: String, fault: PackageFault?, isSigned: Bool = false) {
    header = package.header
    hash = package.hash
    byteCount = package.byteCount
    self.file = file
    self.fault = fault
    self.isSigned = isSigned ? true : nil
  }

  static func read(_ bytes: [UInt8], file: String) throws(Failure) -> Package {
    do { return try Package(bytes) } catch { throw failure(error, file) }
  }

  /// What to tell of a file that cannot be used.
  static func failure(_ fault: PackageFault, _ file: String) -> Failure {
    Failure(.linkPackageDamaged, ["file": file, "reason": reason(fault).en, "reason.zh": reason(fault).zh])
  }

  private static func reason(_ fault: PackageFault) -> Phrase {
    switch fault {
    case .malformed(let error):
      Phrase("不是数据包，或封面损坏（\(error.expected)）", "no package, or a damaged header (\(error.expected))")
    case .newer(let version):
      Phrase("格式版本 \(version) 由更新的版本生成，请先升级", "format \(version) was made by a later release: upgrade first")
    case .cut(let have, let expected):
      Phrase("文件不完整：\(expected) 字节中只有 \(have)", "the copy is incomplete: \(have) of \(expected) bytes")
    case .padded(let extra): Phrase("文件末尾多出 \(extra) 字节", "\(extra) bytes follow its end")
    case .chunk(let number, let count):
      Phrase("第 \(number)/\(count) 块校验不符", "chunk \(number) of \(count) does not match its hash")
    case .signature: Phrase("签名不是该名片的", "this card's key did not sign it")
    case .notForUs: Phrase("不能打开", "it cannot be opened")
    case .content(let what): Phrase("内容与封面不符：\(what)", "its content is not what it says: \(what)")
    }
  }

  // MARK: For a terminal

  func facts(_ session: Session) -> Facts {
    var facts = Facts()
    for line in lines {
      facts.add(line.key, line.title[session.language], .text(line.value, shown: line.shown?[session.language]))
    }
    return facts
  }

  private typealias Line = (key: String, title: Phrase, value: String, shown: Phrase?)

  private var lines: [Line] {
    let facts = header.facts
    var lines: [Line] = [
      ("file", Phrase("文件", "File"), file, nil),
      ("kind", Phrase("种类", "Kind"), facts.kind == .up ? "up" : "back", kind),
      ("number", Phrase("号", "Number"), "\(facts.number)", nil),
      ("from", Phrase("发件", "From"), facts.senderCode.string, nil),
      ("to", Phrase("收件", "To"), facts.recipientCode.string, nil),
      ("created", Phrase("制作时间", "Made"), CoverSheet.minute(facts.created), nil),
    ]
    if facts.kind == .up {
      lines.append(("commits", Phrase("提交数", "Commits"), "\(header.commits)", nil))
      lines.append(("period", Phrase("期间", "Period"), period, nil))
      if let start = header.start(of: facts.sender), let end = facts.ends.first(where: { $0.log == facts.sender }) {
        let range = "\(start.value + 1)…\(end.last.value)"
        lines.append(("positions", Phrase("提交序号", "Positions"), range, nil))
      }
      for count in header.counts { lines.append(line(count)) }
    } else {
      lines.append(("answers", Phrase("回执至对方第几号", "Answers package"), "\(facts.answers)", nil))
      for end in facts.ends {
        lines.append(
          (
            "at_\(String(end.log.node.value, radix: 16))", Phrase("已收到提交", "Has commits up to"), "\(end.last.value)",
            nil
          ))
      }
    }
    lines.append(("more", Phrase("后续还有", "More follow"), facts.hasMore ? "true" : "false", yesNo(facts.hasMore)))
    lines.append(("bytes", Phrase("字节数", "Bytes"), "\(byteCount)", same(Human.bytes(byteCount))))
    lines.append(("hash", Phrase("校验", "Hash"), hash.grouped(groups: 16), nil))
    if isSigned != nil || fault != nil {
      let state = fault.map { CoverSheet.reason($0) } ?? Phrase("完好，签名有效", "sound, and signed by that card")
      lines.append(("state", Phrase("状态", "State"), fault == nil ? "ok" : "damaged", state))
    }
    return lines
  }

  private var kind: Phrase {
    header.facts.kind == .up ? Phrase("上报", "data for the parent") : Phrase("回执", "receipt for the child")
  }

  private func yesNo(_ value: Bool) -> Phrase { value ? Phrase("是", "yes") : Phrase("否", "no") }
  private func same(_ text: String) -> Phrase { Phrase(text, text) }

  private func line(_ count: PackageHeader.Count) -> Line {
    let entity = Catalog.bundled.entity(count.entity)
    let name = entity?.name ?? "entity_\(count.entity.value)"
    let engine = Phrase("节点归属", "assignments")
    let label = entity.map { Phrase($0.label.zh, $0.label.en) } ?? engine
    let value = "+\(count.inserted) ~\(count.updated) -\(count.deleted)"
    return (
      name, label, value,
      Phrase(
        "新增 \(count.inserted)，更改 \(count.updated)，删除 \(count.deleted)",
        "\(count.inserted) new, \(count.updated) changed, \(count.deleted) removed")
    )
  }

  private var period: String {
    header.commits == 0
      ? "-" : "\(CoverSheet.minute(header.firstTime)) … \(CoverSheet.minute(header.lastTime))"
  }

  /// The minute in UTC+8.
  private static func minute(_ milliseconds: UInt64) -> String {
    CivilMinute(minutes: Int64(clamping: milliseconds / 60_000) + 8 * 60).description
  }

  // MARK: For paper

  /// One page a package, in both languages, to be printed and signed.
  static func html(_ sheets: [CoverSheet]) -> String {
    let pages = sheets.map { sheet in
      let rows = sheet.lines.map { line in
        let zh = line.shown?.zh ?? line.value
        let en = line.shown?.en ?? line.value
        let value = zh == en ? escaped(zh) : "\(escaped(zh))<br><small>\(escaped(en))</small>"
        return
          "<tr><th>\(escaped(line.title.zh))<br><small>\(escaped(line.title.en))</small></th><td>\(value)</td></tr>"
      }
      return """
        <section><h1>数据包封面 <small>Package cover sheet</small></h1>
        <table>\(rows.joined(separator: "\n"))</table>
        <p class="sign">交出 Handed over: ____________ 日期 Date: ________</p>
        <p class="sign">收到 Received: ____________ 日期 Date: ________</p>
        <p><small>收件方导入后，请用电话核对“校验”一栏。 After the import compare the hash by telephone.</small></p></section>
        """
    }
    return """
      <!doctype html>
      <html lang="zh"><head><meta charset="utf-8"><title>数据包封面 Package cover sheet</title>
      <style>
      @page { size: A4; margin: 20mm }
      body { font: 12pt serif } section { page-break-after: always }
      table { border-collapse: collapse; width: 100% }
      th, td { border: 1px solid #444; padding: 2mm 3mm; text-align: left; vertical-align: top }
      th { width: 34%; font-weight: normal } .sign { margin-top: 15mm }
      </style></head><body>
      \(pages.joined(separator: "\n"))
      </body></html>

      """
  }

  private static func escaped(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      default: out.append(character)
      }
    }
    return out
  }
}

/// A package for programs.
struct BundleFacts: Encodable {
  /// Changes of one entity's records.
  struct Count: Encodable {
    let entity: String
    let inserted: UInt64
    let updated: UInt64
    let deleted: UInt64
  }
  let schema = "xylemctl/bundle/v1"
  let file: String
  let kind: String
  let number: UInt64
  let from: String
  let to: String
  let commits: UInt64
  let frames: UInt64
  let counts: [Count]
  let bytes: Int
  let more: Bool
  let hash: String
  let sound: Bool

  init(_ package: Package, _ file: String, _ fault: PackageFault?) {
    let facts = package.header.facts
    self.file = file
    kind = facts.kind == .up ? "up" : "back"
    number = facts.number
    from = facts.senderCode.string
    to = facts.recipientCode.string
    commits = package.header.commits
    frames = package.header.frames
    counts = package.header.counts.map { count in
      Count(
        entity: Catalog.bundled.entity(count.entity)?.name ?? "entity_\(count.entity.value)", inserted: count.inserted,
        updated: count.updated, deleted: count.deleted)
    }
    bytes = package.byteCount
    more = facts.hasMore
    hash = package.hash.bytes.hex
    sound = fault == nil
  }
}
