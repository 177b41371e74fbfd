import Messages

/// Words as Slack shows them, to the letter: nothing that an alert says rings a channel, names a person or becomes a link.
enum SlackText {
  /// Characters: Slack advises no more, and cuts at ten times that.
  static let characters = 4_000

  static func message(_ text: String, keeping incident: String) -> [String: Any] {
    let words = FittedText.cut(text, to: characters, keeping: incident) { $0.unicodeScalars.count }
    return [
      "text": SlackMarkup.escaped(words), "mrkdwn": false, "link_names": false, "unfurl_links": false,
      "unfurl_media": false,
    ]
  }

  /// Buttons below the words. A message with blocks shows these and no text, which stays for notifications.
  static func add(_ answers: HandOver.Answers, to message: inout [String: Any]) {
    let text = message["text"] as? String ?? ""
    message["blocks"] = [
      ["type": "section", "text": ["type": "plain_text", "text": plain(text)]],
      [
        "type": "actions",
        "elements": answers.choices.enumerated().map { place, choice in
          [
            "type": "button", "action_id": choice.label.lowercased(), "value": choice.token,
            "text": ["type": "plain_text", "text": choice.label],
          ].merging(place == 0 ? ["style": "primary"] : [:]) { $1 } as [String: Any]
        },
      ],
    ]
  }

  /// A section holds 3,000 characters.
  private static func plain(_ text: String) -> String { text.count <= 3_000 ? text : text.prefix(2_999) + "…" }
}
