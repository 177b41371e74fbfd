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
    let (transcript, violations) = try ShippedCluster(repository: Repository.folder).play(expected)
    #expect(violations == [])
    if ProcessInfo.processInfo.environment["TOCSIN_RECORD"] == "1" {
      try transcript.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(transcript == expected, "\(name): what happens is not what the transcript says:\n\(transcript)")
    }
  }
}
