import Formats
import Primitives

/// Why a card or a package was not used. Nothing was changed, except where a case says otherwise.
public enum PackageError: Error, Hashable, Sendable {
  /// Our own trouble.
  case engine(EngineError)
  /// The file is damaged, cut, of a later release, or not signed by its sender.
  case fault(PackageFault)
  /// It is of another network.
  case wrongNetwork
  /// It is for another node, named by its code.
  case notForUs(Text)
  /// No card of this node (its code, or "parent") is here: packages to it cannot be sealed, from it not be checked.
  case unknownPeer(Text)
  /// Another card is known for the place that this one would take.
  case otherPeerKnown(Text)
  /// Neither our parent nor a child, or this node itself.
  case notANeighbour(Text)
  /// The sender does not own its partition any more, or a later life of it is known.
  case fenced(Text)
  /// The parent has given our own partition to another owner. This node is fenced, durably with the next batch: it
  /// commits no more, and what it wrote since lies here as evidence.
  case reclaimed(owner: NodeID, epoch: Epoch)
  /// Commits before it are missing: take package `expected` first, or let the sender export again after `have`.
  case gap(log: LogID, isOwnLog: Bool, have: Sequence64, start: Sequence64, number: UInt64, expected: UInt64)
  /// Another package of its number was taken here, or it follows another one: two histories of one sender.
  case broken(number: UInt64)
  /// A log here and at the sender differ.
  case diverged(log: LogID, at: Sequence64)
  /// The parent holds more of our own log than we do: an older store was put back.
  case behind(Text)
  /// A frame was refused as one from a link would be; those before it were taken.
  case refused(LinkMessage.Refusal)
  /// No package of this number was made for this recipient, or its frames are not here any more.
  case unknownNumber(UInt64)
  /// What the recipient lacks lies here as a snapshot, and packages carry frames.
  case needsSnapshot(Text)
  /// Another export to the same recipient was faster: ask again.
  case busy
}
