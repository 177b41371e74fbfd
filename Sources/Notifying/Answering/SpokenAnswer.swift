import Messages

/// What somebody answered in a text message or with a key. It is written half asleep, and a wrong guess at what was meant silences an
/// outage: each word must say the same, or nothing is done and they are told how.
struct SpokenAnswer: Hashable {
  /// So many digits, if there are any.
  let code: String
  /// What is left of a phone's quotation or of a sentence, without the code: an incident's id is still one word.
  private let words: [String]

  init(text: String, digits: Int = AnsweringTerms.digits) {
    func isCode(_ word: String) -> Bool { word.utf8.count == digits && word.utf8.allSatisfy(Self.isDigit) }
    let words = text.lowercased().split { Self.separates($0) }.map(String.init)
    let code = words.first(where: isCode) ?? words.flatMap(Self.parts).first(where: isCode) ?? ""
    self.code = code
    self.words = words.filter { $0 != code }
  }

  /// "482913", "482913 ack", "2f-6: resolve (482913)!": a code alone acknowledges. `.unspecified` for whatever else is said besides,
  /// "not" and "I need a backup" among it.
  ///
  /// - Parameter incident: that of the code's page. Its id means nothing here, though a digit of it does where it stands alone.
  func deed(about incident: String) -> AnswerDeed {
    let said = words.filter { $0 != incident.lowercased() }.flatMap(Self.parts).filter { $0 != code }
    guard !said.isEmpty else { return .acknowledge }
    // "4" is the key that calls offer, and "2f 4" is no answer.
    guard said.count == 1 || said.allSatisfy({ $0.count > 1 }) else { return .unspecified }
    let deeds = Set(said.map { Self.deeds[$0] ?? .unspecified })
    return deeds.count == 1 ? deeds.first ?? .unspecified : .unspecified
  }

  /// Of a call: the keys that SpokenPage offers.
  static func deed(ofKeys keys: String) -> AnswerDeed { keys.count == 1 ? deeds[keys] ?? .unspecified : .unspecified }

  private static let deeds: [String: AnswerDeed] = [
    "4": .acknowledge, "ack": .acknowledge, "a": .acknowledge, "acknowledge": .acknowledge, "ok": .acknowledge,
    "5": .escalate, "esc": .escalate, "escalate": .escalate,
    "6": .resolve, "resolve": .resolve, "resolved": .resolve, "close": .resolve, "done": .resolve,
  ]

  /// What stands between words. A thumb that points down is a word, and none that is known.
  private static func separates(_ character: Character) -> Bool {
    guard !character.isLetter, !character.isNumber, character != "-" else { return false }
    return character.isASCII || character.isWhitespace || character.isPunctuation
  }

  private static func parts(_ word: String) -> [String] { word.split(separator: "-").map(String.init) }

  private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
}

extension AnswerDeed {
  /// Whoever asks for more people goes on being asked.
  var stopsTheLadder: Bool { self != .escalate }

  /// In an answer's id, and for people: "not acknowledged".
  var word: String {
    switch self {
    case .acknowledge: "ack"
    case .escalate: "escalate"
    case .resolve: "resolve"
    case .unspecified: "?"
    }
  }

  var done: String {
    switch self {
    case .acknowledge: "acknowledged"
    case .escalate: "escalated"
    case .resolve: "resolved"
    case .unspecified: "answered"
    }
  }
}
