import Foundation
import FuzzEntries
import Testing

/// What fuzzing found worth keeping, told to the same entries again: none of it ends the process or breaks a promise.
@Suite(.serialized) struct CorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fuzz/corpus")

  private static func files(of entry: String) -> [(name: String, bytes: [UInt8])] {
    let place = folder.appendingPathComponent(entry)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    return names.sorted().compactMap { name in
      (try? Data(contentsOf: place.appendingPathComponent(name))).map { (name, [UInt8]($0)) }
    }
  }

  /// A promise that is broken ends the process: the last line says which, and with which file.
  private static func replay(_ entry: FuzzEntry, _ inputs: [(name: String, bytes: [UInt8])]) async {
    for input in inputs {
      FileHandle.standardError.write(Data("\(entry.name)/\(input.name)\n".utf8))
      switch entry.take {
      case .atOnce(let take): take(input.bytes)
      case .answering(let take): await take(input.bytes)
      }
    }
  }

  @Test(arguments: FuzzEntry.all.map(\.name)) func everyKeptInputIsTakenOrRefused(_ name: String) async throws {
    let entry = try #require(FuzzEntry.named(name))
    let inputs = Self.files(of: name)
    #expect(!inputs.isEmpty, "Tests/fuzz/corpus/\(name) is empty: Tests/fuzz/run --keep \(name)")
    await Self.replay(entry, inputs)
  }

  @Test(arguments: FuzzEntry.all.map(\.name)) func everySeedIsTakenOrRefused(_ name: String) async throws {
    let entry = try #require(FuzzEntry.named(name))
    let seeds = entry.seeds()
    #expect(!seeds.isEmpty || name == "payload-audit", "\(name) has nothing to begin with")
    await Self.replay(entry, seeds.enumerated().map { ("seed-\($0)", $1) })
  }

  /// What is refused at the first look shows nothing of what lies behind.
  @Test(arguments: FuzzEntry.all.filter { $0.isTaken != nil }.map(\.name))
  func aSeedAndAKeptInputAreTaken(_ name: String) throws {
    let entry = try #require(FuzzEntry.named(name))
    let isTaken = try #require(entry.isTaken)
    #expect(entry.seeds().contains(where: isTaken))
    #expect(Self.files(of: name).contains { isTaken($0.bytes) })
  }

  @Test func everyEntryHasItsOwnName() {
    #expect(Set(FuzzEntry.all.map(\.name)).count == FuzzEntry.all.count)
    #expect(FuzzEntry.all.count >= 20)
  }

  @Test func theCorpusStaysSmall() {
    let inputs = FuzzEntry.all.flatMap { Self.files(of: $0.name) }
    #expect(inputs.count <= 300)
    #expect(inputs.reduce(0) { $0 + $1.bytes.count } <= 1 << 20)
  }
}
