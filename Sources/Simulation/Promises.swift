import Messages
import Notifying

/// What Tocsin promises, stated once, and held against what the outside sees: the sources' OKs, the people's OKs, and what
/// the providers were asked to do. It shares no state with the tiers.
///
/// - Nobody is forgotten: an alert that was answered OK is paged, unless an answer came first.
/// - Nobody is paged after an answer is known.
/// - No page is late, or early, by more than the policy says while its tiers are up.
/// - A page that reached somebody twice says so.
final class Promises {
  struct Accepted {
    var id: String
    var severity: Severity
    /// When the source began to tell: intake can't have committed it earlier.
    var toldAt: Instant
    /// When the source had its OK.
    var at: Instant
  }
  /// How long tiers that are up may take over a network that loses one message in ten.
  static let slack = Span.seconds(40)

  private let report: Report
  private var upSince: [Peer: Instant] = [:]
  private(set) var accepted: [String: Accepted] = [:]
  /// When a person's or source's answer was confirmed.
  private var answeredAt: [String: Instant] = [:]
  private var touchedByHand: Set<String> = []
  /// Somebody has begun to answer: from here on duties, not the chain, decide when others are paged.
  private var approached: [String: Instant] = [:]
  private var firstAttempt: [String: Instant] = [:]
  private var tierAttempt: [String: [UInt32: Instant]] = [:]
  private var handOvers: [String: Int] = [:]
  /// Providers or people that fail make other pages come earlier than the policy's times.
  var isProviderFaultless = true

  init(_ report: Report) {
    self.report = report
  }

  func rose(_ peer: Peer, at now: Instant) { upSince[peer] = now }
  func fell(_ peer: Peer) { upSince[peer] = nil }

  func accept(_ id: String, _ severity: Severity, toldAt: Instant, at now: Instant) {
    guard accepted[id] == nil else { return }
    accepted[id] = Accepted(id: id, severity: severity, toldAt: toldAt, at: now)
    report.alerts += 1
  }

  /// An answer counts from the moment that its sender was told OK.
  func answered(_ id: String, at now: Instant) {
    answeredAt[id] = answeredAt[id] ?? now
    report.answers += 1
  }

  func answerBegan(_ id: String, at now: Instant) { approached[id] = approached[id] ?? now }

  /// From here on pages may come at other times than the policy's.
  func touched(_ id: String) { touchedByHand.insert(id) }

  func attemptBegan(_ attempt: Attempt, at now: Instant) {
    report.attempts += 1
    let id = attempt.incidentId
    guard accepted[id] != nil || !id.isEmpty, attempt.purpose == .duty else { return }
    firstAttempt[id] = firstAttempt[id] ?? now
    if tierAttempt[id]?[attempt.tier] == nil { tierAttempt[id, default: [:]][attempt.tier] = now }
    checkAnswer(attempt, at: now)
    checkRepeat(attempt)
    checkEarly(attempt, at: now)
  }

  /// Called `slack` after an alert was accepted.
  func checkFirstPage(of id: String, at now: Instant) {
    guard let alert = accepted[id], answeredAt[id] == nil, alert.severity != .sev4, isUp(since: alert.at) else {
      return
    }
    if firstAttempt[id] == nil { report.violate("\(id): accepted, all tiers up, and no page was begun within 40 s") }
  }

  /// Called when tier 2 must have been paged.
  func checkSecondTier(of id: String, at now: Instant) {
    guard let alert = accepted[id], answeredAt[id] == nil, isUp(since: alert.at), !touchedByHand.contains(id) else {
      return
    }
    if tierAttempt[id]?[2] == nil {
      report.violate("\(id): nobody acknowledged, all tiers up, and tier 2 was not paged in time")
    }
  }

  /// At the very end, when faults have long stopped.
  func checkNobodyForgotten() {
    for alert in accepted.values.sorted(by: { $0.id < $1.id })
    where firstAttempt[alert.id] == nil && answeredAt[alert.id] == nil {
      report.violate("\(alert.id): accepted at \(alert.at.milliseconds) and never paged")
    }
  }

  /// How long after the alert tier 2 is paged, by the shipped policy.
  static func secondTier(_ severity: Severity) -> Span {
    switch severity {
    case .sev1: .minutes(10)
    case .sev2: .minutes(15)
    default: .minutes(60)
    }
  }

  private func isUp(since instant: Instant) -> Bool {
    [Peer.intake, .escalator, .notifier].allSatisfy { upSince[$0].map { $0 <= instant } ?? false }
  }

  /// Whether a page was made before the answer shows by its tier's clock only, so runs in which clocks jump are left out.
  private func checkAnswer(_ attempt: Attempt, at now: Instant) {
    guard report.clockSteps == 0, let known = answeredAt[attempt.incidentId],
      let begun = approached[attempt.incidentId], attempt.pagedAt < begun, !touchedByHand.contains(attempt.incidentId)
    else { return }
    let up = [Peer.escalator, .notifier].compactMap { upSince[$0] }
    guard up.count == 2, let since = (up + [known]).max(), since + Self.slack < now else { return }
    report.violate("\(attempt.key.id): begun at \(now.milliseconds), but an answer was known at \(known.milliseconds)")
  }

  private func checkRepeat(_ attempt: Attempt) {
    handOvers[attempt.key.id, default: 0] += 1
  }

  private func checkEarly(_ attempt: Attempt, at now: Instant) {
    guard attempt.tier == 2, isProviderFaultless, let alert = accepted[attempt.incidentId],
      !touchedByHand.contains(alert.id), approached[alert.id] == nil
    else { return }
    if now + .seconds(1) < alert.toldAt + Self.secondTier(alert.severity) {
      report.violate("\(alert.id): tier 2 paged \((now - alert.toldAt).milliseconds) ms after the alert, too early")
    }
  }
}
