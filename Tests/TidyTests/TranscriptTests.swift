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

  @Test func eachOtherTestThatIsNamedExists() throws {
    let files = FileManager.default.enumerator(atPath: Self.tests.path)?.compactMap { $0 as? String } ?? []
    let suites = Set(files.map { String($0.split(separator: "/").last ?? "") })
    for name in try Self.named() where !name.hasSuffix(".txt") {
      let isThere =
        name.contains("/")
        ? FileManager.default.fileExists(atPath: ImportTests.root.appendingPathComponent(name).path)
        : suites.contains("\(name).swift")
      #expect(isThere, "\(name) is named and doesn't exist")
    }
  }
}
