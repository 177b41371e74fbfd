import Messages
import Testing

/// Text as addresses, forms, XML and Slack have it: what is read there is what was meant, whatever stands beside it.
@Suite struct EscapedTextTests {
  @Test func onlyTwoHexadecimalDigitsAreAByte() {
    for (text, expected) in [
      ("a%20b", "a b"), ("%C3%a9", "é"), ("100%", "100%"), ("%4", "%4"), ("%zz%41", "%zzA"), ("%+f", "%+f"), ("%", "%"),
      ("a+b", "a+b"), ("%ff", "\u{fffd}"),
    ] { #expect(PercentText.plain(text.utf8) == expected, "\(text)") }
    #expect(PercentText.plain("a+b%2Bc".utf8, isForm: true) == "a b+c")
  }

  @Test func aFormHasItsFieldsInTheirOrderAndWithinBounds() {
    let fields = FormFields(urlEncoded: "a=1&b&&=x&a=2=3&c=%26".utf8)
    #expect(
      fields.all.map(\.name) == ["a", "b", "", "a", "c"] && fields.all.map(\.value) == ["1", "", "x", "2=3", "&"])
    #expect(fields["a"] == "1" && fields["d"] == "" && fields.value("d") == nil && fields.value("b") == "")
    // A mark that combines with what divides makes another character of both, and no other byte.
    #expect(FormFields(urlEncoded: "a=1&\u{301}b=\u{301}2".utf8).all.count == 2)
    let many = FormFields(urlEncoded: Array(repeating: "a=1", count: 5_000).joined(separator: "&").utf8)
    #expect(many.all.count == 1_000 && many.all.allSatisfy { $0.value == "1" })
  }

  /// "<" with a mark behind it is one character, and was written as it stood.
  @Test func whatXMLAndSlackReadAsTheirsIsEscapedWhateverFollows() {
    for mark in ["", "\u{338}", "\u{301}", "\u{200d}"] {
      #expect(XMLText.escaped("<\(mark)Dial>&'\"") == "&lt;\(mark)Dial&gt;&amp;&apos;&quot;")
      #expect(SlackMarkup.escaped("<\(mark)!channel>&'") == "&lt;\(mark)!channel&gt;&amp;'")
    }
    #expect(XMLText.escaped("a\u{0}\u{1b}\u{7f}\u{ffff}\u{1fffe}\r\n\tb") == "a\n\tb")
  }
}
