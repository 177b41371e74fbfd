import Messages

/// Which alerts a silence is about.
extension Silence {
  /// Whether it is the one that another intake has, whenever it was added here.
  func isWhat(_ other: Silence) -> Bool {
    matchers == other.matchers && severities == other.severities && by == other.by && reason == other.reason
      && untilAt == other.untilAt
  }

  /// All matchers hold, and its severity is one of those that were named. Where none was: SEV-2 to SEV-4, as nobody sleeps
  /// through a SEV-1 by accident (I7).
  func matches(_ alert: Alert) -> Bool {
    let isMeant = severities.isEmpty ? alert.severity != .sev1 : severities.contains(alert.severity)
    return isMeant && matchers.allSatisfy { $0.matches(alert) }
  }
}

extension Matcher {
  func matches(_ alert: Alert) -> Bool { Self.matches(pattern: value, text(of: alert)) != negated }

  /// A label of the alert; what every alert has is found under its own name first.
  private func text(of alert: Alert) -> String {
    switch name {
    case "service": alert.service
    case "class": alert.alertClass
    case "source": alert.source
    default: alert.labels.first { $0.name == name }?.value ?? ""
    }
  }

  /// Whether the whole text is what a pattern says; `*` stands for any run of characters, also none.
  static func matches(pattern: String, _ text: String) -> Bool {
    guard pattern.utf8.contains(UInt8(ascii: "*")) else { return pattern == text }
    let parts = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
    guard let first = parts.first, let last = parts.last else { return true }
    guard text.utf8.count >= first.count + last.count, text.utf8.starts(with: first),
      text.utf8.suffix(last.count).elementsEqual(last)
    else { return false }
    var rest = text.utf8.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}
