import Messages

/// Silences in a line.
enum SilenceText {
  /// `service=redis pod!=canary-* (SEV-2, SEV-3, SEV-4)`
  static func what(_ silence: Silence) -> String {
    let matchers = silence.matchers.map { "\($0.name)\($0.negated ? "!=" : "=")\($0.value)" }
    let severities = silence.severities.isEmpty ? [.sev2, .sev3, .sev4] : silence.severities
    return SafeText.line("\(matchers.joined(separator: " ")) (\(severities.map(\.word).joined(separator: ", ")))")
  }

  /// Until when, or when and by whom it was ended.
  static func end(_ silence: Silence, _ times: Times) -> String {
    guard silence.endedAt.isSet else { return times.short(silence.untilAt) }
    return "\(times.short(silence.endedAt))\(silence.endedBy.isEmpty ? "" : " by \(silence.endedBy)"), over"
  }
}
