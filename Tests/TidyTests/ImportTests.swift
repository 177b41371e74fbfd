import Foundation
import Testing

/// Who may import whom, and what rules may not name: the shape that everything else stands on.
@Suite struct ImportTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let sources = root.appendingPathComponent("Sources")

  /// Our modules that each module may import; system and package modules are listed where they are restricted.
  static let allowed: [String: Set<String>] = [
    "Messages": [], "CivilTime": ["Messages"], "Machinery": ["Messages"],
    "Alerting": ["Messages", "Machinery"], "Scheduling": ["Messages", "Machinery", "CivilTime"],
    "Escalating": ["Messages", "Machinery", "CivilTime"], "Notifying": ["Messages", "Machinery", "CivilTime"],
    "Wire": ["Messages", "CTocsinProto"], "Addresses": [], "PrivateFiles": [],
    "Bus": ["Addresses", "Messages", "CivilTime", "PrivateFiles", "Wire", "CZeroMQ"],
    "SQLiteJournal": ["Messages", "Machinery", "CSQLite"], "Listening": ["Messages"],
    "Providers": ["Addresses", "Messages", "Listening", "PrivateFiles", "CCurl"],
    "Callbacks": ["Messages", "Listening"],
    "Configuration": ["Messages", "CivilTime"], "AlertSources": ["Messages"], "Metrics": ["Listening"],
    "Tiers": ["Messages", "Machinery", "CivilTime", "Alerting", "Scheduling", "Escalating", "Notifying", "Wire"],
    "Simulation": [
      "Messages", "Machinery", "CivilTime", "Alerting", "Scheduling", "Escalating", "Notifying", "Wire", "Tiers",
      "Configuration",
    ],
    "Hosting": [
      "Messages", "Machinery", "CivilTime", "Wire", "Bus", "SQLiteJournal", "Providers", "Callbacks", "Metrics",
      "PrivateFiles", "Tiers", "Notifying",
    ],
    "alert-intake": ["Hosting"], "scheduler": ["Hosting"], "escalator": ["Hosting"], "notifier": ["Hosting"],
    "tocsin-tier": ["Hosting"], "tocsin-seeds": ["Simulation"],
  ]
  /// Where values and rules live: no I/O, no clock, no dice, no threads.
  static let pure = ["Messages", "CivilTime", "Machinery", "Alerting", "Scheduling", "Escalating", "Notifying"]
  static let impure = [
    "Foundation", "Glibc", "Dispatch", "Synchronization", "CZeroMQ", "CSQLite", "CCurl", "CTocsinProto",
  ]
  static let forbiddenNames = [
    "Date()", ".random(", "SystemRandomNumberGenerator", "ContinuousClock", "SuspendingClock", "clock_gettime",
    "Task {",
    "await ", "print(", "fopen", "FileManager",
  ]

  @Test func modulesImportOnlyWhatLiesBelowThem() throws {
    let ours = Set(Self.allowed.keys).union(["CTocsinProto", "CZeroMQ", "CSQLite", "CCurl", "tocsinctl"])
    for (module, allowed) in Self.allowed {
      for (file, line, imported) in try Self.imports(of: module) where ours.contains(imported) {
        #expect(allowed.contains(imported), "\(file):\(line): \(module) may not import \(imported)")
      }
    }
  }

  @Test func rulesSeeNoClockNoDiceAndNoOutside() throws {
    for module in Self.pure {
      for (file, line, imported) in try Self.imports(of: module) {
        #expect(!Self.impure.contains(imported), "\(file):\(line): \(module) is pure and may not import \(imported)")
      }
      for (file, text) in try Self.files(of: module) {
        for name in Self.forbiddenNames where text.contains(name) {
          #expect(Bool(false), "\(file): \(module) is pure and may not name \(name)")
        }
      }
    }
  }

  @Test func onlyWireSeesProtobufAndOnlyBusSeesZeroMQ() throws {
    for module in try FileManager.default.contentsOfDirectory(atPath: Self.sources.path) where module != "C" {
      for (file, line, imported) in try Self.imports(of: module) {
        #expect(imported != "CTocsinProto" || module == "Wire", "\(file):\(line): only Wire sees protobuf-c")
        #expect(
          imported != "CZeroMQ" || module == "Bus" || module == "tocsin-bench", "\(file):\(line): only Bus sees ZeroMQ")
      }
    }
  }

  /// The build finds a module that is imported and not declared, but doesn't make anew what was compiled against its old layout.
  @Test func whatIsImportedIsDeclared() throws {
    let manifest = try String(contentsOf: Self.root.appendingPathComponent("Package.swift"), encoding: .utf8)
    let target = /(?:(?:library|program)\(\s*|name: )"([A-Za-z-]+)",\s*(?:dependencies: )?\[([^\]]*)\]/
    var declared: [String: Substring] = [:]
    for found in manifest.matches(of: target) { declared[String(found.1)] = found.2 }
    let ours = Set(Self.allowed.keys)
    for module in ours {
      for (file, line, imported) in try Self.imports(of: module) where ours.contains(imported) {
        #expect(
          declared[module]?.contains("\"\(imported)\"") == true,
          "\(file):\(line): Package.swift doesn't say that \(module) depends on \(imported)")
      }
    }
  }

  @Test func everyProgramAndLibraryIsListedHere() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
    let known = Set(Self.allowed.keys).union(["C", "tocsinctl", "tocsin-bench"])
    for folder in folders { #expect(known.contains(folder), "Sources/\(folder) has no line in ImportTests.allowed") }
  }

  static func files(of module: String) throws -> [(String, String)] {
    let folder = sources.appendingPathComponent(module)
    guard let walker = FileManager.default.enumerator(atPath: folder.path) else { return [] }
    return try walker.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.map {
      ("Sources/\(module)/\($0)", try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
    }
  }

  private static func imports(of module: String) throws -> [(file: String, line: Int, imported: String)] {
    try files(of: module).flatMap { file, text in
      text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { number, line in
        let words = line.split(separator: " ")
        guard words.first == "import", let name = words.last else { return nil }
        return (file, number + 1, String(name))
      }
    }
  }
}
