import Foundation
import Logging
import Testing

@testable import Processes

/// A line an event, whatever was in an alert.
@Suite struct LogLinesTests {
  static let hostile: [String] =
    (0..<0x20).map { "a\(Character(Unicode.Scalar(UInt8($0))))b" }
    + [
      "line\nend", "\r\nforged: {\"level\":\"critical\"}", "\u{1b}[2J\u{1b}[31mred", "\u{7f}\u{9b}", "\u{202e}turned",
      "\u{2028}\u{2029}", "quote \" and \\ back", "\\u0000", "{\"a\":1}", "%s%n %@ \\(x)", "\u{feff}\u{200b}", "🔥 é 漢字",
      "\u{10ffff}\u{e000}", String(repeating: "x", count: 1_000_000), String(repeating: "\u{1}", count: 100_000),
    ]

  private func line(_ text: String, _ format: LogFormat) -> String {
    LogLines(label: "intake", format: format).line(
      text, level: .info, about: ["trace": "2f-1k", "event": "accepted", "person": "\(text)"], at: Date())
  }

  @Test(arguments: hostile) func eachLineIsOneObjectThatSaysWhatWasThere(_ text: String) throws {
    let line = line(text, .json)
    #expect(line.utf8.count < 4_096)
    #expect(
      !line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f || $0.value == 0x202e || $0.value == 0x2028 })
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
    #expect(object["trace"] == "2f-1k" && object["level"] == "info" && object["tier"] == "intake")
    let said = try #require(object["message"])
    if text.utf8.count < 200 { #expect(said == text) } else { #expect(said.hasSuffix("…")) }
  }

  @Test(arguments: hostile) func eachLineForPeopleIsOneLine(_ text: String) {
    let line = line(text, .text)
    #expect(line.utf8.count < 4_096 && line.contains(" info intake: [2f-1k] accepted: "))
    #expect(
      !line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f || $0.value == 0x202e || $0.value == 0x2028 })
  }
}
