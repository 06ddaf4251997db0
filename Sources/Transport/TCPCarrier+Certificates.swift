import Certificates
import Formats
import Foundation
import Logging
import NIOCore
import Primitives
import Synchronization

/// Certificates while links stand: new files are taken without a restart, deny lists travel down and end links.
extension TCPCarrier {
  /// Warned so many days before the own certificate ends.
  static let warningDays = 30

  func watchFiles(on loop: any EventLoop) {
    guard let security, case .certificates(let credentials, let files, _) = options.security else { return }
    warnAboutEnd(credentials)
    guard let files else { return }
    let seen = Mutex(FileStamp.all(files))
    let warned = Mutex(NIODeadline.now())
    let asked = Mutex<NIODeadline?>(nil)
    loop.scheduleRepeatedTask(initialDelay: options.filesInterval, delay: options.filesInterval) { [self] _ in
      let now = FileStamp.all(files)
      let isChanged = seen.withLock { last in
        defer { last = now }
        return last != now
      }
      if isChanged { Task { await read(files, security) } }
      let isDue = warned.withLock { last in
        guard .now() - last > .hours(12) else { return false }
        last = .now()
        return true
      }
      if isDue { warnAboutEnd(security.credentials) }
      let isOverdue = security.now() > security.credentials.renewalDue
      let mayAsk =
        isOverdue
        && asked.withLock { last in
          if let last, .now() - last < options.renewalInterval { return false }
          guard let parent = openLinks.first(where: \.isParent) else { return false }
          parent.send(LinkPreamble.renewalRequest.encoded())
          last = .now()
          return true
        }
      if mayAsk { log.info("asked the parent for a renewed certificate") }
    }
  }

  private func warnAboutEnd(_ credentials: Credentials) {
    let days = credentials.daysLeft(at: credentials.time(options.now()))
    guard days < TCPCarrier.warningDays else { return }
    log.warning(
      "this node's certificate ends soon: renew it",
      metadata: ["days": "\(days)", "end": "\(instant(credentials.own.end))", "serial": "\(credentials.own.serial)"])
  }

  /// Takes what the files hold now; on any fault everything stays as it was.
  private func read(_ files: CredentialFiles, _ security: LinkSecurity) async {
    do {
      var fresh = try await Credentials.load(files, at: security.now())
      let old = security.credentials
      guard fresh.own.name == old.own.name else {
        throw FileProblem(files.certificate, .unusable("it is another node's"))
      }
      // A list that came over the link may be newer than the file's.
      for list in old.verifier.denied.lists { fresh.verifier.denied.take(list) }
      let isNewCertificate = fresh.own != old.own
      let isNewList = fresh.verifier.denied != old.verifier.denied
      try security.replace(fresh)
      log.notice(
        "certificates read again",
        metadata: ["serial": "\(fresh.own.serial)", "end": "\(instant(fresh.own.end))"])
      if isNewCertificate { warnAboutEnd(fresh) }
      if isNewList { for link in openLinks where !link.isParent { sendDenyLists(on: link) } }
      await judgeLinks(security)
    } catch let problem as FileProblem {
      log.error(
        "certificates stay as they were",
        metadata: ["code": "XYL-CFG-0018", "file": "\(problem.path)", "reason": "\(problem.kind)"])
    } catch { log.error("certificates stay as they were", metadata: ["reason": "\(error)"]) }
  }

  /// Sends a child every deny list that we have; it keeps what it does not know.
  func sendDenyLists(on link: Link) {
    for list in security?.credentials.verifier.denied.lists ?? [] {
      link.send(LinkPreamble.denyList(Bytes(list.text.utf8)).encoded())
    }
  }

  /// A list from our parent: kept when an authority of ours signed it and it is newer, and sent on.
  func receivedDenyList(_ bytes: Bytes) {
    guard let security else { return }
    guard let list = String(validating: bytes, as: UTF8.self).flatMap({ DenyList($0) }) else {
      log.warning("a deny list from the parent cannot be read", metadata: ["code": "XYL-LNK-0006"])
      return
    }
    Task {
      guard let all = await security.take(list) else { return }
      log.notice(
        "deny list taken", metadata: ["sequence": "\(list.sequence)", "certificates": "\(list.entries.count)"])
      if case .certificates(_, let files?, _) = options.security {
        do throws(FileProblem) { try DenyLists.write(all, to: files.denied) } catch {
          log.error("the deny list is not stored", metadata: ["file": "\(error.path)", "reason": "\(error.kind)"])
        }
      }
      for link in openLinks where !link.isParent { sendDenyLists(on: link) }
      await judgeLinks(security)
    }
  }

  /// A child asks for a later end: its key was proved by the handshake, its right to the name by its certificate.
  /// Answered once for each link, and only for what this node's authority issued.
  func renew(_ link: Link) {
    guard let issuer = options.issuer, let chain = link.examination?.chain, let old = chain.first, link.mayRenew(),
      let security
    else { return }
    // Files are read and written: not on the event loop.
    Thread.detachNewThread { [self] in
      do throws(FileProblem) {
        let (issued, text) = try AuthorityFolder.open(issuer).renewal(of: old, now: security.now())
        log.notice("certificate renewed", metadata: ["node": "\(issued.label)", "serial": "\(issued.serial)"])
        link.send(LinkPreamble.renewal(Bytes(text.utf8)).encoded())
      } catch {
        log.warning("certificate not renewed", metadata: ["file": "\(error.path)", "reason": "\(error.kind)"])
      }
    }
  }

  /// The answer to our request: stored, and taken with the next look at the files.
  func receivedRenewal(_ bytes: Bytes) {
    guard let security, case .certificates(_, let files?, _) = options.security else { return }
    Task {
      do throws(FileProblem) {
        let text = String(decoding: bytes, as: UTF8.self)
        let end = try await security.credentials.storeRenewal(text, in: files, at: security.now())
        log.notice("renewed certificate stored", metadata: ["end": "\(instant(end))"])
      } catch {
        log.warning("renewed certificate refused", metadata: ["file": "\(error.path)", "reason": "\(error.kind)"])
      }
    }
  }

  /// Ends every link whose peer's certificate is not good any more.
  private func judgeLinks(_ security: LinkSecurity) async {
    for link in openLinks {
      guard let chain = link.examination?.chain else { continue }
      do throws(CertificateProblem) {
        _ = try await security.credentials.verifier.verify(chain, at: security.now())
      } catch {
        let reason = "its certificate: \(error)"
        refusals.refused(link.channel.remoteAddress, "XYL-LNK-0006", reason)
        link.channel.eventLoop.execute { [channel = link.channel] in
          channel.pipeline.fireUserInboundEventTriggered(CertificateDenied(reason: reason))
        }
      }
    }
  }
}

/// What tells that a file is another one than before.
private struct FileStamp: Equatable {
  private let seconds: Int
  private let nanoseconds: Int
  private let size: Int
  private let number: UInt

  /// Nil for a file that is not there.
  private init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
    size = Int(status.st_size)
    number = status.st_ino
  }

  static func all(_ files: CredentialFiles) -> [FileStamp?] {
    [files.certificate, files.key, files.authorities, files.denied].map { FileStamp($0) }
  }
}
