import Messages

/// What most incidents lack as long as nobody has acknowledged: what handoff and pay want to know (H2, C2) as far as nothing
/// else says so, and what people made of it by hand (E5 to E7).
struct IncidentRecord: Hashable, Sendable {
  /// When it was acknowledged more than once.
  var firstAcknowledgedAt = Instant.unset
  var resolvedAt = Instant.unset
  /// When the last status update came.
  var updatedAt = Instant.unset
  /// When it became a SEV-1, if it wasn't one from the beginning.
  var sev1From = Instant.unset
  /// In the order in which people took part.
  var works: [HeldWork] = []
  /// Pages with duty that are held no more.
  var earlierPages: [PageTold] = []
  /// Of the last update.
  var impact = ""
  var next = ""
  /// What was said at the resolve.
  var note = ""
  var commander = ""
  /// That were raised, in order (E5).
  var flags: [String] = []
  /// What its source calls it, once a person has another opinion.
  var sourceSeverity = Severity.unspecified
  /// That it ever had, where it is milder now.
  var gravest = Severity.unspecified
  /// When a person called it milder than SEV-1.
  var sev1Until = Instant.unset
  /// Of what was merged into it, besides its own.
  var services: [String] = []
  /// The incident that it is part of now.
  var mergedInto = ""
  /// When it was resolved before it was reopened.
  var closedBefore = Instant.unset
  /// An alert opened it again, and no person has since: its sources may end it.
  var firesAgain = false
  var timesFiredAgain: UInt32 = 0
  /// When its own alert ended at another intake.
  var ownEndedAt = Instant.unset
  /// When its source said that it is over, where that wasn't heard at once and another intake may hand over what came before.
  var saidOverAt = Instant.unset
  /// When a person or an alert last opened it again, and up to which number its pages are from before that.
  var reopenedAt = Instant.unset
  var pagesBefore: UInt32 = 0

  /// What the scheduler takes of words, in bytes.
  static let wordsAtMost = 1_000
  /// So many pages are told of: an incident that nobody acknowledges for days must not grow.
  static let pagesAtMost = 50
  static let servicesAtMost = 20

  var isEmpty: Bool { self == IncidentRecord() }

  /// The work of a person, from now on if there is none yet.
  mutating func change(_ person: String, numbersFrom first: UInt32, _ edit: (inout HeldWork) -> Void) {
    if let index = works.firstIndex(where: { $0.person == person }) { return edit(&works[index]) }
    var work = HeldWork(person: person, generation: first, settled: first)
    edit(&work)
    works.append(work)
  }

  /// As many whole characters as there is room for.
  static func cut(_ words: String, to bytes: Int = wordsAtMost) -> String {
    guard words.utf8.count > bytes else { return words }
    var size = 0
    return String(
      words.prefix { character in
        size += character.utf8.count
        return size <= bytes
      })
  }

  mutating func keep(_ pages: some Sequence<PageTold>) {
    earlierPages += pages
    earlierPages.removeFirst(max(0, earlierPages.count - Self.pagesAtMost))
  }

  /// The wall clock jumped. What the scheduler was told already stays there as it was until there is news.
  mutating func shift(by span: Span) {
    let instants = [
      \Self.firstAcknowledgedAt, \.resolvedAt, \.updatedAt, \.sev1From, \.sev1Until, \.closedBefore, \.ownEndedAt,
      \.saidOverAt, \.reopenedAt,
    ]
    for instant in instants where self[keyPath: instant].isSet {
      self[keyPath: instant] = self[keyPath: instant] + span
    }
    for index in works.indices { works[index].shift(by: span) }
    for index in earlierPages.indices { earlierPages[index].at = earlierPages[index].at + span }
  }
}

extension IncidentRecord {
  /// A place for a record that takes one word as long as it is empty, as most are in a storm of alerts.
  struct Kept: Hashable, Sendable {
    private indirect enum Contents: Hashable, Sendable {
      case nothing
      case record(IncidentRecord)
    }
    private var contents = Contents.nothing

    var record: IncidentRecord {
      get { if case .record(let record) = contents { record } else { IncidentRecord() } }
      set { contents = newValue.isEmpty ? .nothing : .record(newValue) }
    }
  }
}

// MARK: In a checkpoint

extension IncidentRecord {
  var snapshot: RecordSnapshot? {
    guard !isEmpty else { return nil }
    return RecordSnapshot(
      firstAcknowledgedAt: firstAcknowledgedAt, sev1FromAt: sev1From,
      works: works.map {
        WorkSnapshot(
          person: $0.person, spans: $0.spans, beganAt: $0.beganAt, generation: UInt64($0.generation),
          settled: UInt64($0.settled))
      }, earlierPages: earlierPages, impact: impact, next: next, note: note, flags: flags,
      sourceSeverity: sourceSeverity,
      sev1UntilAt: sev1Until, mergedInto: mergedInto, closedBeforeAt: closedBefore,
      gravest: gravest, services: services, firesAgain: firesAgain, timesFiredAgain: timesFiredAgain,
      ownEndedAt: ownEndedAt, saidOverAt: saidOverAt, reopenedAt: reopenedAt, pagesBefore: UInt64(pagesBefore))
  }

  init(_ snapshot: RecordSnapshot) {
    firstAcknowledgedAt = snapshot.firstAcknowledgedAt
    sev1From = snapshot.sev1FromAt
    works = snapshot.works.map {
      HeldWork(
        person: $0.person, spans: $0.spans, beganAt: $0.beganAt, generation: UInt32(clamping: $0.generation),
        settled: UInt32(clamping: $0.settled))
    }
    earlierPages = snapshot.earlierPages
    impact = snapshot.impact
    next = snapshot.next
    note = snapshot.note
    flags = snapshot.flags
    sourceSeverity = snapshot.sourceSeverity
    sev1Until = snapshot.sev1UntilAt
    mergedInto = snapshot.mergedInto
    closedBefore = snapshot.closedBeforeAt
    gravest = snapshot.gravest
    services = snapshot.services
    firesAgain = snapshot.firesAgain
    timesFiredAgain = snapshot.timesFiredAgain
    ownEndedAt = snapshot.ownEndedAt
    saidOverAt = snapshot.saidOverAt
    reopenedAt = snapshot.reopenedAt
    pagesBefore = UInt32(clamping: snapshot.pagesBefore)
  }
}
