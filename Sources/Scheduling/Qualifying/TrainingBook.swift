import CivilTime
import Messages

/// What people have done, have, and have lost, dated, with when each became known (requirement P2).
struct TrainingBook: Hashable, Sendable {
  struct Known: Hashable, Sendable {
    var record: TrainingRecord
    var knownAt: Instant
  }
  private(set) var all: [Known] = []
  private var latest: [String: [TrainingItem: TrainingRecord]] = [:]

  func eligibility(of person: String) -> Eligibility {
    let records = latest[person] ?? [:]
    return Eligibility(
      person: person, missing: TrainingItem.neededForSolo.filter { records[$0].map(\.lost) ?? true },
      hasDoneSolo: records[.soloRotation].map { !$0.lost } ?? false)
  }

  /// The latest of each item, in order of the programme.
  func records(of person: String) -> [TrainingRecord] {
    TrainingItem.allCases.compactMap { latest[person]?[$0] }
  }

  func record(of person: String, _ item: TrainingItem) -> TrainingRecord? { latest[person]?[item] }

  /// Continuing items whose time has come again: they warn and don't bar.
  func reminders(for person: String, on date: CivilDate) -> [String] {
    TrainingItem.continuing.compactMap { item, days in
      let last = latest[person]?[item].flatMap { $0.lost ? nil : CivilDate($0.completedOn) }
      guard let last else { return "\(item.words): never recorded" }
      let due = last.adding(days: days)
      return due < date ? "\(item.words): due since \(due)" : nil
    }
  }

  func known(at instant: Instant) -> TrainingBook {
    guard all.contains(where: { $0.knownAt > instant }) else { return self }
    var past = TrainingBook()
    for known in all where known.knownAt <= instant { past.add(known) }
    return past
  }

  mutating func add(_ known: Known) {
    all.append(known)
    latest[known.record.person, default: [:]][known.record.item] = known.record
  }
}
