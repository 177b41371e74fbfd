/// The presses that Slack has sent, for as long as they would pass for fresh. Slack sends none twice, not even one that was answered
/// by an error: whoever shows one again has kept a copy.
///
/// Not remembered by a new process; what a copy would do then, the rules know from the page that it answers.
actor SeenPresses {
  /// Only what Slack has signed gets here, so that nobody else can fill it. Beyond that the oldest are forgotten.
  static let atMost = 10_000
  /// When each was sent, by its signature.
  private var sentAt: [String: Int64] = [:]

  /// - Parameters:
  ///   - signature: valid, in whatever letters its hexadecimal digits are.
  ///   - sent: when Slack says that it signed it, in seconds since 1970.
  func isFirst(_ signature: String, sent: Int64, now: Int64) -> Bool {
    if sentAt.count >= Self.atMost { forget(at: now) }
    return sentAt.updateValue(sent, forKey: signature.lowercased()) == nil
  }

  /// It could not be taken: when it comes again it is the first.
  func forget(_ signature: String) {
    sentAt[signature.lowercased()] = nil
  }

  private func forget(at now: Int64) {
    sentAt = sentAt.filter { $0.value + SlackSignature.freshSeconds >= now }
    guard sentAt.count >= Self.atMost else { return }
    for (signature, _) in sentAt.sorted(by: { $0.value < $1.value }).prefix(Self.atMost / 2) {
      sentAt[signature] = nil
    }
  }
}
