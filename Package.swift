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
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
  name: "xylem",
  products: [
    .library(name: "Xylem", targets: ["Xylem"]),
    .library(name: "XylemNetwork", targets: ["XylemNetwork"]),
    .library(name: "XylemSQL", targets: ["SQLSurface"]),
    .executable(name: "xylemd", targets: ["xylemd"]),
    .executable(name: "xylemctl", targets: ["xylemctl"]),
    .executable(name: "xylem-fleet", targets: ["xylem-fleet"]),
    .executable(name: "xylem-simulate", targets: ["xylem-simulate"]),
    .executable(name: "xylem-slt", targets: ["xylem-slt"]),
  ],
  dependencies: [
    // Links and the HTTP server need an event loop; we do not write one.
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    // TLS 1.3 on every link, and certificates made and read by a library that others review.
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    // What swift-certificates is built on: keys are made with one, bytes and PEM texts read with the other.
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
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
    // Percentiles of operators' benchmarks: exact tails in bounded memory, as operators know them elsewhere.
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    // YAML with the line and column of every key, which a config error must name.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C libraries of Debian 12: no build time, security updates come from the system.
    system("CRocksDB", "rocksdb", apt: "librocksdb-dev"),
    system("CZstd", "libzstd", apt: "libzstd-dev"),
    system("CCrypto", "libcrypto", apt: "libssl-dev"),
    system("CSQLite", "sqlite3", apt: "libsqlite3-dev"),
    // Spreadsheets with merged headings and print set-up, read by every office program; BSD, plain C, no dependency.
    system("CXlsxWriter", "xlsxwriter", apt: "libxlsxwriter-dev"),

    // Pure layers: no thread, clock, disk, socket, Foundation or random.
    library("Primitives", []),
    library("Messages", ["Primitives"]),
    library("Access", ["Primitives"]),
    library("Ports", ["Primitives"]),
    library("Catalog", ["Primitives"]),
    library("Formats", ["Primitives", "CZstd", "CCrypto"]),
    library("Replication", ["Primitives", "Formats"]),
    library("Query", ["Primitives", "Access", "Ports", "Catalog", "Formats"]),
    library("Statistics", ["Primitives", "Access", "Ports", "Catalog", "Formats", "Query"]),
    library("Engine", ["Primitives", "Access", "Ports", "Catalog", "Formats", "Replication"]),

    library("TabularImport", ["Primitives", "Catalog", "Formats", "Messages"]),
    library("Simulation", ["Primitives", "Ports", "Catalog", "Formats", "Replication", "Engine"]),

    // The shell: disk, threads, sockets.
    library("Rocks", ["Primitives", "CRocksDB"]),
    library("RocksStorage", ["Primitives", "Ports", "Rocks"]),
    library(
      "Xylem",
      [
        "Primitives", "Messages", "Access", "Ports", "Catalog", "Formats", "Replication", "Query", "Statistics",
        "Engine", "TabularImport", "RocksStorage", log,
      ]),
    library(
      "SQLSurface",
      [
        "CSQLite", "Primitives", "Messages", "Access", "Catalog", "Formats", "Query", "Statistics", "Xylem",
      ]),
    library("Certificates", ["Primitives", x509, crypto, asn1]),
    library(
      "Transport", ["Primitives", "Ports", "Formats", "Certificates", nioCore, nioPosix, nioSSL, nioTLS, log]),
    library("XylemNetwork", ["Primitives", "Messages", "Ports", "Certificates", "Transport", log]),

    // What operators measure a machine with before they trust it with a node.
    library(
      "NodeBench",
      [
        "Primitives", "Access", "Catalog", "Certificates", "Console", "Messages", "Workloads", "Xylem", "XylemNetwork",
        histogram,
      ]),

    // What people and programs talk to.
    library("Console", ["Primitives", "Messages"]),
    library("AdminProtocol", ["Messages"]),
    library(
      "AdminAPI",
      [
        "AdminProtocol", "Messages", "Access", "Catalog", "Engine", "Formats", "Primitives", "SQLSurface",
        "TabularImport", "Xylem", hummingbird, hummingbirdCore, nioCore, lifecycle, log,
      ]),
    // Reports as files: made where they are wanted, by the client.
    library("ReportFiles", ["AdminProtocol", "Messages", "CXlsxWriter"]),
    library("AdminClient", ["AdminProtocol", "Messages", httpClient, nioCore]),
    library("NodeConfiguration", ["Primitives", "Messages", yams]),
    program(
      "xylemd",
      [
        "NodeConfiguration", "AdminAPI", "Certificates", "Console", "Formats", "Messages", "NodeBench", "Ports",
        "Primitives", "Xylem", "XylemNetwork", argumentParser, lifecycle, log,
      ]),
    program(
      "xylemctl",
      [
        "CSQLite", "AdminProtocol", "AdminClient", "Catalog", "Console", "Formats", "Messages", "Primitives",
        "ReportFiles",
        "TabularImport", argumentParser,
      ]),

    program("xylem-simulate", ["Primitives", "Catalog", "Console", "Messages", "Simulation", argumentParser]),

    // Plays test files of other SQL engines against the virtual tables.
    program(
      "xylem-slt",
      ["CCrypto", "Primitives", "Access", "Catalog", "Console", "Messages", "SQLSurface", "Xylem", argumentParser]),

    // Demonstration.
    library("Workloads", ["Primitives", "Catalog"]),
    program(
      "xylem-fleet",
      [
        "Primitives", "AdminProtocol", "AdminClient", "Certificates", "Console", "Messages", "TabularImport",
        "Workloads", argumentParser,
      ]),

    tests("PrimitivesTests", ["Primitives"]),
    tests("MessagesTests", ["Messages", "Primitives"]),
    tests("ConsoleTests", ["Console", "Messages", "Primitives"]),
    tests("AccessTests", ["Access", "Primitives"]),
    tests("CatalogTests", ["Catalog", "Primitives"]),
    tests("FormatsTests", ["Formats", "Primitives"], exclude: ["Goldens"]),
    tests("ConformanceTests", ["Simulation", "RocksStorage", "Ports", "Primitives"]),
    tests("RocksTests", ["Rocks", "Primitives"]),
    tests("RocksStorageTests", ["RocksStorage", "Rocks", "Ports", "Primitives", "rocks-crash-writer"]),
    // Writes and prints acknowledgements until a test kills it.
    .executableTarget(
      name: "rocks-crash-writer", dependencies: ["RocksStorage", "Ports", "Primitives"],
      path: "Tests/Helpers/RocksCrashWriter", swiftSettings: strict),
    // Processor time per imported row, apart for reading, upsert and writing.
    .executableTarget(
      name: "import-cost",
      dependencies: ["Primitives", "Ports", "Catalog", "Formats", "Engine", "TabularImport", "RocksStorage"],
      path: "Tests/Helpers/ImportCost", swiftSettings: strict),
    tests("TabularImportTests", ["TabularImport", "Catalog", "Messages", "Primitives"]),
    tests(
      "XylemTests",
      [
        "Xylem", "Access", "Engine", "Formats", "Messages", "Ports", "Primitives", "RocksStorage", "TabularImport",
      ]),
    tests(
      "SQLSurfaceTests",
      ["SQLSurface", "CSQLite", "Access", "Catalog", "Formats", "Messages", "Primitives", "Xylem", "xylem-slt"]),
    tests("WorkloadsTests", ["Workloads", "Catalog", "Primitives"]),
    tests(
      "StatisticsTests",
      [
        "Primitives", "Access", "Ports", "Catalog", "Formats", "Query", "Simulation", "Statistics",
      ]),
    tests("SimulationTests", ["Simulation", "Catalog"]),
    tests(
      "EngineTests",
      ["Primitives", "Access", "Ports", "Catalog", "Formats", "Replication", "Engine", "Simulation"]),
    // Bytes a row and rows a second of frames made of the synthetic city.
    tests(
      "FrameSizeTests",
      ["Primitives", "Catalog", "Formats", "Engine", "Simulation", "TabularImport", "Workloads"]),
    tests("ReplicationTests", ["Primitives", "Formats", "Replication"]),
    tests("CertificatesTests", ["Certificates", "Primitives"]),
    tests("TransportTests", ["Transport", "Certificates", "Formats", "Ports", "Primitives", nioCore, log]),
    tests("NodeBenchTests", ["NodeBench", "Console", "Messages"]),
    tests("NodeConfigurationTests", ["NodeConfiguration", "Messages", "Primitives"]),
    tests("AdminProtocolTests", ["AdminProtocol", "Messages"]),
    tests("ReportFilesTests", ["ReportFiles", "AdminProtocol", "Messages"]),
    tests("AdminClientTests", ["AdminClient", "Messages"]),
    tests(
      "AdminAPITests",
      [
        "Access", "AdminAPI", "AdminClient", "AdminProtocol", "CSQLite", "Console", "Formats", "Messages", "Primitives",
        "Xylem", "xylemctl", log,
      ]),
    // Whole programs as a user has them: started, killed, restarted.
    tests(
      "ProcessTests",
      ["AdminClient", "AdminProtocol", "Certificates", "Messages", "Primitives", "xylemd", "xylemctl", "xylem-fleet"]),
    // Prints what a parent pays for a child's frames, on a real store.
    .executableTarget(
      name: "receive-meter",
      dependencies: ["Primitives", "Ports", "Catalog", "Formats", "Engine", "RocksStorage", "Workloads"],
      path: "Benchmarks/receive", swiftSettings: strict),
    // Prints what a link costs under TLS and without.
    .executableTarget(
      name: "link-meter",
      dependencies: ["Certificates", "Formats", "Ports", "Primitives", "Transport", log], path: "Benchmarks/link",
      swiftSettings: strict),
    // Prints what SQL costs over a node.
    .executableTarget(
      name: "sql-meter", dependencies: ["Access", "Catalog", "Primitives", "SQLSurface", "Xylem"],
      path: "Benchmarks/sql", swiftSettings: strict),
    // Prints what statistics over columns cost, and the same rows for DuckDB.
    .executableTarget(
      name: "statistics-meter",
      dependencies: [
        "Primitives", "Access", "Ports", "Catalog", "Formats", "Query", "Statistics", "RocksStorage", "Workloads",
      ],
      path: "Benchmarks/statistics", exclude: ["beside_duckdb.py"], swiftSettings: strict),
    tests("TidyTests", ["Messages"]),
  ],
  swiftLanguageModes: [.v6]
)

// Release tests of the cores must not wait for an event loop to be optimised: under XYLEM_CORES only the targets
// remain that
// reach no other package.
if Context.environment["XYLEM_CORES"] != nil {
  var shell: Set<String> = []
  var isComplete = false
  while !isComplete {
    isComplete = true
    for target in package.targets where !shell.contains(target.name) {
      let reachesOut = target.dependencies.contains { dependency in
        switch dependency {
        case .productItem: true
        case .byNameItem(let name, _), .targetItem(let name, _): shell.contains(name)
        @unknown default: true
        }
      }
      if reachesOut {
        shell.insert(target.name)
        isComplete = false
      }
    }
  }
  package.targets.removeAll { shell.contains($0.name) }
  package.products.removeAll()
  package.dependencies.removeAll()
}
