import Engine
import Formats
import Primitives

/// Who may go on as whom.
extension World {
  /// Whom his parent has welcomed, and who sends from there on, writes in the log that his parent takes: a welcome
  /// tells of every life that was registered, not only of those that the child knows (I16).
  func checkWelcome(_ node: VirtualNode, _ number: Int) throws(Violation) {
    guard let engine = node.engine, !node.isClone, let parent = node.parent,
      lines[number].isOpen[Side.parent.rawValue], !lines[number].isCut
    else { return }
    let log = engine.identity.log
    guard !witness.isClosed(log, of: node.identity.partition, at: parent) else {
      throw Violation(
        "I16 welcomed", "node \(node.number) goes on in \(log.node.value).\(log.incarnation), which is closed above")
    }
  }

  /// A machine whose line stands and that answers is not put off its place by one that came later (HS-08).
  func checkTwin(_ node: VirtualNode, _ number: Int) throws(Violation) {
    let line = lines[number]
    let child = nodes[line.child]
    // Four times the patience: a parent whose clock jumped has none.
    guard line.parent == node.number, !line.isCut, line.isOpen[0], line.isOpen[1], !line.hasStalled,
      now > node.jumpedAt + 4 * Engine.presencePatience, child.upLine == number,
      let linked = child.engine, linked.isLinkedToParent,
      // Whoever is told why did something that he may not.
      !line.lastMessage(to: .child, is: World.refusalTag)
    else { return }
    let later = lines.first { other in
      other.number > number && other.parent == node.number && other.child != line.child && other.isOpen[1]
        && nodes[other.child].engine?.identity.node == linked.identity.node
    }
    guard let later else { return }
    throw Violation("HS-08 twin", "node \(node.number) hangs up on \(line.child), which is there, for \(later.child)")
  }

  private static let refusalTag: UInt8 = 6
}
