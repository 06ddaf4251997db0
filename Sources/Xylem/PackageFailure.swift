import Engine
import Formats
import Messages
import Primitives

/// What a caller is told of a package or card that was not used: what stands in the way, and what to type.
enum PackageFailure {
  /// Stands for the file's name until somebody who knows it is reached.
  static let noFile = "\u{0}"

  static func of(_ error: PackageError) -> Failure {
    switch error {
    case .engine(let error): Failure(engine: error)
    case .fault(let fault): of(fault)
    case .wrongNetwork: Failure(.linkCardRefused, ["file": noFile, "reason": "another network"])
    case .notForUs(let code): Failure(.linkPackageNotForUs, ["file": noFile, "recipient": code.string])
    case .unknownPeer(let code): Failure(.linkCardMissing, ["peer": code.string])
    case .otherPeerKnown(let code):
      Failure(.linkCardRefused, ["file": noFile, "reason": "a card of \(code) is known already; --replace forgets it"])
    case .notANeighbour(let code):
      Failure(
        .linkCardRefused,
        [
          "file": noFile,
          "reason":
            "\(code) hangs neither above nor below this node by its codes; --as parent or --as child says what it is",
        ])
    case .fenced(let code): Failure(.linkPackageFenced, ["file": noFile, "sender": code.string])
    case .reclaimed(let owner, let epoch):
      Failure(
        .linkPackageReclaimed,
        ["file": noFile, "owner": String(owner.value, radix: 16), "epoch": "\(epoch.value)"])
    case .gap(let log, let isOwnLog, let have, let start, let number, let expected):
      Failure(
        .linkPackageOutOfOrder,
        [
          "file": noFile, "number": "\(number)", "expected": "\(expected)", "have": "\(have.value)",
          "start": "\(start.value)", "log": String(log.value, radix: 16),
          "again": isOwnLog ? "--from-position \(have.value)" : "--all",
        ])
    case .broken(let number):
      histories(
        "已收过另一份第 \(number) 号或其前一号", "another package \(number), or another one before it, was taken here")
    case .diverged(let log, let sequence):
      histories(
        "日志 \(String(log.value, radix: 16)) 在 \(sequence.value) 处不同",
        "log \(String(log.value, radix: 16)) differs at \(sequence.value)")
    case .behind(let detail): histories(detail.string, detail.string)
    case .refused(let refusal):
      Failure(.linkRefused, ["peer": "-", "reason": "\(refusal.reason): \(refusal.detail)"])
    case .unknownNumber(let number): Failure(.linkPackageUnknown, ["number": "\(number)"])
    case .needsSnapshot(let code): Failure(.linkPackageNeedsSnapshot, ["peer": code.string])
    case .busy: Failure(.nodeBusy, ["queue": "exports", "limit": "1"])
    }
  }

  private static func histories(_ zh: String, _ en: String) -> Failure {
    Failure(.linkPackageTwoHistories, ["file": noFile, "reason": en, "reason.zh": zh])
  }

  static func of(_ fault: PackageFault) -> Failure {
    let reason: Phrase
    switch fault {
    case .malformed(let error):
      reason = Phrase(
        "第 \(error.offset) 字节处不是预期内容（\(error.expected)）", "expected \(error.expected) at byte \(error.offset)")
    case .newer(let version):
      reason = Phrase("格式版本 \(version) 由更新的版本生成，请先升级", "format \(version) was made by a later release: upgrade first")
    case .cut(let have, let expected):
      reason = Phrase("文件不完整：\(expected) 字节中只有 \(have)", "the copy is incomplete: \(have) of \(expected) bytes")
    case .padded(let extra): reason = Phrase("文件末尾多出 \(extra) 字节", "\(extra) bytes follow its end")
    case .chunk(let number, let count):
      reason = Phrase("第 \(number)/\(count) 块校验不符", "chunk \(number) of \(count) does not match its hash")
    case .signature: reason = Phrase("签名不是该发送方的", "its sender did not sign it")
    case .notForUs: reason = Phrase("不能用本节点的密钥打开", "this node's key does not open it")
    case .content(let what): reason = Phrase("内容与封面不符：\(what)", "its content is not what it says: \(what)")
    }
    return Failure(.linkPackageDamaged, ["file": noFile, "reason": reason.en, "reason.zh": reason.zh])
  }
}
