import Xylem
import XylemNetwork

/// `embedded DIRECTORY PARENT TLS`: opens a node that `Node.create` made, joins its parent over TLS, commits one unit,
/// and ends when the top of the network has it on disk.
@main
struct Embedded {
  static func main() async throws {
    let (directory, parent, tls) = (CommandLine.arguments[1], CommandLine.arguments[2], CommandLine.arguments[3])
    let files = Links.Files(
      certificate: tls + "/node.crt", key: tls + "/node.key", authorities: tls + "/authorities.crt")
    let carrier = try await Links.carrier(listen: nil, parent: parent, protection: .certificates(files))
    let node = try await Node.open(at: directory, carrier: carrier)
    let (unit, position) = try await node.commit(as: "embedded", reason: "登记") { commit in
      try commit.insert(
        "unit",
        [
          "unit_name": "宁波第一中学", "unit_uscc": "14405287-0", "unit_category": "22", "is_legal_entity": false,
          "subordination": "50", "region_code": "330203", "staff_total": 120, "staff_members": 30, "org_state": "10",
          "unit_status": "1", "econ_type": "1", "enterprise_scale": "3",
        ])
    }
    try await node.wait(for: position, level: .root, seconds: 60)
    print("at the top: \(unit.text)")
    await node.close()
  }
}
