import Messages

/// What the public has been told: the status updates of incidents whose policy sends them to the status page, for two weeks after each
/// is over (requirement N6). Nobody's name, no alert and no word that wasn't written for that page is in it.
///
/// An incident that becomes part of another one takes its updates along: the public sees one outage.
struct PublicNotices: Sendable {
  /// The team channel that the public reads.
  static let channel = "status-page"
  static let keepsEnded = Span.days(14)
  static let noticesAtMost = 200
  static let updatesAtMost = 40
  /// Of one field.
  static let wordsAtMost = 1_000
  /// Of all of it; the oldest notices go first.
  static let bytesAtMost = 256 * 1_024

  /// In the order in which they began; without updates there is none.
  private(set) var all: [PublicNotice] = []

  /// An update that goes to the status page.
  mutating func note(_ update: UpdateRequest, of incident: String, at instant: Instant) {
    let written = PublicUpdate(
      at: instant, status: update.status, impact: Self.cut(update.impact), actions: Self.cut(update.actions),
      next: Self.cut(update.next), eta: Self.cut(update.eta))
    if let place = place(of: incident) {
      all[place].updates.append(written)
      bound(place)
    } else {
      let id = max(UInt64(max(instant.milliseconds, 0)), (all.map(\.id).max() ?? 0) + 1)
      all.append(PublicNotice(id: id, updates: [written], incidentId: incident))
    }
    forget(at: instant)
  }

  mutating func end(_ incident: String, at instant: Instant) {
    guard let place = place(of: incident) else { return }
    all[place].endedAt = instant
    forget(at: instant)
  }

  /// It goes on, or has begun again.
  mutating func reopen(_ incident: String) {
    if let place = place(of: incident) { all[place].endedAt = .unset }
  }

  mutating func merge(_ part: String, into whole: String) {
    guard let from = place(of: part) else { return }
    guard let into = place(of: whole) else { return all[from].incidentId = whole }
    let (first, second) = (min(from, into), max(from, into))
    var joined = all[first]
    joined.incidentId = whole
    joined.endedAt = all[into].endedAt
    joined.updates = (all[first].updates + all[second].updates).enumerated()
      .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    all[first] = joined
    all.remove(at: second)
    bound(first)
  }

  mutating func restore(_ notice: PublicNotice) { all.append(notice) }

  mutating func shift(by span: Span) {
    for place in all.indices {
      if all[place].endedAt.isSet { all[place].endedAt = all[place].endedAt + span }
      for update in all[place].updates.indices {
        all[place].updates[update].at = all[place].updates[update].at + span
      }
    }
  }

  /// The newest first, without what isn't the public's.
  func shown(at now: Instant) -> StatusPageReply {
    let from = now - Self.keepsEnded
    let shown = all.filter { !$0.endedAt.isSet || $0.endedAt > from }
    return StatusPageReply(
      notices: shown.reversed().map { PublicNotice(id: $0.id, updates: $0.updates, endedAt: $0.endedAt) }, fromAt: from)
  }

  // MARK: Bounds

  private func place(of incident: String) -> Int? { all.lastIndex { $0.incidentId == incident } }

  /// The first update stays: it says since when.
  private mutating func bound(_ place: Int) {
    let more = all[place].updates.count - Self.updatesAtMost
    if more > 0 { all[place].updates.removeSubrange(1...more) }
  }

  /// The newest stays, so that no id comes twice.
  private mutating func forget(at instant: Instant) {
    let newest = all.last?.id
    all.removeAll { $0.id != newest && $0.endedAt.isSet && $0.endedAt + Self.keepsEnded <= instant }
    var bytes = all.reduce(0) { $0 + Self.bytes(of: $1) }
    while bytes > Self.bytesAtMost || all.count > Self.noticesAtMost, all.count > 1 {
      let oldest = all.dropLast().firstIndex { $0.endedAt.isSet } ?? 0
      bytes -= Self.bytes(of: all.remove(at: oldest))
    }
  }

  private static func bytes(of notice: PublicNotice) -> Int {
    notice.updates.reduce(64) {
      $0 + 32 + $1.impact.utf8.count + $1.actions.utf8.count + $1.next.utf8.count + $1.eta.utf8.count
    }
  }

  private static func cut(_ words: String) -> String { IncidentRecord.cut(words, to: wordsAtMost) }
}
