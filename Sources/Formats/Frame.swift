import Primitives

/// A frame: header and compressed body, the unit of storage, relay and file exchange. Its bytes are made once, by its
/// owner.
public struct Frame: Sendable {
  public let header: FrameHeader
  /// Header, signature and body as they lie on disk and travel.
  public let bytes: Bytes
  /// What the log's next frame names as its previous.
  public let hash: Digest256
}

/// Why a frame was refused. The sender's fault or the line's; never ours.
public enum FrameError: Error, Hashable, Sendable {
  case malformed(MalformedBytes)
  /// The body is not the one the header names: line or memory corrupts.
  case bodyHash
  case compression(CompressionError)
  /// The body needs a dictionary that this release does not have: a newer one made it.
  case unknownDictionary(UInt32)
  /// The header names another key than the owner's.
  case wrongKey(UInt32)
  /// The owner's key did not sign this header: forged, or damaged on its way.
  case signature
}

/// Makes and opens frames. Holds contexts that are reused: one instance per thread.
public final class FrameCodec {
  public let hashing = Hashing()
  private let compression: Compression
  private let dictionary: FrameDictionary?

  /// - Parameter dictionary: what new frames are made with; frames that name others are opened all the same.
  public init(dictionary: FrameDictionary? = .current, level: Int32 = Compression.level) {
    self.dictionary = dictionary
    compression = Compression(level: level)
  }

  /// Seals commits into the next frame of a log.
  ///
  /// - Requires: at least one commit; `previous` is the hash of the log's last frame, or zero for the first; `key` is
  ///   the one that the assignment of `partition` names.
  public func seal(
    _ commits: [Commit], network: UInt64, log: LogID, partition: PartitionID, epoch: Epoch, catalog: UInt32,
    first: Sequence64, previous: Digest256, key: SigningKey
  ) -> Frame {
    seal(
      drafts: commits.map(CommitDraft.init), network: network, log: log, partition: partition, epoch: epoch,
      catalog: catalog, first: first, previous: previous, key: key)
  }

  /// The same for commits whose new records may be columns already.
  public func seal(
    drafts commits: [CommitDraft], network: UInt64, log: LogID, partition: PartitionID, epoch: Epoch, catalog: UInt32,
    first: Sequence64, previous: Digest256, key: SigningKey
  ) -> Frame {
    require(!commits.isEmpty, "a frame has commits")
    let columns = FrameBody.columns(commits, dictionary)
    let body = columns.bytes
    require(body.count <= Compression.Limits.bodyBytes, "a frame's body is within its limit")
    let packed = compression.compress(body, cuts: columns.cuts, dictionary: dictionary)
    let header = FrameHeader(
      network: network, log: log, partition: partition, epoch: epoch, catalog: catalog, first: first,
      last: Sequence64(first.value + UInt64(commits.count) - 1), time: commits[commits.count - 1].time,
      dictionary: dictionary?.id ?? 0, keyID: key.id, previous: previous, bodyByteCount: packed.count,
      bodyByteCountUnpacked: body.count,
      bodyHash: hashing.digest(packed))
    let signed = header.signedBytes
    let hash = hashing.digest(signed)
    return Frame(header: header, bytes: signed + key.sign(signed) + packed, hash: hash)
  }

  /// Checks everything that can be checked without knowing the log: form, lengths, body hash.
  public func parse(_ bytes: Bytes) throws(FrameError) -> Frame {
    let header: FrameHeader
    do { header = try FrameHeader(frame: bytes) } catch { throw .malformed(error) }
    let (bodyHash, hash) = bytes.withUnsafeBytes { all in
      (
        hashing.digest(UnsafeRawBufferPointer(rebasing: all[FrameHeader.byteCount...])),
        hashing.digest(UnsafeRawBufferPointer(rebasing: all[..<FrameHeader.signedByteCount]))
      )
    }
    guard bodyHash == header.bodyHash else { throw .bodyHash }
    return Frame(header: header, bytes: bytes, hash: hash)
  }

  /// Checks that the holder of `key` made this frame: the header with the body's hash, so every byte.
  ///
  /// - Throws: `.wrongKey` when the frame does not even claim that, `.signature` when it claims it wrongly.
  public func verify(_ frame: Frame, by key: PublicKey) throws(FrameError) {
    guard frame.header.keyID == key.id else { throw .wrongKey(frame.header.keyID) }
    let signed = Bytes(frame.bytes[..<FrameHeader.signedByteCount])
    let signature = Bytes(frame.bytes[FrameHeader.signedByteCount..<FrameHeader.byteCount])
    guard key.isValid(signature, over: signed) else { throw .signature }
  }

  /// Unpacks the body of a parsed frame.
  public func open(_ frame: Frame) throws(FrameError) -> FrameBody {
    let dictionary = FrameDictionary.known(frame.header.dictionary)
    guard dictionary != nil || frame.header.dictionary == 0 else {
      throw .unknownDictionary(frame.header.dictionary)
    }
    let unpacked: Bytes
    do {
      unpacked = try compression.decompress(
        frame.bytes, from: FrameHeader.byteCount, to: frame.bytes.count, size: frame.header.bodyByteCountUnpacked,
        dictionary: dictionary)
    } catch { throw .compression(error) }
    let body: FrameBody
    do { body = try FrameBody(unpacked, dictionary: dictionary) } catch { throw .malformed(error) }
    let count = frame.header.last.value - frame.header.first.value + 1
    guard UInt64(body.commits.count) == count else {
      throw .malformed(MalformedBytes("\(count) commits, not \(body.commits.count)", at: 1))
    }
    return body
  }
}
