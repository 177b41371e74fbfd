import Machinery
import Messages

/// A lost tier pages the default team (requirement I6). What intake can say by itself is an alert there; that intake is lost, or
/// the notifier, is an incident that the escalator opens for itself: "lost-intake-…". It is over when the tier is back.
extension Escalations {
  func hear(_ news: TierNews, at now: Instant) throws(Refusal) -> [EscalationFact] {
    let known = lostTiers[news.peer].flatMap { isGoingOn($0) ? $0 : nil }
    // Not one of a storm: whoever has another tier's loss in hand does not know of this one.
    if news.isLost { return known == nil ? open(lost(news, at: now), at: now) : [] }
    guard let known else { return [] }
    return try hear(over(known, news, at: now), at: now)
  }

  /// Whether a loss still lasts, as far as is known here: its incident may be open for other reasons.
  private func isGoingOn(_ id: String) -> Bool {
    guard let whole = incidents[members.whole(of: id)], whole.isOpen else { return false }
    return members[id].map { !$0.isOver } ?? (whole.opened.alertState != .resolved)
  }

  private func lost(_ news: TierNews, at now: Instant) -> Alert {
    Alert(
      id: "\(Self.lostPrefix)\(news.peer.rawValue)-\(String(now.milliseconds, radix: 36))", generation: 1, state: .open,
      source: "tocsin", severity: .sev1, summary: news.words, alertClass: "tier_lost", team: policies.defaultTeam,
      policy: policies.defaultPolicy,
      steps: ["tocsinctl health", "Start the \(news.peer) again; its log says why it ended"], openedAt: now,
      handedOverAt: now)
  }

  private func over(_ id: String, _ news: TierNews, at now: Instant) -> Alert {
    let generation = members[id]?.generation ?? incidents[id]?.alertGeneration ?? 1
    return Alert(
      id: id, generation: generation + 1, state: .resolved, source: "tocsin", severity: .sev1, summary: news.words,
      openedAt: now)
  }

  public static let lostPrefix = "lost-"

  mutating func noteLostTier(_ id: String) {
    guard id.hasPrefix(Self.lostPrefix), let name = id.dropFirst(Self.lostPrefix.count).split(separator: "-").first,
      let peer = Peer(rawValue: String(name))
    else { return }
    lostTiers[peer] = id
  }
}
