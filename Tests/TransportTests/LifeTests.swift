import NIOCore
import Ports
import Primitives
import Testing

@testable import Transport

@Suite struct LifeTests {
  @Test("life: the child comes back when its parent listens again at the same port")
  func reconnect() async throws {
    let first = TCPCarrier(.init(listen: try anyPort()), log: quiet)
    try await first.start { _ in }
    let place = try address(first)
    try await withCarrier(.init(parent: place)) { child, events in
      #expect(await eventually { events.parentLinks.count == 1 })
      await first.stop()
      #expect(await eventually { events.disconnected.count == 1 })
      try await withCarrier(.init(listen: place)) { parent, parentEvents in
        #expect(await eventually(seconds: 20) { events.parentLinks.count == 2 })
        child.send(framed([1]), on: events.parentLinks[1])
        #expect(await eventually { parentEvents.received == [[1]] })
      }
    }
  }

  @Test("life: a parent that is not there yet is dialled until it is, and failed attempts cost no link")
  func lateParent() async throws {
    let placeholder = TCPCarrier(.init(listen: try anyPort()), log: quiet)
    try await placeholder.start { _ in }
    let place = try address(placeholder)
    await placeholder.stop()
    var options = TCPCarrier.Options(parent: place)
    options.backOff.mostMilliseconds = 5
    options.linksMax = 1
    try await withCarrier(options) { child, events in
      try await Task.sleep(for: .milliseconds(200))
      #expect(events.all.isEmpty)
      try await withCarrier(.init(listen: place)) { parent, parentEvents in
        #expect(await eventually { events.parentLinks == [1] && parentEvents.childLinks.count == 1 })
      }
    }
  }

  @Test("life: a port in use is a typed error, and the carrier holds nothing afterwards")
  func portInUse() async throws {
    try await withCarrier(.init(listen: try anyPort())) { carrier, _ in
      let place = try address(carrier)
      let second = TCPCarrier(.init(listen: place), log: quiet)
      await #expect(throws: ListenError.addressInUse(place)) { try await second.start { _ in } }
      #expect(second.port == nil)
      await second.stop()
    }
  }

  @Test("life: stop tells every link, ends listening, and is harmless when repeated or never started")
  func stop() async throws {
    let carrier = TCPCarrier(.init(listen: try anyPort()), log: quiet)
    let events = Events()
    try await carrier.start { events.note($0) }
    let port = try #require(carrier.port)
    let peers = try (0..<5).map { _ in try RawPeer(port: port) }
    #expect(await eventually { events.childLinks.count == 5 })
    await carrier.stop()
    #expect(events.disconnected.sorted() == events.childLinks.sorted())
    #expect(throws: (any Error).self) { try RawPeer(port: port) }
    carrier.send(framed([1]), on: events.childLinks[0])
    carrier.close(events.childLinks[0])
    await carrier.stop()
    #expect(peers.allSatisfy { $0.readToEnd().bytes.isEmpty })

    let unused = TCPCarrier(.init(listen: try anyPort()), log: quiet)
    await unused.stop()
    await #expect(throws: ListenError.stopped) { try await unused.start { _ in } }
  }

  @Test("life: stop is total while another thread sends")
  func stopUnderFire() async throws {
    try await withPair { parent, child in
      let link = child.1.parentLinks[0]
      let sender = Task.detached {
        for _ in 0..<20_000 { child.0.send(framed([1, 2, 3]), on: link) }
      }
      await child.0.stop()
      await sender.value
      #expect(child.1.disconnected == [link])
      #expect(parent.1.received.allSatisfy { $0 == [1, 2, 3] })
    }
  }
}
