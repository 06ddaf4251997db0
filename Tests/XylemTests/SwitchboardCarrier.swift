import Foundation
import Ports
import Primitives

/// Carriers that reach each other inside the process: bytes are cut into messages and delivered on a queue per carrier,
/// and a line can be cut at any time.
final class Switchboard: @unchecked Sendable {
  // SAFETY: everything mutable is guarded by `lock`.
  private let lock = NSLock()
  private var nextLink: UInt64 = 1
  fileprivate var lines: [UInt64: (child: SwitchboardCarrier, parent: SwitchboardCarrier)] = [:]
  private var carriers: [SwitchboardCarrier] = []

  func carrier(parent: SwitchboardCarrier? = nil) -> SwitchboardCarrier {
    lock.withLock {
      let carrier = SwitchboardCarrier(self, parent)
      carriers.append(carrier)
      return carrier
    }
  }

  fileprivate func connect(_ child: SwitchboardCarrier, _ parent: SwitchboardCarrier) {
    let link = lock.withLock {
      nextLink += 1
      lines[nextLink] = (child, parent)
      return nextLink
    }
    parent.deliver(.childConnected(link: link, peer: LinkPeer()))
    child.deliver(.parentConnected(link: link, peer: LinkPeer()))
  }

  fileprivate func forward(_ bytes: Bytes, from carrier: SwitchboardCarrier, on link: UInt64) {
    guard let line = lock.withLock({ lines[link] }) else { return }
    let other = line.child === carrier ? line.parent : line.child
    var offset = 0
    while offset < bytes.count {
      let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      other.deliver(.received(link: link, Bytes(bytes[offset + 4..<offset + 4 + length])))
      offset += 4 + length
    }
  }

  func cut(_ link: UInt64) {
    guard let line = lock.withLock({ lines.removeValue(forKey: link) }) else { return }
    line.child.deliver(.disconnected(link: link))
    line.parent.deliver(.disconnected(link: link))
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.02) { [self] in
      if line.child.isRunning && line.parent.isRunning { connect(line.child, line.parent) }
    }
  }

  /// Cuts every line.
  func cutAll() { for link in lock.withLock({ Array(lines.keys) }) { cut(link) } }

  fileprivate func leave(_ carrier: SwitchboardCarrier) {
    let gone = lock.withLock { () -> [(UInt64, SwitchboardCarrier)] in
      var gone: [(UInt64, SwitchboardCarrier)] = []
      for (link, line) in lines where line.child === carrier || line.parent === carrier {
        gone.append((link, line.child === carrier ? line.parent : line.child))
      }
      for (link, _) in gone { lines[link] = nil }
      return gone
    }
    for (link, other) in gone { other.deliver(.disconnected(link: link)) }
  }
}

final class SwitchboardCarrier: LinkCarrier, @unchecked Sendable {
  // SAFETY: `handler` is guarded by `lock`; the rest is constant.
  private let lock = NSLock()
  private let board: Switchboard
  private let parent: SwitchboardCarrier?
  private let queue = DispatchQueue(label: "switchboard")
  private var handler: (@Sendable (CarrierEvent) -> Void)?

  fileprivate init(_ board: Switchboard, _ parent: SwitchboardCarrier?) {
    self.board = board
    self.parent = parent
  }

  var isRunning: Bool { lock.withLock { handler != nil } }

  func start(as identity: LinkIdentity, _ deliver: @escaping @Sendable (CarrierEvent) -> Void) async throws {
    lock.withLock { handler = deliver }
    if let parent { board.connect(self, parent) }
  }

  fileprivate func deliver(_ event: CarrierEvent) {
    queue.async { [self] in
      let handler = lock.withLock { self.handler }
      handler?(event)
    }
  }

  func send(_ bytes: Bytes, on link: UInt64) { board.forward(bytes, from: self, on: link) }
  func close(_ link: UInt64) { board.cut(link) }
  func stop() async {
    lock.withLock { handler = nil }
    board.leave(self)
  }
}
