import Machinery
import Messages
import SQLiteJournal

/// A year of incidents in a history index: spread evenly, of ten teams and fifty people, three pages each, and what a rehearsal
/// lets happen again.
struct RecordedYear {
  var incidents: Int
  let from = Instant(milliseconds: 1_767_225_600_000)
  var until: Instant { from + .days(365) }

  /// - Parameter head: where the index stands when a further thousand is in it, by the first of them.
  func fill(_ index: HistoryIndex, head: (Int) -> JournalHead) throws {
    let step = Span.days(365).milliseconds / Int64(incidents)
    for first in stride(from: 0, to: incidents, by: 1_000) {
      var tallies: [IncidentTally] = []
      var deeds: [RecordedDeed] = []
      for number in first..<min(first + 1_000, incidents) {
        let id = String(number, radix: 36)
        let at = from + .milliseconds(Int64(number) * step)
        let severity = Severity(rawValue: UInt32(1 + number % 4)) ?? .sev4
        tallies.append(
          .opened(
            IncidentOpening(
              id: id, team: "team-\(number % 10)", service: "service-\(number % 97)", alertClass: "class-\(number % 7)",
              severity: severity, at: at)))
        for page in 0..<3 {
          let person = "person-\((number * 7 + page) % 50)"
          tallies.append(.paged(incident: id, person: person, at: at + .minutes(Int64(page) * 10)))
        }
        // As long as the facts are: opened, acknowledged, resolved.
        for (octets, minute) in [(110, 0), (45, 12), (60, 60)] as [(Int, Int64)] {
          deeds.append(
            RecordedDeed(incident: id, at: at + .minutes(minute), body: Array(repeating: 7, count: octets)))
        }
        tallies.append(.acknowledged(incident: id, at: at + .minutes(12)))
        tallies.append(.resolved(incident: id, at: at + .hours(1), byPerson: true))
      }
      try index.record([], [], tallies, deeds, through: head(first))
    }
  }
}
