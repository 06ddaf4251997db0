// swift-tools-version: 6.2
import PackageDescription

// Somebody else's program with a node inside. It may use what Xylem's products offer, and nothing else of the project.
let package = Package(
  name: "embedding",
  dependencies: [.package(name: "xylem", path: "../..")],
  targets: [
    .executableTarget(
      name: "embedded",
      dependencies: [
        .product(name: "Xylem", package: "xylem"), .product(name: "XylemNetwork", package: "xylem"),
      ], path: "Sources")
  ]
)
