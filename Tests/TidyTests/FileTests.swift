import Foundation
import Testing

/// What a reader may rely on about files.
@Suite struct FileTests {
  @Test func noFileGrowsPast500Lines() throws {
    var looked = 0
    for folder in ["Sources", "Tests"] {
      let root = ImportTests.root.appendingPathComponent(folder)
      let paths = try #require(FileManager.default.enumerator(atPath: root.path)).compactMap { $0 as? String }
      for path in paths where path.hasSuffix(".swift") || path.hasSuffix(".py") {
        if path.contains("/Generated/") { continue }
        let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        let lines = text.utf8.count(where: { $0 == UInt8(ascii: "\n") })
        #expect(lines <= 500, "\(folder)/\(path) has \(lines) lines: which two things live there?")
        looked += 1
      }
    }
    #expect(looked > 500)
  }

  @Test func unfinishedWordsAndFillerNamesStayOut() throws {
    let words = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "not implemented"]
    let names = ["Utils", "Helper", "Manager", "V2"]
    for module in try FileManager.default.contentsOfDirectory(atPath: ImportTests.sources.path) {
      for (file, text) in try ImportTests.files(of: module) where !file.contains("/Generated/") {
        for word in words { #expect(!text.contains(word), "\(file) says \(word)") }
        let name = file.split(separator: "/").last ?? ""
        for filler in names where name != "FileManager.swift" {
          #expect(!name.contains(filler), "\(file): \(filler) is no name")
        }
      }
    }
  }

  @Test func uncheckedSendableIsAlwaysProven() throws {
    for module in try FileManager.default.contentsOfDirectory(atPath: ImportTests.sources.path) {
      for (file, text) in try ImportTests.files(of: module) {
        let claims = text.components(separatedBy: "@unchecked Sendable").count - 1
        let proofs = text.components(separatedBy: "// Sendable because").count - 1
        #expect(claims <= proofs, "\(file) claims Sendable \(claims) times and proves it \(proofs) times")
      }
    }
  }
}
