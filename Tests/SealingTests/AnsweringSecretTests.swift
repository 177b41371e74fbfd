import Foundation
import Testing

@testable import Hosting

/// The secret of codes and links.
@Suite struct AnsweringSecretTests {
  /// A crash in the middle leaves a draft behind, and in a container the next process has the same number.
  @Test func whatACrashHasLeftIsNoObstacleToTheNextStart() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let left = "\(folder)/answering-secret.\(ProcessInfo.processInfo.processIdentifier)"
    #expect(FileManager.default.createFile(atPath: left, contents: Data("cut off".utf8)))
    let secret = try AnsweringSecret.load(in: folder)
    #expect(secret.count == AnsweringSecret.bytes && Set(secret).count > 1)
    #expect(try AnsweringSecret.load(in: folder) == secret)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".new") } == [])
  }
}
