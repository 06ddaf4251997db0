import NIOCore
import Ports
import Primitives
import Testing

@testable import Transport

/// Peers that break the rules, with deadlines shortened. One after the other: what is measured here is time.
@Suite(.serialized) struct HostilePeerTests {
  private func listening(_ adjust: (inout TCPCarrier.Options) -> Void = { _ in }) throws -> TCPCarrier.Options {
    var options = TCPCarrier.Options(listen: try anyPort())
    adjust(&options)
    return options
  }

  @Test(
    "hostile: an oversized or empty message ends the link, and what came before it counts", arguments: [0, UInt32.max])
  func oversized(length: UInt32) async throws {
    try await withCarrier(try listening()) { carrier, events in
      let peer = try RawPeer(port: try #require(carrier.port))
      peer.write(framed([1]) + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + framed([2]))
      #expect(peer.readToEnd().bytes.isEmpty)
      #expect(await eventually { events.disconnected.count == 1 })
      #expect(events.received == [[1]])
    }
  }

  @Test("hostile: before its proof a peer may announce no more than a proof")
  func unproved() async throws {
    try await withCarrier(try listening()) { carrier, events in
      let peer = try RawPeer(port: try #require(carrier.port), proves: false)
      peer.write([0, 0, 0, 98])
      // The challenge, and then the end at once, though not one byte of a message came.
      #expect(peer.readToEnd().bytes.count == 37)
      #expect(events.all.isEmpty)
    }
  }

  @Test("hostile: a peer that says nothing is dropped")
  func mute() async throws {
    try await withCarrier(try listening { $0.firstMessageDeadline = .milliseconds(200) }) { carrier, events in
      let peer = try RawPeer(port: try #require(carrier.port))
      #expect(peer.readToEnd().errno == 0)
      #expect(await eventually { events.disconnected.count == 1 })
    }
  }

  @Test("hostile: dripping bytes of a first message keep no link open")
  func slowLoris() async throws {
    try await withCarrier(try listening { $0.firstMessageDeadline = .milliseconds(300) }) { carrier, events in
      let peer = try RawPeer(port: try #require(carrier.port))
      for byte in framed(Bytes(repeating: 1, count: 1000)) where events.disconnected.isEmpty {
        peer.write([byte])
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(events.disconnected.count == 1)
      #expect(events.received.isEmpty)
    }
  }

  @Test("hostile: dripping bytes of a later message keep no link open either")
  func laterLoris() async throws {
    try await withCarrier(try listening { $0.idleDeadline = .milliseconds(300) }) { carrier, events in
      let peer = try RawPeer(port: try #require(carrier.port))
      peer.write(framed([1]))
      for byte in framed(Bytes(repeating: 1, count: 1000)) where events.disconnected.isEmpty {
        peer.write([byte])
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(events.disconnected.count == 1)
      #expect(events.received == [[1]])
    }
  }

  @Test("hostile: a large message that takes longer than the idle deadline but flows is awaited")
  func slowButFlowing() async throws {
    let options = try listening {
      $0.idleDeadline = .seconds(1)
      $0.progressBytes = 4096
    }
    try await withCarrier(options) { carrier, events in
      let peer = try RawPeer(port: try #require(carrier.port))
      peer.write(framed([1]))
      let large = framed(Bytes(repeating: 2, count: 120 * 8192))
      for start in stride(from: 0, to: large.count, by: 8192) {
        peer.write(Bytes(large[start..<min(start + 8192, large.count)]))
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(await eventually { events.received.count == 2 })
      #expect(events.disconnected.isEmpty)
    }
  }

  @Test("hostile: a peer that stops reading is dropped, one that reads is not")
  func halfOpen() async throws {
    try await withCarrier(try listening { $0.writeDeadline = .milliseconds(400) }) { carrier, events in
      let deaf = try RawPeer(port: try #require(carrier.port))
      deaf.write(framed([1]))
      #expect(await eventually { events.received.count == 1 })
      let reader = try RawPeer(port: try #require(carrier.port))
      reader.write(framed([2]))
      #expect(await eventually { events.received.count == 2 })
      // More than the two kernels' buffers hold.
      carrier.send(framed(Bytes(repeating: 1, count: 30 << 20)), on: events.childLinks[0])
      carrier.send(framed([7]), on: events.childLinks[1])
      #expect(await eventually { events.disconnected == [events.childLinks[0]] })
      #expect(carrier.bytesSent < 30 << 20)
      _ = deaf
      _ = reader
    }
  }

  @Test("hostile: a peer for which more waits than may is dropped")
  func flooded() async throws {
    try await withCarrier(try listening { $0.unsentBytesMax = 20 << 20 }) { carrier, events in
      let deaf = try RawPeer(port: try #require(carrier.port))
      #expect(await eventually { !events.childLinks.isEmpty })
      for _ in 0..<40 { carrier.send(framed(Bytes(repeating: 1, count: 1 << 20)), on: events.childLinks[0]) }
      #expect(await eventually { events.disconnected == events.childLinks })
      _ = deaf
    }
  }

  @Test("hostile: one connection too many is closed, and its place is free again when another leaves")
  func tooMany() async throws {
    try await withCarrier(try listening { $0.linksMax = 2 }) { carrier, events in
      let port = try #require(carrier.port)
      var peers = try (0..<2).map { _ in try RawPeer(port: port) }
      #expect(await eventually { events.childLinks.count == 2 })
      let third = try RawPeer(port: port)
      #expect(third.readToEnd().bytes.isEmpty)
      #expect(events.childLinks.count == 2)
      peers.removeLast()
      #expect(await eventually { events.disconnected.count == 1 })
      peers.append(try RawPeer(port: port))
      #expect(await eventually { events.childLinks.count == 3 })
    }
  }
}
