import Logging
import Ports
import Transport

/// Live links for a node of this process: give the carrier to `Node.open`.
public enum Links {
  /// A carrier that listens for children and dials the parent.
  ///
  /// - Parameters:
  ///   - listen: `HOST:PORT` for children, or nil.
  ///   - parent: `HOST:PORT` of the parent, or nil at the top of the network.
  /// - Throws: `LinkAddressError` when an address is malformed or not on this machine.
  public static func carrier(
    listen: String?, parent: String?, log: Logger = Logger(label: "xylem.link")
  ) throws -> any LinkCarrier {
    TCPCarrier(listen: try listen.map { try LinkAddress($0) }, parent: try parent.map { try LinkAddress($0) }, log: log)
  }
}
