import NIOCore
import Ports
import Primitives
import Testing

@testable import Transport

@Suite struct CarrierTests {
  @Test("carrier: both sides hear each other, once and whole")
  func talk() async throws {
    try await withPair { parent, child in
      let up = child.1.parentLinks[0]
      let down = parent.1.childLinks[0]
      child.0.send(framed([1, 2, 3]), on: up)
      parent.0.send(framed([4]), on: down)
      #expect(await eventually { parent.1.received == [[1, 2, 3]] && child.1.received == [[4]] })
      // A proof of 101 bytes, a challenge of 37.
      #expect(await eventually { child.0.bytesSent == 101 + 7 && parent.0.bytesReceived == 101 + 7 })
      #expect(await eventually { parent.0.bytesSent == 37 + 5 && child.0.bytesReceived == 37 + 5 })
    }
  }

  @Test("carrier: 10,000 messages and one of 10 MiB among them arrive in order")
  func order() async throws {
    try await withPair { parent, child in
      let messages = (0..<10_000).map { number -> Bytes in
        // Types from 240 on are the carriers' own.
        let mark = [UInt8(number % 200), UInt8(number / 200)]
        return number == 5000 ? mark + Bytes(repeating: 9, count: 10 << 20) : mark
      }
      for message in messages { child.0.send(framed(message), on: child.1.parentLinks[0]) }
      #expect(await eventually(seconds: 60) { parent.1.receivedCount == messages.count })
      // Compared outside the macro: on a difference it would look for the shortest edit for hours.
      let isSame = parent.1.received == messages
      #expect(isSame)
    }
  }

  @Test("carrier: several messages given as one are several at the other side")
  func together() async throws {
    try await withPair { parent, child in
      child.0.send(framed([1]) + framed([2, 2]) + framed([3]), on: child.1.parentLinks[0])
      #expect(await eventually { parent.1.received == [[1], [2, 2], [3]] })
    }
  }

  @Test("carrier: a message in writes of one byte each arrives")
  func bytewise() async throws {
    try await withCarrier(.init(listen: try anyPort())) { carrier, events in
      let peer = try RawPeer(port: try #require(carrier.port))
      for byte in framed([5, 6, 7]) + framed([8]) { peer.write([byte]) }
      #expect(await eventually { events.received == [[5, 6, 7], [8]] })
    }
  }

  @Test(
    "carrier: close lets everything sent before leave, also past a peer that keeps sending", arguments: [false, true])
  func closeFlushes(peerSends: Bool) async throws {
    // The deadline has a test of its own; on a busy machine a second is not enough for this peer to read a mebibyte.
    var options = TCPCarrier.Options(listen: try anyPort())
    options.closeDeadline = .seconds(60)
    try await withCarrier(options) { carrier, events in
      let peer = try RawPeer(port: try #require(carrier.port))
      #expect(await eventually { !events.childLinks.isEmpty })
      // Unread bytes on our side are what would turn a plain close into a reset.
      if peerSends { peer.write(framed(Bytes(repeating: 1, count: 100_000))) }
      let link = events.childLinks[0]
      let message = framed(Bytes(repeating: 3, count: 1 << 20))
      carrier.send(message, on: link)
      carrier.close(link)
      carrier.send(framed([9]), on: link)
      if peerSends { peer.write(framed(Bytes(repeating: 2, count: 1000))) }
      let (bytes, errno) = peer.readToEnd()
      // Compared outside the macro: on a difference it would look for the shortest edit of a mebibyte, for hours.
      let isWhole = bytes == message
      #expect(isWhole, "\(bytes.count) of \(message.count) bytes came")
      #expect(errno == 0)
      peer.hangUp()
      #expect(await eventually { events.disconnected == [link] })
    }
  }

  @Test("carrier: a peer that does not hang up after our close is gone after the deadline")
  func closeForces() async throws {
    var options = TCPCarrier.Options(listen: try anyPort())
    options.closeDeadline = .milliseconds(200)
    try await withCarrier(options) { carrier, events in
      let peer = try RawPeer(port: try #require(carrier.port))
      #expect(await eventually { !events.childLinks.isEmpty })
      carrier.close(events.childLinks[0])
      #expect(await eventually(seconds: 3) { events.disconnected == events.childLinks })
      _ = peer
    }
  }

  @Test("carrier: nothing follows `disconnected`, not even the rest of the read in which the link was closed")
  func nothingAfter() async throws {
    let carrier = TCPCarrier(.init(listen: try anyPort()), log: quiet)
    let events = Events()
    try await carrier.start { event in
      events.note(event)
      if case .received(let link, _) = event { carrier.close(link) }
    }
    let peer = try RawPeer(port: try #require(carrier.port))
    peer.write((0..<100).flatMap { framed([UInt8($0)]) })
    #expect(peer.readToEnd().bytes.isEmpty)
    // The peer still holds its side open, so the end comes with the deadline.
    #expect(await eventually { events.disconnected.count == 1 })
    #expect(events.received == [[0]])
    if case .disconnected = events.all.last {} else { Issue.record("something came after the end") }
    await carrier.stop()
  }

  @Test("carrier: what is asked of a link that never was, or is gone, is ignored")
  func unknownLink() async throws {
    try await withPair { parent, child in
      parent.0.send(framed([1]), on: 99)
      parent.0.close(99)
      let link = parent.1.childLinks[0]
      parent.0.close(link)
      #expect(await eventually { parent.1.disconnected == [link] })
      parent.0.send(framed([1]), on: link)
      parent.0.close(link)
      // The child comes back under another number.
      #expect(await eventually { parent.1.childLinks.count == 2 })
      #expect(parent.1.childLinks[1] != link)
      #expect(child.1.received.isEmpty)
    }
  }
}
