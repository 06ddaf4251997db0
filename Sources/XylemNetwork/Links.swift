import Logging
import Messages
import Ports
import Transport

extension ListenError: FailureConvertible {
  /// An address in use is the operator's to mend; anything else the system said is told as it is.
  public var failure: Failure {
    switch self {
    case .addressInUse(let address): Failure(.configPortInUse, ["address": "\(address)", "key": "link.listen"])
    case .refused(let address, let number):
      Failure(.storageIO, ["operation": "listen", "reason": "errno \(number)", "file": "\(address)"])
    case .stopped: Failure(.nodeStopping)
    }
  }
}

/// Live links for a node of this process: give the carrier to `Node.open`.
public enum Links {
  /// A carrier that will listen for children and dial the parent once the node starts it; until then it holds nothing.
  ///
  /// - Parameters:
  ///   - listen: `HOST:PORT` for children, or nil for a node without children.
  ///   - parent: `HOST:PORT` of the parent, or nil at the top of the network.
  /// - Throws: when an address is malformed or not on this machine; starting it throws `ListenError`.
  public static func carrier(
    listen: String?, parent: String?, log: Logger = Logger(label: "xylem.link")
  ) throws(LinkAddressError) -> any LinkCarrier {
    var options = TCPCarrier.Options()
    if let listen { options.listen = try LinkAddress(listen) }
    if let parent { options.parent = try LinkAddress(parent) }
    return TCPCarrier(options, log: log)
  }
}
