import Messages

/// What somebody answered in a text message or with a key: read generously, because it is written half asleep.
struct SpokenAnswer: Hashable {
  /// Six digits, if there are any.
  var code = ""
  /// `.unspecified`: words that mean nothing here.
  var deed = AnswerDeed.unspecified

  /// "482913", "482913 ack", "Resolve 482913!": a code alone acknowledges.
  init(text: String) {
    let words = text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    code = words.first { $0.utf8.count == AnsweringTerms.digits && $0.utf8.allSatisfy(Self.isDigit) } ?? ""
    let others = words.filter { $0 != code }
    guard !others.isEmpty else {
      deed = code.isEmpty ? .unspecified : .acknowledge
      return
    }
    // Two deeds in one answer are none: nobody guesses which was meant.
    let deeds = Set(others.compactMap { Self.deeds[$0] })
    if deeds.count == 1, let only = deeds.first { deed = only }
  }

  /// Of a call: the keys that SpokenPage offers.
  static func deed(ofKeys keys: String) -> AnswerDeed { keys.count == 1 ? deeds[keys] ?? .unspecified : .unspecified }

  private static let deeds: [String: AnswerDeed] = [
    "4": .acknowledge, "ack": .acknowledge, "a": .acknowledge, "acknowledge": .acknowledge, "ok": .acknowledge,
    "5": .escalate, "esc": .escalate, "escalate": .escalate,
    "6": .resolve, "resolve": .resolve, "resolved": .resolve, "close": .resolve, "done": .resolve,
  ]

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
