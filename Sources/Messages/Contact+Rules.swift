/// Contact rules (requirement P5): which channels of somebody a severity may use.
extension Contact {
  /// Whether a severity may use a channel. Words that are about no incident have none: they count as the mildest.
  public func mayUse(_ channel: String, for severity: Severity) -> Bool {
    guard let rule = onlyFor.first(where: { $0.channel == channel }) else { return true }
    return rule.severities.contains(severity == .unspecified ? .sev4 : severity)
  }

  /// The severities that must be heard (requirement N1) and may use no channel that makes a sound, though the person has one.
  public var severitiesUnheard: [Severity] {
    let audible = methods.filter { PersonalChannel.isAudible($0.channel) }
    return audible.isEmpty
      ? [] : [.sev1, .sev2].filter { severity in !audible.contains { mayUse($0.channel, for: severity) } }
  }

  /// The severities that may use none of the person's channels: then nothing could be said to them.
  public var severitiesWithoutChannel: [Severity] {
    Severity.allCases.filter { severity in
      severity != .unspecified && !methods.contains { mayUse($0.channel, for: severity) }
    }
  }
}
