/// Words as Slack shows them, to the letter: nothing that an alert says rings a channel, names a person or becomes a link.
enum SlackText {
  /// Characters: Slack advises no more, and cuts at ten times that.
  static let characters = 4_000

  static func message(_ text: String, keeping incident: String) -> [String: Any] {
    let words = FittedText.cut(text, to: characters, keeping: incident) { $0.unicodeScalars.count }
    return [
      "text": escaped(words), "mrkdwn": false, "link_names": false, "unfurl_links": false, "unfurl_media": false,
    ]
  }

  /// The three characters that Slack's texts give a meaning to.
  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
