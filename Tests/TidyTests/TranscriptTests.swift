import Foundation
import Testing

/// The list of rules beside the scenarios is true: whoever looks for a rule finds what shows it.
@Suite struct TranscriptTests {
  private static let tests = ImportTests.root.appendingPathComponent("Tests")
  private static let folder = tests.appendingPathComponent("SimulationTests/Transcripts")

  /// What stands between backticks.
  private static func named() throws -> Set<String> {
    let list = try String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
    let parts = list.split(separator: "`", omittingEmptySubsequences: false)
    return Set(parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) })
  }

  @Test func eachScenarioIsNamedAndEachThatIsNamedExists() throws {
    let named = try Self.named().filter { $0.hasSuffix(".txt") }
    let there = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".txt") }
    #expect(named.subtracting(there) == [], "these are named and don't exist")
    #expect(Set(there).subtracting(named) == [], "these show no rule that the list knows")
  }

  /// "Suite.test" is a function with `@Test` of Suite.swift, or one of Suite.py; what has a slash is a path.
  @Test func eachOtherTestThatIsNamedExists() throws {
    let paths = FileManager.default.enumerator(atPath: Self.tests.path)?.compactMap { $0 as? String } ?? []
    var looked = 0
    for name in try Self.named() where !name.hasSuffix(".txt") {
      looked += 1
      let isThere =
        name.contains("/")
        ? FileManager.default.fileExists(atPath: ImportTests.root.appendingPathComponent(name).path)
        : try paths.contains { try Self.holds($0, name) }
      #expect(isThere, "\(name) is named and doesn't exist")
    }
    #expect(looked > 15)
  }

  private static func holds(_ path: String, _ name: String) throws -> Bool {
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count == 2 else { return false }
    let file = path.split(separator: "/").last ?? ""
    guard file == "\(parts[0]).swift" || file == "\(parts[0]).py" else { return false }
    let lines = try String(contentsOf: tests.appendingPathComponent(path), encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    if file.hasSuffix(".py") { return lines.contains { $0.hasPrefix("def \(parts[1])(") } }
    return lines.indices.contains { index in
      guard lines[index].contains("func \(parts[1])(") else { return false }
      // The attribute stands on the same line, or above it where it has arguments.
      return lines[...index].reversed().prefix { !$0.isEmpty }.contains { $0.contains("@Test") }
    }
  }
}
