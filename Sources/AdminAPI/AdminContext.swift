import Foundation
import Hummingbird
import Messages
import NIOCore

/// A request's connection: what the operating system knows of the other end.
struct AdminContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  private let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// Bytes of a reason at most: it goes into an audit entry.
  private static let reasonBytesMax = 500
  /// The header in which a reason to unmask comes, percent-encoded.
  private static let unmaskHeader = "xylem-unmask-reason"

  /// Who sent a request.
  func caller(_ request: Request) async throws -> Caller {
    var caller = Caller(ownsSocket: false)
    if let header = request.headers[.authorization] {
      guard header.hasPrefix("Bearer ") else {
        throw Failure(.apiUnauthenticated, ["reason": "only Bearer tokens are understood"])
      }
      caller.token = String(header.dropFirst(7))
    } else {
      caller.ownsSocket = try await peerOwnsProcess()
    }
    if let header = request.headers.first(where: { $0.name.canonicalName == AdminContext.unmaskHeader }) {
      guard let reason = header.value.removingPercentEncoding, !reason.isEmpty,
        reason.utf8.count <= AdminContext.reasonBytesMax
      else {
        throw Failure(
          .apiBadParameter, ["parameter": "reason", "expected": "1…\(AdminContext.reasonBytesMax) bytes"])
      }
      caller.unmaskReason = reason
    }
    return caller
  }

  /// `struct ucred` of unix(7): who opened the other end, as the kernel noted it then.
  private struct PeerCredentials: Sendable {
    var pid: pid_t = 0
    var uid: uid_t = 0
    var gid: gid_t = 0
  }

  private func peerOwnsProcess() async throws -> Bool {
    guard let options = channel as? any SocketOptionProvider else { return false }
    let peer: PeerCredentials = try await options.unsafeGetSocketOption(
      level: NIOBSDSocket.OptionLevel(rawValue: SOL_SOCKET), name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
    ).get()
    return peer.uid == geteuid() || peer.uid == 0
  }
}
