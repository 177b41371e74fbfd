// swift-tools-version: 6.2
// What each target is for: README.md, "Where things are". The depended-on comes first.
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// For modules whose tests look inside, in the optimised build too.
let visible: [SwiftSetting] = strict + [.unsafeFlags(["-enable-testing"])]

func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], _ settings: [SwiftSetting] = strict
) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A suite's own code is run once: optimising it takes longer than it saves. What it tests is optimised.
let once: [SwiftSetting] = strict + [.unsafeFlags(["-Onone"])]

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: once)
}

/// Of swift-collections what is used, and not the whole: the rest takes as long to build as two of our modules.
let collections = ["DequeModule", "HeapModule"].map {
  Target.Dependency.product(name: $0, package: "swift-collections")
}
let ordered = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "tocsin",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // C libraries, and protoc-c's output
    .systemLibrary(name: "CZeroMQ", path: "Sources/C/CZeroMQ"),
    .systemLibrary(name: "CSQLite", path: "Sources/C/CSQLite"),
    .systemLibrary(name: "CCurl", path: "Sources/C/CCurl"),
    .systemLibrary(name: "CCrypto", path: "Sources/C/CCrypto"),
    .target(name: "CChecksum", path: "Sources/C/CChecksum"),
    .target(name: "CProcess", path: "Sources/C/CProcess"),
    .target(name: "CTocsinProto", path: "Sources/C/CTocsinProto", linkerSettings: [.linkedLibrary("protobuf-c")]),
    // What the bench compares us with, in C
    .target(
      name: "CFloors", dependencies: ["CTocsinProto", "CChecksum"], path: "Sources/C/CFloors",
      linkerSettings: [.linkedLibrary("zmq"), .linkedLibrary("sqlite3"), .linkedLibrary("curl")]),

    // Values, time and the machinery around rules
    library("Messages", ["CChecksum"]),
    library("Cryptography", ["CCrypto"]),
    library("CivilTime", ["Messages"]),
    // The engine's own code, made anew for each tier's rules: called as it stands, it would ask at each step what they are.
    library(
      "Machinery", ["Messages", "Cryptography"] + collections, strict + [.unsafeFlags(["-cross-module-optimization"])]),

    // Rules
    library("Alerting", ["Messages", "Machinery", ordered] + collections),
    .target(
      name: "Scheduling", dependencies: ["Messages", "Machinery", "CivilTime"], exclude: ["README.md"],
      swiftSettings: strict),
    library("Escalating", ["Messages", "Machinery", "CivilTime"] + collections),
    library("Notifying", ["Messages", "Machinery", "CivilTime"] + collections),

    // Edges
    library("Addresses"),
    library("PrivateFiles", [], visible),
    library("JSON", ["Messages"]),
    library("Wire", ["Messages", "JSON", "CTocsinProto"]),
    .target(
      name: "Bus",
      dependencies: ["Addresses", "Messages", "CivilTime", "PrivateFiles", "Wire", "CZeroMQ"] + collections,
      swiftSettings: strict + [.unsafeFlags(["-enforce-exclusivity=unchecked"])]),
    library("SQLiteJournal", ["Messages", "Machinery", "CSQLite"], visible),
    library("Processes", ["Messages", "JSON", "Bus", "CProcess", arguments, logging], visible),
    library("Listening", ["Messages"], visible),
    .target(
      name: "Providers", dependencies: ["Addresses", "Messages", "Listening", "PrivateFiles", "CCurl", "Cryptography"],
      exclude: ["README.md"],
      swiftSettings: visible),
    library("Callbacks", ["Messages", "Listening", "Cryptography"], visible),
    library("Subscribing", ["Messages", "CivilTime", "Bus", "Cryptography"], visible),
    library("Configuration", ["Messages", "CivilTime", .product(name: "Yams", package: "Yams")]),
    library("AlertSources", ["Messages", "JSON"]),
    library("Metrics", ["Listening"], visible),
    .target(
      name: "Serving",
      dependencies: [
        "Messages", .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        "PrivateFiles",
      ], swiftSettings: visible),
    .target(
      name: "Pages",
      dependencies: [
        "Addresses", "Messages", "CivilTime", "PrivateFiles", "Wire", "Serving", "Cryptography",
        .product(name: "Mustache", package: "swift-mustache"),
      ], exclude: ["README.md"], swiftSettings: visible),
    .target(
      name: "Relaying",
      dependencies: [
        "Addresses", "Messages", "CivilTime", "JSON", "PrivateFiles", "Wire", "Bus", "Processes", "Configuration",
        "AlertSources", "Subscribing", "Metrics", "Serving", "Pages", mustache, "Cryptography", logging, arguments,
      ], exclude: ["README.md"], swiftSettings: visible),

    // Assembly
    library(
      "Tiers",
      [
        "Messages", "Machinery", "CivilTime", "Alerting", "Scheduling", "Escalating", "Notifying", "Wire",
        "Cryptography",
      ],
      visible),
    library(
      "Hosting",
      [
        "Messages", "Machinery", "CivilTime", "Notifying", "Wire", "Bus", "SQLiteJournal", "Providers", "Callbacks",
        "Metrics", "PrivateFiles", "Processes", "Tiers", "CProcess", arguments, logging,
      ] + collections, visible),
    library(
      "Simulation",
      [
        "Messages", "Machinery", "CivilTime", "Wire", "Configuration", "Tiers", "Alerting", "Scheduling", "Escalating",
        "Notifying", "Cryptography",
      ] + collections),

    // Programs. Each names its rules, though only Tiers imports them: whole hosts are specialized for them in a program's own
    // object, which must be made anew when the layout of the rules changes.
    program("alert-intake", ["Hosting", "Tiers", "Alerting"]),
    program("scheduler", ["Hosting", "Tiers", "Scheduling"]),
    program("escalator", ["Hosting", "Tiers", "Escalating"]),
    program("notifier", ["Hosting", "Tiers", "Notifying"]),
    program("tocsin-tier", ["Hosting", "Tiers", "Alerting", "Scheduling", "Escalating", "Notifying"]),
    program("tocsin-seeds", ["Simulation"]),
    program("gateway", ["Relaying"]),
    program(
      "tocsinctl",
      [
        "Addresses", "Messages", "CivilTime", "Machinery", "Wire", "Bus", "SQLiteJournal", "Configuration",
        "AlertSources", "Subscribing",
        arguments,
      ]),
    program(
      "tocsin-bench",
      [
        "Messages", "Machinery", "CivilTime", "Escalating", "Wire", "Bus", "SQLiteJournal", "Providers",
        "Configuration",
        "Tiers", "CFloors", arguments,
      ]),

    // Tests
    .testTarget(
      name: "RuleTests",
      dependencies: ["Messages", "Machinery", "CivilTime", "Alerting", "Scheduling", "Escalating", "Notifying"],
      path: "Tests/RuleTests", exclude: ["Scheduling/Reference"], swiftSettings: once),
    tests("WireTests", ["Messages", "CivilTime", "Machinery", "Wire", "Tiers", "Simulation"]),
    tests("ConfigurationTests", ["Messages", "Machinery", "Alerting", "Configuration", "AlertSources"]),
    .testTarget(
      name: "SimulationTests", dependencies: ["Messages", "CivilTime", "Escalating", "Wire", "Tiers", "Simulation"],
      exclude: ["Transcripts"], swiftSettings: once),
    tests("ProviderTests", ["Addresses", "Messages", "Providers"]),
    tests("CallbackTests", ["Messages", "Listening", "Callbacks", "Cryptography"]),
    tests("JournalTests", ["Messages", "Machinery", "SQLiteJournal", "CSQLite"]),
    tests(
      "SealingTests",
      [
        "Cryptography", "Messages", "CivilTime", "Machinery", "PrivateFiles", "Wire", "Notifying", "SQLiteJournal",
        "Tiers",
        "Hosting",
      ]),
    tests(
      "AuditTests",
      [
        "Addresses", "Messages", "CivilTime", "Machinery", "Notifying", "Wire", "Bus", "SQLiteJournal", "Tiers",
        "Hosting",
        logging,
      ]),
    tests("HostingTests", ["Messages", "Tiers", "Hosting", "Processes", logging]),
    tests(
      "EdgeTests",
      [
        "Messages", "CivilTime", "JSON", "Wire", "Bus", "Processes", "Configuration", "AlertSources", "Subscribing",
        "Metrics", "Serving", "Relaying", logging,
      ]),
    tests("PageTests", ["Messages", "CivilTime", "Wire", "Serving", "Pages"]),
    tests("MetricsTests", ["Metrics"]),
    tests("BusTests", ["Addresses", "Messages", "Wire", "Bus", "CZeroMQ"]),
    tests("TidyTests"),
    .target(
      name: "FuzzEntries",
      dependencies: [
        "Messages", "Alerting", "JSON", "Wire", "Bus", "Listening", "Callbacks", "Configuration", "AlertSources",
        "Cryptography",
      ],
      path: "Tests/fuzz/Entries", swiftSettings: strict),
    tests("FuzzTests", ["FuzzEntries"]),
  ],
  swiftLanguageModes: [.v6]
)

// Tests/fuzz/run sets it: this program is linked with libFuzzer, which no ordinary build has.
if Context.environment["TOCSIN_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "tocsin-fuzz", dependencies: ["FuzzEntries"], path: "Tests/fuzz/Program", swiftSettings: strict))
}
