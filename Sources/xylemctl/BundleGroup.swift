import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Formats
import Messages

/// Packages: exchange with a node that has no network.
struct BundleGroup: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "bundle",
      abstract: phrase("数据包：与没有网络的节点用文件交换。", "Packages: exchange by file with a node without a network."),
      discussion: examples([
        "xylemctl bundle export --out /media/usb --sheet cover.html",
        "xylemctl bundle inspect /media/usb/033001-033-0001.xyb",
        "xylemctl bundle import /media/usb/033001-033-0001.xyb",
        "xylemctl bundle export --to 033001 --out /media/usb",
      ]),
      subcommands: [BundleExport.self, BundleInspect.self, BundleImport.self])
  }
}

struct BundleExport: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "export",
      abstract: phrase(
        "做下一个数据包：给上级的数据，或给下级的回执。", "Makes the next package: data for the parent, or the receipt for a child."),
      discussion: examples([
        "xylemctl bundle export --out /media/usb", "xylemctl bundle export --to 033001 --out /media/usb",
        "xylemctl bundle export --again 3 --out /media/usb",
      ]))
  }
  @Option(
    help: ArgumentHelp(phrase("收件节点的组织代码；默认为上级。", "Org code of the recipient; else the parent."), valueName: "code"))
  var to: String?
  @Option(
    help: ArgumentHelp(phrase("文件或文件夹；默认为当前文件夹。", "A file or a folder; else the present one."), valueName: "path"))
  var out = "."
  @Option(
    help: ArgumentHelp(phrase("封面页写到这个 HTML 文件。", "Writes the cover sheet to this HTML file."), valueName: "file"))
  var sheet: String?
  @Option(help: ArgumentHelp(phrase("重做第几号。", "Makes this number once more."), valueName: "number")) var again: UInt64?
  @Option(help: ArgumentHelp(phrase("从本节点的这个提交之后开始。", "Begins after this commit of the node."), valueName: "commit"))
  var fromPosition: UInt64?
  @Flag(help: ArgumentHelp(phrase("导出全部。", "Exports everything."))) var all = false
  @OptionGroup var options: CommonOptions

  /// Files of one export: fewer than the node remembers.
  private static let filesMax = 200

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let client = session.client()
    var request = ExportRequest()
    request.to = to
    request.again = again
    request.fromPosition = fromPosition
    request.all = all ? true : nil
    var packages: [Package] = []
    while let bytes = try await client.exportPackage(request) {
      let package = try CoverSheet.read(bytes, file: "-")
      let path = path(of: package, isFirst: packages.isEmpty)
      try WholeFile.write(bytes, to: path)
      packages.append(package)
      try session.show(
        CoverSheet(package, file: path, fault: nil).facts(session), json: BundleFacts(package, path, nil))
      guard package.header.facts.hasMore, again == nil else { break }
      guard packages.count < BundleExport.filesMax else {
        session.output.warn(
          session.text(
            "已做 \(packages.count) 个文件；请先送去并取回回执，再导出其余",
            "\(packages.count) files made: take them there and bring the receipt before the rest is exported"))
        break
      }
      request = ExportRequest()
      request.to = to
      request.following = true
    }
    guard !packages.isEmpty else {
      session.output.say(
        session.text("没有要导出的：上级已确认全部提交", "nothing to export: the parent has acknowledged everything"))
      return .done
    }
    if let sheet {
      let pages = packages.map { CoverSheet($0, file: fileName($0), fault: nil) }
      try WholeFile.write(Array(CoverSheet.html(pages).utf8), to: sheet)
      session.output.say(session.text("封面页已写入 \(sheet)", "cover sheet written to \(sheet)"))
    }
    return .done
  }

  private func path(of package: Package, isFirst: Bool) -> String {
    if WholeFile.isFolder(out) { return (out.hasSuffix("/") ? out : out + "/") + fileName(package) }
    // One name for one package; those that follow get their own beside it.
    return isFirst ? out : out + "-\(package.header.facts.number)"
  }

  private func fileName(_ package: Package) -> String {
    let facts = package.header.facts
    let number = "\(facts.number)"
    let padded = String(repeating: "0", count: max(0, 4 - number.count)) + number
    return
      "\(safe(facts.senderCode.string))-\(safe(facts.recipientCode.string))-\(padded).\(PackageHeader.fileExtension)"
  }

  /// A code as a part of a file's name: a package never names a path.
  private func safe(_ code: String) -> String { String(code.map { $0.isLetter || $0.isNumber ? $0 : "_" }) }
}

struct BundleInspect: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "inspect",
      abstract: phrase("查看数据包的封面并核对每一块；不需要守护进程。", "Shows what a package says and checks every chunk; needs no daemon."),
      discussion: examples([
        "xylemctl bundle inspect 033001-033-0001.xyb", "xylemctl bundle inspect *.xyb --card 033001.xycard",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("数据包文件。", "Packages."))) var files: [String]
  @Option(help: ArgumentHelp(phrase("用这张名片核对签名。", "Checks the signature with this card."), valueName: "file"))
  var card: String?
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    var signer: NodeCard?
    if let card {
      let text = String(decoding: try FileChunks.whole(card, bytesMax: 1 << 16), as: UTF8.self)
      do { signer = try NodeCard(text) } catch {
        throw Failure(.linkCardRefused, ["file": card, "reason": "line \(error.offset): \(error.expected)"])
      }
    }
    var status = ExitStatus.done
    for file in files {
      let package = try CoverSheet.read(
        try FileChunks.whole(file, bytesMax: PackageHeader.fileByteCountMax + 1), file: file)
      var fault: PackageFault?
      do throws(PackageFault) { try package.checkBody() } catch { fault = error }
      if let signer, fault == nil, !package.isSigned(by: signer.signingKey) { fault = .signature }
      let sheet = CoverSheet(package, file: file, fault: fault, isSigned: signer != nil && fault == nil)
      try session.show(sheet.facts(session), json: BundleFacts(package, file, fault))
      if let fault {
        session.output.warn(CoverSheet.failure(fault, file).text(session.language).lines.joined(separator: "\n"))
        status = .problemsFound
      }
    }
    return status
  }
}

struct BundleImport: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "import",
      abstract: phrase("导入数据包：全部或全不。", "Takes a package: whole, or nothing of it."),
      discussion: examples([
        "xylemctl bundle import /media/usb/033001-033-0001.xyb", "xylemctl bundle import *.xyb --dry-run",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("数据包文件；多个时按给定次序。", "Packages, in the order given."))) var files: [String]
  @Flag(help: ArgumentHelp(phrase("只检查，不写入。", "Checks everything, writes nothing."))) var dryRun = false
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let client = session.client()
    for file in files {
      let bytes = try FileChunks.whole(file, bytesMax: PackageHeader.fileByteCountMax + 1)
      let outcome = try await client.importPackage(bytes, file: file, dryRun: dryRun)
      try session.show(facts(outcome, file, session), json: outcome)
      session.output.say(word(outcome, session))
      if outcome.skipped > 0 {
        session.output.warn(
          session.text(
            "之前有 \(outcome.skipped) 个数据包没有收到，其内容已包含在本包内",
            "\(outcome.skipped) packages before it never came; what they held is in this one"))
      }
    }
    return .done
  }

  private func facts(_ outcome: PackageResponse, _ file: String, _ session: Session) -> Facts {
    var facts = Facts()
    facts.add("file", session.text("文件", "File"), .text(file))
    facts.add("number", session.text("号", "Number"), number(outcome.number))
    facts.add("sender", session.text("发件", "From"), .text(outcome.sender))
    facts.add("commits", session.text("提交数", "Commits"), number(outcome.commits))
    facts.add("position", session.text("现至", "Now at"), number(outcome.position))
    facts.add("already", session.text("早已收到", "Nothing new"), flag(outcome.already, session))
    facts.add("hash", session.text("校验", "Hash"), .text(outcome.hash))
    return facts
  }

  private func flag(_ value: Bool, _ session: Session) -> Console.Cell {
    .flag(value, shown: value ? session.text("是", "yes") : session.text("否", "no"))
  }

  private func word(_ outcome: PackageResponse, _ session: Session) -> String {
    let position = Human.exact(Int(clamping: outcome.position))
    if outcome.already { return session.text("早已到 \(position)，没有改变", "already at \(position): nothing changed") }
    if outcome.dryRun { return session.text("仅检查：可以导入", "dry run: it can be taken") }
    return outcome.kind == "up"
      ? session.text("\(outcome.sender) 现至 \(position)", "\(outcome.sender) is at \(position) now")
      : session.text("上级已确认至 \(position)", "the parent has acknowledged up to \(position)")
  }
}
