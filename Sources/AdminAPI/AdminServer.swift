import AdminProtocol
import Hummingbird
import HummingbirdCore
import Logging
import Messages
import ServiceLifecycle
import Xylem

/// The HTTP interface of a node on a Unix socket that only its owner may open, or, when it is told so, everybody on the
/// machine who has a session.
public struct AdminServer: Service {
  /// Connections served at the same time; more wait in the backlog.
  private static let connectionsMax = 64
  private static let headerBytesMax = 16 << 10

  private let backend: any AdminBackend
  private let socketPath: String
  private let isOpenToAll: Bool
  private let log: Logger
  private let onReady: @Sendable () -> Void

  /// - Parameters:
  ///   - socketPath: where to listen; the socket of a dead daemon is replaced.
  ///   - isOpenToAll: whether every user of the machine may open the socket; who is not its owner needs a session.
  public init(node: Node, socketPath: String, isOpenToAll: Bool = false, log: Logger) {
    self.init(backend: NodeBackend(node: node), socketPath: socketPath, isOpenToAll: isOpenToAll, log: log)
  }

  /// The interface over any backend.
  ///
  /// - Parameter onReady: called once when connections are taken.
  public init(
    backend: any AdminBackend, socketPath: String, isOpenToAll: Bool = false, log: Logger,
    onReady: @escaping @Sendable () -> Void = {}
  ) {
    self.backend = backend
    self.socketPath = socketPath
    self.isOpenToAll = isOpenToAll
    self.log = log
    self.onReady = onReady
  }

  /// Serves until the task is cancelled or the process is asked to stop; the socket is gone then.
  ///
  /// - Throws: `configPortInUse` when another daemon answers on the socket.
  public func run() async throws {
    try await serve(backend)
  }

  private func serve(_ backend: some AdminBackend) async throws {
    let socket = try SocketFile(path: socketPath, mode: isOpenToAll ? 0o666 : 0o600)
    let onReady = onReady
    var configuration = ApplicationConfiguration(
      address: .unixDomainSocket(path: socket.bindPath), serverName: "xylemd")
    configuration.availableConnectionsDelegate = MaximumAvailableConnections(AdminServer.connectionsMax)
    let application = Application(
      responder: AdminRouting(backend: backend, log: log),
      server: .http1(
        configuration: .init(
          idleTimeout: .minutes(10),
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: AdminServer.headerBytesMax, maxHeaderListSize: AdminServer.headerBytesMax,
            maxHeaderFieldCount: 64))),
      configuration: configuration,
      onServerRunning: { _ in
        if let failure = socket.publish() {
          log.critical("the socket cannot be put in its place", metadata: ["reason": "\(failure.logText)"])
        } else {
          onReady()
        }
      }, logger: log)
    do { try await application.run() } catch {
      socket.remove()
      throw error
    }
    socket.remove()
  }
}
