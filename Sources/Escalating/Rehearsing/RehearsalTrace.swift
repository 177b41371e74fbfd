import Messages

/// What came of the incidents of one run.
struct RehearsalTrace {
  struct Page: Hashable {
    var at: Instant
    var person: String
    var tier: UInt32
    var purpose: PagePurpose
    var channels: [String]

    /// Where its rule names no channels the person's own rules do, and a phone is among those.
    var isByPhone: Bool { channels.isEmpty || channels.contains("sms") || channels.contains("voice") }
  }
  struct Course: Hashable {
    var partOf = ""
    var acknowledgedAt = Instant.unset
    var acknowledgedBy = ""
    var rounds: UInt64 = 0
    var hasMissedTarget = false
    var pages: [Page] = []

    /// The highest tier that was asked to act.
    var tier: UInt32 { pages.filter { $0.purpose == .duty }.map(\.tier).max() ?? 0 }
  }

  private(set) var courses: [String: Course] = [:]
  private(set) var unreached: [UInt32: UInt64] = [:]
  var impossible: UInt64 = 0

  /// Who has been asked to act so far, in order.
  func called(in incident: String) -> [String] {
    (courses[incident]?.pages ?? []).filter { $0.purpose == .duty }.map(\.person)
  }

  mutating func note(_ fact: EscalationFact, at now: Instant) {
    switch fact.kind {
    case .opened(let opened): courses[opened.id] = Course()
    case .alertJoined(let joined): courses[joined.alertId, default: Course()].partOf = joined.incidentId
    case .firedAgain(let again): courses[again.alertId, default: Course()].partOf = again.incidentId
    case .paged(let paged):
      courses[paged.incidentId]?.pages.append(
        Page(at: now, person: paged.person, tier: paged.tier, purpose: paged.purpose, channels: paged.channels))
    case .acknowledged(let answer):
      guard !answer.bySource, courses[answer.incidentId]?.acknowledgedAt.isSet == false else { return }
      courses[answer.incidentId]?.acknowledgedAt = now
      courses[answer.incidentId]?.acknowledgedBy = answer.by
    case .chainRestarted(let restarted): if restarted.round > 1 { courses[restarted.incidentId]?.rounds += 1 }
    case .targetMissed(let missed): courses[missed.incidentId]?.hasMissedTarget = true
    case .nobodyFound(let nobody): unreached[nobody.tier, default: 0] += 1
    default: break
    }
  }

  /// An incident, or the one that it is part of.
  func whole(of id: String) -> Course? {
    var id = id
    for _ in 0..<100 {
      guard let course = courses[id] else { return nil }
      guard !course.partOf.isEmpty else { return course }
      id = course.partOf
    }
    return nil
  }
}
