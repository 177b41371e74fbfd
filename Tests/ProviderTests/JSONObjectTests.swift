import Foundation
import Testing

@testable import Providers

/// What is written is what a JSON reader that isn't ours reads, whatever an alert says.
@Suite struct JSONObjectTests {
  @Test(arguments: [
    "", "no ready pods", "\"quoted\" \\ and /slashed/", "line\nbreak\ttab\r\u{0}\u{1f}\u{7f}",
    "café 🚨 \u{2028}\u{2029}\u{202e}",
    "</script>", String(repeating: "é", count: 5_000),
  ])
  func textComesBackAsItWas(text: String) throws {
    var object = JSONObject()
    object.add("text", text)
    let read = try JSONSerialization.jsonObject(with: Data(object.text)) as? [String: String]
    #expect(read == ["text": text])
  }

  @Test func fieldsKeepTheirOrderAndKinds() {
    var part = JSONObject()
    part.add("id", "a")
    var object = JSONObject()
    object.add("at_ms", -7)
    object.add("repeat", true)
    object.add("pages", [part, part])
    object.add("none", [])
    #expect(
      String(decoding: object.text, as: UTF8.self)
        == "{\"at_ms\":-7,\"repeat\":true,\"pages\":[{\"id\":\"a\"},{\"id\":\"a\"}],\"none\":[]}")
    #expect(String(decoding: JSONObject().text, as: UTF8.self) == "{}")
  }
}
