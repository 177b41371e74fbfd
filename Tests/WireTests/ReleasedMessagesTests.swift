import Foundation
import Testing
import Wire

/// What a released version wrote is read as it was meant: a field that changed its number or type, or a message that is gone, would
/// make a journal unreadable or two tiers of different versions misunderstand each other.
///
/// `Tests/fixtures/released` has a file for each release, with messages of every type and every case. A release adds one:
/// `TOCSIN_RELEASE=0.2.0 swift test --filter ReleasedMessagesTests`. None is ever changed.
@Suite struct ReleasedMessagesTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/released")

  static var releases: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".txt") }.sorted()
  }

  @Test func thereIsARelease() {
    #expect(!Self.releases.isEmpty)
  }

  @Test(arguments: releases) func whatItWroteComesBackByteForByte(_ release: String) throws {
    let text = try String(contentsOf: Self.folder.appendingPathComponent(release), encoding: .utf8)
    var count = 0
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      let name = String(words[0])
      let bytes = [UInt8](try #require(Data(base64Encoded: String(words[1]))))
      let type = try #require(Schema.types[name], "\(release) has the message \(name), which is gone")
      let decoded = Result { () throws(WireError) in try type.init(decoding: bytes).encoded() }
      #expect(decoded == .success(bytes), "\(release): \(name)")
      #expect(try type.init(decodingTrusted: bytes).encoded() == bytes, "\(release): \(name)")
      count += 1
    }
    #expect(count > 200)
  }

  /// Writes the file of a release that is about to be made.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["TOCSIN_RELEASE"] != nil)) func aReleaseIsRecorded() throws {
    let release = try #require(ProcessInfo.processInfo.environment["TOCSIN_RELEASE"])
    let file = Self.folder.appendingPathComponent("\(release).txt")
    #expect(!FileManager.default.fileExists(atPath: file.path), "\(release) is recorded already")
    var text =
      "# Messages of every type and case as version \(release) writes them: the name, then the bytes in Base64.\n"
    let sampling = Sampling()
    for (number, name) in Schema.types.keys.sorted().enumerated() {
      for bytes in Self.samples(of: name, number, sampling) {
        text += "\(name) \(Data(bytes).base64EncodedString())\n"
      }
    }
    try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  /// One message, or as many as show each case of its first oneof: the shortest of some.
  private static func samples(of name: String, _ number: Int, _ sampling: Sampling) -> [[UInt8]] {
    let cases = (sampling.schema.messages[name] ?? []).filter { $0.oneof != nil }
    var shortest: [UInt64: [UInt8]] = [:]
    for seed in 0..<(cases.isEmpty ? 4 : 12 * cases.count) {
      var dice = Dice(seed: UInt64(number * 100_000 + seed))
      let bytes = sampling.sample(name, &dice)
      let shown = cases.isEmpty ? 0 : cases.map(\.number).first { Self.has($0, bytes) } ?? 0
      guard !bytes.isEmpty, shortest[shown].map({ bytes.count < $0.count }) ?? true else { continue }
      shortest[shown] = bytes
    }
    return shortest.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Whether a field stands in a message, at its top.
  private static func has(_ field: UInt64, _ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    func varint() -> UInt64? {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while let byte = rest.popFirst() {
        value |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      return nil
    }
    while let tag = varint() {
      if tag >> 3 == field { return true }
      switch tag & 7 {
      case 0: _ = varint()
      case 1: rest = rest.dropFirst(8)
      case 2: rest = rest.dropFirst(Int(varint() ?? 0))
      default: rest = rest.dropFirst(4)
      }
    }
    return false
  }
}
