import Machinery
import Messages

/// What is known of work, closed periods and comp days.
struct PayBook: Sendable {
  /// What one person did on one incident, from the escalator and from themselves.
  struct KnownWork: Hashable, Sendable {
    var work: Work
    var knownAt: Instant
    var edit: WorkEdited?
    var approval: WorkApproved?

    var key: WorkKey { WorkKey(incidentId: work.incidentId, person: work.person) }

    /// What the escalator said, less snoozed time.
    var reported: TimeSpans { TimeSpans(work.spans).subtracting(TimeSpans(work.snoozed)) }

    /// What counts: the person's word, and whatever was reported since.
    var spans: TimeSpans {
      guard let edit else { return reported }
      return TimeSpans(edit.spans).union(reported.subtracting(TimeSpans(edit.reported)))
    }
  }

  /// By person, then incident.
  private(set) var works: [String: [String: KnownWork]] = [:]
  /// By team, in order.
  private(set) var closed: [String: [PayReport]] = [:]
  private(set) var compDays: [String: CompDay] = [:]
  /// When each comp day next does something by itself.
  var due = DueTimes()

  func work(_ key: WorkKey) -> KnownWork? { works[key.person]?[key.incidentId] }

  var allWorks: [KnownWork] {
    works.sorted { $0.key < $1.key }.flatMap { $0.value.sorted { $0.key < $1.key }.map(\.value) }
  }

  func compDays(of person: String) -> [CompDay] {
    compDays.values.filter { $0.person == person }.sorted { ($0.lapsesAfter, $0.id) < ($1.lapsesAfter, $1.id) }
  }

  mutating func apply(_ reported: WorkReported) {
    guard let work = reported.work else { return }
    let before = works[work.person]?[work.incidentId]
    guard before.map({ $0.work.generation < work.generation }) ?? true else { return }
    var known = before ?? KnownWork(work: work, knownAt: reported.knownAt)
    let counted = known.spans
    known.work = work
    known.knownAt = reported.knownAt
    // What was approved is what the lead saw.
    if known.spans != counted { known.approval = nil }
    works[work.person, default: [:]][work.incidentId] = known
  }

  mutating func apply(_ edited: WorkEdited) {
    guard let key = edited.key else { return }
    works[key.person]?[key.incidentId]?.edit = edited
    works[key.person]?[key.incidentId]?.approval = nil
  }

  mutating func apply(_ approved: WorkApproved) {
    guard let key = approved.key else { return }
    works[key.person]?[key.incidentId]?.approval = approved
  }

  mutating func apply(_ periodClosed: PayPeriodClosed) {
    guard let report = periodClosed.report else { return }
    closed[report.team, default: []].append(report)
  }

  mutating func keep(_ day: CompDay, due instant: Instant?) {
    compDays[day.id] = day
    due.set(day.id, to: instant)
  }

  /// The facts that lead to the same knowledge again.
  var condensed: [ScheduleFact.Kind] {
    var kinds: [ScheduleFact.Kind] = []
    for known in allWorks {
      kinds.append(.workReported(WorkReported(work: known.work, knownAt: known.knownAt)))
      if let edit = known.edit { kinds.append(.workEdited(edit)) }
      if let approval = known.approval { kinds.append(.workApproved(approval)) }
    }
    for reports in closed.sorted(by: { $0.key < $1.key }) {
      kinds += reports.value.map { .payPeriodClosed(PayPeriodClosed(report: $0)) }
    }
    return kinds + compDays.sorted { $0.key < $1.key }.map { .compDayMoved(CompDayMoved(day: $0.value)) }
  }
}

extension PayBook: Equatable {
  static func == (left: PayBook, right: PayBook) -> Bool {
    left.works == right.works && left.closed == right.closed && left.compDays == right.compDays
      && left.compDays.keys.allSatisfy { left.due.due($0) == right.due.due($0) }
  }
}
