// swift-tools-version: 6.2
import PackageDescription

// The layer table: arrows point down only. Tests/TidyTests holds the sources against it.
// One line per target; `imports` is everything a file of the target may import besides the standard library.

/// Every target of ours: Swift 6 mode, warnings are errors (CI builds exactly what you build).
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]

func library(_ name: String, _ imports: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: strict)
}
func program(_ name: String, _ imports: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: imports, swiftSettings: strict)
}
func tests(_ name: String, _ imports: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: imports, exclude: exclude, swiftSettings: strict)
}
func system(_ name: String, _ pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
  name: "xylem",
  products: [
    .library(name: "Xylem", targets: ["Xylem"]),
  ],
  dependencies: [
    // Links and the HTTP server need an event loop; we do not write one.
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    // HTTP parsing, routing and Unix sockets for the admin API.
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    // HTTP client over a Unix socket for xylemctl.
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    // Command parsing, help, completion and man pages of the executables.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // The logging API every embedder already has.
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    // Signals and ordered shutdown of the daemon.
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    // YAML with the line and column of every key, which a config error must name.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C libraries of Debian 12: no build time, security updates come from the system.
    system("CRocksDB", "rocksdb", apt: "librocksdb-dev"),
    system("CZstd", "libzstd", apt: "libzstd-dev"),
    system("CCrypto", "libcrypto", apt: "libssl-dev"),
    // Linux calls that Swift's Glibc module leaves out (statfs, eventfd).
    .systemLibrary(name: "CLinux"),

    // Pure layers: no thread, clock, disk, socket, Foundation or random.
    library("Primitives", []),
    library("Messages", ["Primitives"]),
    library("Access", ["Primitives"]),
    library("Ports", ["Primitives"]),
    library("Catalog", ["Primitives"]),
    library("Formats", ["Primitives", "CZstd", "CCrypto"]),
    library("Replication", ["Primitives", "Formats"]),
    library("Query", ["Primitives", "Access", "Ports", "Catalog", "Formats"]),
    library("Engine", ["Primitives", "Access", "Ports", "Catalog", "Formats", "Replication"]),

    // The shell: disk, threads, sockets.
    library("Rocks", ["Primitives", "CRocksDB"]),
    library("RocksStorage", ["Primitives", "Ports", "Rocks", "CLinux"]),
    library("Xylem", ["Primitives", "Messages", "Access", "Ports", "Catalog", "Formats", "Query", "Engine", "RocksStorage", log]),

    tests("PrimitivesTests", ["Primitives"]),
    tests("FormatsTests", ["Formats", "Primitives"], exclude: ["Goldens"]),
    tests("XylemTests", ["Xylem", "Access", "Ports", "Primitives"]),
  ],
  swiftLanguageModes: [.v6]
)
