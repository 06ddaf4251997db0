import Primitives
import Testing

@testable import Transport

@Suite struct AddressTests {
  @Test(
    "address: loopback is taken",
    arguments: [
      ("127.0.0.1:7000", "127.0.0.1", 7000), ("127.255.3.4:0", "127.255.3.4", 0), ("[::1]:65535", "::1", 65_535),
      ("::1:80", "::1", 80),
    ])
  func loopback(text: String, host: String, port: Int) throws {
    let address = try LinkAddress(text)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(try LinkAddress(address.description) == address)
  }

  @Test(
    "address: what leaves this machine, or might, is refused",
    arguments: [
      "0.0.0.0:7000", "192.168.1.2:7000", "128.0.0.1:7000", "126.255.255.255:7000", "localhost:7000", "[::]:7000",
      "[fe80::1]:7000", "[::ffff:127.0.0.1]:7000", "127.1:7000", "0177.0.0.1:7000", "127.0.0.1.example.org:7000",
    ])
  func elsewhere(text: String) {
    #expect { try LinkAddress(text) } throws: { error in
      if case LinkAddressError.notLoopback = error { true } else { false }
    }
  }

  @Test(
    "address: under TLS other machines and names are taken too",
    arguments: ["0.0.0.0:7000", "192.168.1.2:7000", "[::]:7000", "[fe80::1]:7000", "city.example.org:7000", "a:1"])
  func anywhere(text: String) throws {
    let address = try LinkAddress(text, reach: .anywhere)
    #expect(address.description == text)
  }

  @Test(
    "address: what is neither address nor name is refused under TLS too",
    arguments: ["127.1:7000", "0177.0.0.1:7000", "a_b:1", "-a:1", "a..b:1", "宁波:1", "a b:1", "[::1:7", "1.2.3.4.5:1"])
  func nowhere(text: String) {
    #expect(throws: LinkAddressError.malformed(text)) { try LinkAddress(text, reach: .anywhere) }
  }

  @Test(
    "address: what is no HOST:PORT is refused",
    arguments: [
      "", ":", ":7000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:7000 ",
      "127.0.0.1:99999999999999999999", "127.0.0.1:７０００",
    ])
  func malformed(text: String) {
    #expect(throws: LinkAddressError.malformed(text)) { try LinkAddress(text) }
  }

  @Test("back-off: bounds double from 100 ms to 10 s, pauses fill them, a reset starts over")
  func backOff() {
    var backOff = BackOff()
    var random = SeededRandom(seed: 1)
    var bounds: [Int64] = []
    for _ in 0..<40 {
      let bound = backOff.bound
      bounds.append(bound)
      #expect((0...bound).contains(backOff.next(using: &random)))
    }
    #expect(bounds.prefix(9) == [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
    #expect(bounds.last == 10_000)
    let pauses = (0..<1000).map { _ in backOff.next(using: &random) }
    #expect((pauses.min() ?? 10_000) < 500 && (pauses.max() ?? 0) > 9500)
    backOff.reset()
    #expect(backOff.bound == 100)
  }
}
