import Synchronization

/// Bounds the connections that have not proved who they are, in all and from one address.
final class HandshakePlaces: Sendable {
  /// One such connection's place, to be given back once.
  struct Place {
    fileprivate let address: String
  }
  private struct State {
    var count = 0
    var byAddress: [String: Int] = [:]
  }

  private let most: Int
  private let mostPerAddress: Int
  private let state = Mutex(State())

  init(most: Int, mostPerAddress: Int) {
    self.most = most
    self.mostPerAddress = mostPerAddress
  }

  /// A place for a connection from `address`, or nil when it is one too many.
  func take(_ address: String) -> Place? {
    state.withLock { state in
      guard state.count < most, state.byAddress[address, default: 0] < mostPerAddress else { return nil }
      state.count += 1
      state.byAddress[address, default: 0] += 1
      return Place(address: address)
    }
  }

  func leave(_ place: Place) {
    state.withLock { state in
      state.count -= 1
      let left = state.byAddress[place.address, default: 1] - 1
      state.byAddress[place.address] = left == 0 ? nil : left
    }
  }
}
