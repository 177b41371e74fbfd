import Foundation
import Testing

/// Who may import whom, and what rules may not name: the shape that everything else stands on.
@Suite struct ImportTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let sources = root.appendingPathComponent("Sources")

  /// Our modules and C's that each module may import; system and package modules are listed where they are restricted.
  static let allowed: [String: Set<String>] = [
    "Messages": ["CChecksum"], "Cryptography": ["CCrypto"], "CivilTime": ["Messages"],
    "Machinery": ["Cryptography", "Messages"],
    "Alerting": ["Messages", "Machinery"], "Scheduling": ["Messages", "Machinery", "CivilTime"],
    "Escalating": ["Messages", "Machinery", "CivilTime"], "Notifying": ["Messages", "Machinery", "CivilTime"],
    "JSON": ["Messages"], "Wire": ["Messages", "JSON", "CTocsinProto"], "Addresses": [], "PrivateFiles": [],
    "Bus": ["Addresses", "Messages", "CivilTime", "PrivateFiles", "Wire", "CZeroMQ"],
    "Processes": ["Messages", "JSON", "Bus", "CProcess"],
    "SQLiteJournal": ["Messages", "Machinery", "CSQLite"], "Listening": ["Messages"],
    "Providers": ["Cryptography", "Addresses", "Messages", "Listening", "PrivateFiles", "CCurl"],
    "Callbacks": ["Cryptography", "Messages", "Listening"],
    "Configuration": ["Messages", "CivilTime"], "AlertSources": ["Messages", "JSON"], "Metrics": ["Listening"],
    "Serving": ["Messages", "PrivateFiles"], "Subscribing": ["Cryptography", "Messages", "CivilTime", "Bus"],
    "Pages": ["Cryptography", "Addresses", "Messages", "CivilTime", "PrivateFiles", "Wire", "Serving"],
    "Relaying": [
      "Cryptography", "Addresses", "Messages", "CivilTime", "JSON", "PrivateFiles", "Wire", "Bus", "Processes",
      "Configuration",
      "AlertSources", "Subscribing", "Metrics", "Serving", "Pages",
    ],
    "Tiers": [
      "Cryptography", "Messages", "Machinery", "CivilTime", "Alerting", "Scheduling", "Escalating", "Notifying", "Wire",
    ],
    "Simulation": [
      "Cryptography", "Messages", "Machinery", "CivilTime", "Alerting", "Scheduling", "Escalating", "Notifying", "Wire",
      "Tiers",
      "Configuration",
    ],
    "Hosting": [
      "Messages", "Machinery", "CivilTime", "Wire", "Bus", "SQLiteJournal", "Providers", "Callbacks", "Metrics",
      "PrivateFiles", "Processes", "Tiers", "Notifying", "CProcess",
    ],
    "alert-intake": ["Hosting"], "scheduler": ["Hosting"], "escalator": ["Hosting"], "notifier": ["Hosting"],
    "tocsin-tier": ["Hosting"], "tocsin-seeds": ["Simulation"], "gateway": ["Relaying"],
    "tocsinctl": [
      "Addresses", "Messages", "CivilTime", "Machinery", "Wire", "Bus", "SQLiteJournal", "Configuration",
      "AlertSources", "Subscribing",
    ],
    // It measures each layer beside its floor in C.
    "tocsin-bench": [
      "Messages", "Machinery", "Escalating", "Wire", "Bus", "SQLiteJournal", "Providers", "Configuration", "Tiers",
      "CFloors",
    ],
  ]
  static let ofC: Set = ["CTocsinProto", "CZeroMQ", "CSQLite", "CCurl", "CCrypto", "CChecksum", "CProcess", "CFloors"]
  /// Where values and rules live: no I/O, no clock, no dice, no threads.
  static let pure = ["Messages", "CivilTime", "Machinery", "Alerting", "Scheduling", "Escalating", "Notifying"]
  static let impure = [
    "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization", "CZeroMQ", "CSQLite", "CCurl",
    "CTocsinProto", "CProcess",
  ]
  /// Who reads what this process has itself encoded; whatever else is decoded has passed the lint.
  static let trusting = ["Wire", "Tiers", "Simulation"]
  /// In modules that see bytes from outside too: rows of the own history, and answers of the own rules.
  static let trustingFiles = ["Sources/Hosting/Auditing/Historian+Audit.swift", "Sources/Hosting/Host+Callbacks.swift"]

  @Test func modulesImportOnlyWhatLiesBelowThem() throws {
    let ours = Set(Self.allowed.keys).union(Self.ofC)
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
        let found = SourceText(text).impurities
        #expect(found == [], "\(file): \(module) is pure and may not name these")
      }
    }
  }

  /// `decodingTrusted` leaves out the lint: bytes of others must not come near it.
  @Test func bytesFromOutsideAreNeverDecodedAsTrusted() throws {
    var looked = 0
    for module in try FileManager.default.contentsOfDirectory(atPath: Self.sources.path) {
      for (file, text) in try Self.files(of: module) where text.contains("decodingTrusted") {
        looked += 1
        #expect(
          Self.trusting.contains(module) || Self.trustingFiles.contains(file),
          "\(file): \(module) sees bytes from outside and may not decode them as trusted")
      }
    }
    #expect(looked > 5)
  }

  @Test func onlyWireSeesProtobufAndOnlyBusSeesZeroMQ() throws {
    for module in try FileManager.default.contentsOfDirectory(atPath: Self.sources.path) where module != "C" {
      for (file, line, imported) in try Self.imports(of: module) {
        #expect(imported != "CTocsinProto" || module == "Wire", "\(file):\(line): only Wire sees protobuf-c")
        #expect(imported != "CZeroMQ" || module == "Bus", "\(file):\(line): only Bus sees ZeroMQ")
      }
    }
  }

  @Test func onlyServingSeesNIO() throws {
    for module in try FileManager.default.contentsOfDirectory(atPath: Self.sources.path) where module != "Serving" {
      for (file, line, imported) in try Self.imports(of: module) {
        #expect(!imported.hasPrefix("NIO"), "\(file):\(line): only Serving sees swift-nio")
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
    let known = Set(Self.allowed.keys).union(["C"])
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
      SourceText(text).imports.map { (file, $0.line, $0.module) }
    }
  }
}
