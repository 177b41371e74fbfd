import Foundation
import Testing

@testable import PrivateFiles

/// Secrets are looked at for each page, and read when they are others than they were.
@Suite struct RememberedLineTests {
  private static let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

  private static func file(_ text: String, mode: Int = 0o600) throws -> String {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.appendingPathComponent(UUID().uuidString).path
    try #require(
      FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode]))
    return path
  }

  /// As long after each change as it takes for the next one to show.
  private static func settled() -> RememberedLines { RememberedLines { Int64(time(nil)) + 10 } }

  private static func text(_ lines: RememberedLines, _ path: String) throws -> String {
    String(decoding: try lines.line(path), as: UTF8.self)
  }

  @Test(arguments: [
    ("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret\n\n", "secret"), ("\n", ""),
    ("", ""),
    ("two\nlines\n", "two\nlines"),
  ]) func aLineHasNoEnd(held: String, line: String) throws {
    let file = try Self.file(held)
    #expect(try PrivateFile.line(file) == Array(line.utf8))
    #expect(try RememberedLines().line(file) == Array(line.utf8))
  }

  @Test func whatIsAsItWasIsReadOnce() throws {
    let lines = Self.settled()
    let (one, other) = (try Self.file("one"), try Self.file("other"))
    for _ in 1...100 { #expect(try Self.text(lines, one) == "one" && Self.text(lines, other) == "other") }
    #expect(lines.reads == 2)
  }

  /// Nanoseconds of the year 2400 don't fit 64 bits: such a date once ended the process that looked at the file.
  @Test func aFileOfAnotherCenturyIsReadLikeAnyOther() throws {
    let file = try Self.file("far")
    let far = timespec(tv_sec: 13_569_465_600, tv_nsec: 0)
    try #require(utimensat(AT_FDCWD, file, [far, far], 0) == 0)
    #expect(try Self.text(Self.settled(), file) == "far")
  }

  @Test func whatIsPutInItsPlaceIsSeenAtOnce() throws {
    let lines = Self.settled()
    let file = try Self.file("old")
    #expect(try Self.text(lines, file) == "old")
    try #require(rename(try Self.file("new"), file) == 0)
    #expect(try Self.text(lines, file) == "new")
    // As a cluster's secrets are replaced.
    let link = try Self.file("")
    unlink(link)
    try #require(symlink(file, link) == 0)
    #expect(try Self.text(lines, link) == "new")
    unlink(link)
    try #require(symlink(try Self.file("far"), link) == 0)
    #expect(try Self.text(lines, link) == "far")
  }

  @Test func whatIsOpenedToOthersOrGoneIsNotUsedAnyMore() throws {
    let lines = Self.settled()
    let file = try Self.file("secret")
    #expect(try Self.text(lines, file) == "secret")
    try #require(chmod(file, 0o644) == 0)
    #expect(throws: PrivateFileFault.self) { try lines.line(file) }
    try #require(chmod(file, 0o600) == 0)
    #expect(try Self.text(lines, file) == "secret")
    unlink(file)
    #expect(throws: PrivateFileFault.self) { try lines.line(file) }
  }

  /// Within one tick of the clock two changes look like one.
  @Test func ofWhatHasJustChangedNothingIsRemembered() throws {
    let started = Int64(time(nil))
    let lines = RememberedLines { started }
    let file = try Self.file("0")
    for number in 0...9 {
      try Data("\(number)".utf8).write(to: URL(fileURLWithPath: file))
      for _ in 1...2 { #expect(try Self.text(lines, file) == "\(number)") }
    }
    #expect(lines.reads == 20)
  }

  @Test func noMoreIsRememberedThanAConfigurationNames() throws {
    let lines = Self.settled()
    let files = try (0...RememberedLines.atMost).map { try Self.file("\($0)") }
    for (number, file) in files.enumerated() { #expect(try Self.text(lines, file) == "\(number)") }
    #expect(try Self.text(lines, files[0]) == "0")
    #expect(lines.reads == files.count + 1)
  }
}
