import CivilTime
import Foundation
import Messages
import Simulation
import Testing

/// Each file in Transcripts is a scenario and, line by line, what people heard. `TOCSIN_RECORD=1` writes them anew; the
/// difference then shows, in review, how behaviour changes.
@Suite struct ScenarioTests {
  static let folder = Repository.folder.appendingPathComponent("Tests/SimulationTests/Transcripts")

  static let names: [String] = {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return all.filter { $0.hasSuffix(".txt") }.sorted()
  }()

  @Test func thereAreScenarios() {
    #expect(Self.names.count >= 25)
  }

  @Test(arguments: names) func theTranscriptIsWhatHappens(_ name: String) throws {
    let file = Self.folder.appendingPathComponent(name)
    let expected = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(Self.start(of: expected), "\(name) begins with a line `# at 2026-11-25T03:00:00Z`")
    let cluster = try ShippedCluster(repository: Repository.folder)
    let player = ScenarioPlayer(
      slices: cluster.slices, zones: cluster.zones, startingAt: start,
      isAnswerable: expected.contains("\n# pages are answered by their channels\n"))
    let (transcript, violations) = player.play(expected)
    #expect(violations == [])
    if ProcessInfo.processInfo.environment["TOCSIN_RECORD"] == "1" {
      try transcript.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(transcript == expected, "\(name): what happens is not what the transcript says:\n\(transcript)")
    }
  }

  private static func start(of scenario: String) -> Instant? {
    let line = scenario.split(separator: "\n").first { $0.hasPrefix("# at ") }
    return line.flatMap { Instant(rfc3339: String($0.dropFirst(5))) }
  }
}
