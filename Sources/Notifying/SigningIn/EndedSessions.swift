import Messages

/// Sessions that their people have ended one by one, as long as their cookies would hold.
struct EndedSessions: Sendable {
  /// Of one person at once. Whoever ends more ends all: none that was ended comes to life again because there was no room to remember it.
  static let atMost = 50
  /// Nobody shows a session that holds longer.
  static let holdAtMost = Span.days(31)
  /// Clocks of those who show pages differ from ours.
  private static let keptBeyond = Span.days(1)

  private var sessions: [String: [SignedOut]] = [:]

  func ids(of person: String) -> [String] { sessions[person]?.map(\.session) ?? [] }

  func hasRoom(for person: String, at now: Instant) -> Bool {
    (sessions[person] ?? []).count { now < $0.untilAt + Self.keptBeyond } < Self.atMost
  }

  /// By person, then in the order in which they ended.
  var all: [SignedOut] { sessions.sorted { $0.key < $1.key }.flatMap(\.value) }

  mutating func end(_ fact: SignedOut, at instant: Instant) {
    var theirs = (sessions[fact.person] ?? []).filter { instant < $0.untilAt + Self.keptBeyond }
    if !theirs.contains(where: { $0.session == fact.session }) { theirs.append(fact) }
    sessions[fact.person] = theirs
  }

  /// Of a generation that doesn't hold any more none does.
  mutating func forget(_ person: String) { sessions[person] = nil }

  mutating func restore(_ all: [SignedOut]) {
    for one in all { sessions[one.person, default: []].append(one) }
  }
}
