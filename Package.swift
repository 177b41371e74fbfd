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

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "tocsin",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // C libraries, and protoc-c's output
    .systemLibrary(name: "CZeroMQ", path: "Sources/C/CZeroMQ"),
    .systemLibrary(name: "CSQLite", path: "Sources/C/CSQLite"),
    .systemLibrary(name: "CCurl", path: "Sources/C/CCurl"),
    .target(name: "CChecksum", path: "Sources/C/CChecksum"),
    .target(name: "CProcess", path: "Sources/C/CProcess"),
    .target(name: "CTocsinProto", path: "Sources/C/CTocsinProto", linkerSettings: [.linkedLibrary("protobuf-c")]),
    // What the bench compares us with, in C
    .target(
      name: "CFloors", dependencies: ["CTocsinProto"], path: "Sources/C/CFloors",
      linkerSettings: [.linkedLibrary("zmq"), .linkedLibrary("sqlite3"), .linkedLibrary("curl")]),

    // Values, time and the machinery around rules
    library("Messages", ["CChecksum"]),
    library("CivilTime", ["Messages"]),
    library("Machinery", ["Messages", collections, crypto]),

    // Rules
    library("Alerting", ["Messages", "Machinery", collections]),
    .target(
      name: "Scheduling", dependencies: ["Messages", "Machinery", "CivilTime"], exclude: ["README.md"],
      swiftSettings: strict),
    library("Escalating", ["Messages", "Machinery", "CivilTime", collections]),
    library("Notifying", ["Messages", "Machinery", "CivilTime", collections]),

    // Edges
    library("Addresses"),
    library("PrivateFiles"),
    library("Wire", ["Messages", "CTocsinProto"]),
    .target(
      name: "Bus",
      dependencies: ["Addresses", "Messages", "CivilTime", "PrivateFiles", "Wire", "CZeroMQ", collections],
      swiftSettings: strict + [.unsafeFlags(["-enforce-exclusivity=unchecked"])]),
    library("SQLiteJournal", ["Messages", "Machinery", "CSQLite"]),
    library("Listening", ["Messages"], visible),
    .target(
      name: "Providers", dependencies: ["Addresses", "Messages", "Listening", "PrivateFiles", "CCurl", crypto],
      exclude: ["README.md"],
      swiftSettings: visible),
    library("Callbacks", ["Messages", "Listening", crypto], visible),
    library("Configuration", ["Messages", "CivilTime", .product(name: "Yams", package: "Yams")]),
    library("AlertSources", ["Messages"]),
    library("Metrics", ["Listening"]),

    // Assembly
    library(
      "Tiers",
      ["Messages", "Machinery", "CivilTime", "Alerting", "Scheduling", "Escalating", "Notifying", "Wire", crypto],
      visible),
    library(
      "Hosting",
      [
        "Messages", "Machinery", "CivilTime", "Notifying", "Wire", "Bus", "SQLiteJournal", "Providers", "Callbacks",
        "Metrics", "PrivateFiles", "Tiers", "CProcess", arguments, crypto, logging, collections,
      ], visible),
    library(
      "Simulation",
      [
        "Messages", "Machinery", "CivilTime", "Wire", "Configuration", "Tiers", "Alerting", "Scheduling", "Escalating",
        "Notifying", collections, crypto,
      ]),

    // Programs. Each names its rules, though only Tiers imports them: whole hosts are specialized for them in a program's own
    // object, which must be made anew when the layout of the rules changes.
    program("alert-intake", ["Hosting", "Tiers", "Alerting"]),
    program("scheduler", ["Hosting", "Tiers", "Scheduling"]),
    program("escalator", ["Hosting", "Tiers", "Escalating"]),
    program("notifier", ["Hosting", "Tiers", "Notifying"]),
    program("tocsin-tier", ["Hosting", "Tiers", "Alerting", "Scheduling", "Escalating", "Notifying"]),
    program("tocsin-seeds", ["Simulation"]),
    program(
      "tocsinctl",
      [
        "Addresses", "Messages", "CivilTime", "Machinery", "Wire", "Bus", "SQLiteJournal", "Configuration",
        "AlertSources",
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
      path: "Tests/RuleTests", exclude: ["Scheduling/Reference"], swiftSettings: strict),
    tests("WireTests", ["Messages", "Wire"]),
    tests("ConfigurationTests", ["Messages", "Machinery", "Alerting", "Configuration", "AlertSources"]),
    .testTarget(
      name: "SimulationTests", dependencies: ["Messages", "CivilTime", "Escalating", "Wire", "Tiers", "Simulation"],
      exclude: ["Transcripts"], swiftSettings: strict),
    tests("ProviderTests", ["Addresses", "Messages", "Providers"]),
    tests("CallbackTests", ["Messages", "Listening", "Callbacks", crypto]),
    tests("JournalTests", ["Messages", "Machinery", "SQLiteJournal"]),
    tests(
      "SealingTests", ["Messages", "CivilTime", "Machinery", "Wire", "Notifying", "SQLiteJournal", "Tiers", "Hosting"]),
    tests(
      "AuditTests",
      ["Addresses", "Messages", "CivilTime", "Machinery", "Wire", "Bus", "SQLiteJournal", "Tiers", "Hosting", logging]),
    tests("HostingTests", ["Hosting", logging]),
    tests("MetricsTests", ["Metrics"]),
    tests("BusTests", ["Addresses", "Messages", "Wire", "Bus", "CZeroMQ"]),
    tests("TidyTests"),
  ],
  swiftLanguageModes: [.v6]
)
