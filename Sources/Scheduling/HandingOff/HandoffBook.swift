import Machinery
import Messages

/// What is known of handoffs: the incidents and changes that documents tell of, and what people ticked, wrote and signed
/// (requirements H1, H2).
struct HandoffBook: Sendable {
  /// One handoff's: what can't be read off the schedule.
  struct Kept: Hashable, Sendable {
    var ticks: [String: HandoffTicked] = [:]
    /// The last words of each place, in the order in which places were first written to.
    var edits: [HandoffEdit] = []
    var signed: HandoffSigned?
    var accepted: HandoffAccepted?
    var feedback: [HandoffFeedback] = []
  }

  private(set) var incidents: [String: HandoffIncident] = [:]
  private(set) var changes: [String: ChangeEvent] = [:]
  /// By team, then the instant at which somebody takes over.
  private(set) var kept: [String: [Instant: Kept]] = [:]
  var changesNumbered: UInt64 = 0
  /// When each incident and change is too old for any document that is still to be written.
  private var outdating = DueTimes()

  /// A shift and the one before it, and some room.
  static let memory = Span.days(35)

  func kept(_ team: String, at instant: Instant) -> Kept { kept[team]?[instant] ?? Kept() }

  mutating func apply(_ fact: ScheduleFact) {
    switch fact.kind {
    case .handoffIncidentKnown(let known):
      guard let incident = known.incident, isNews(incident) else { return }
      incidents[incident.incidentId] = incident
      outdating.set(
        "incident/\(incident.incidentId)", to: incident.resolvedAt.isSet ? incident.resolvedAt + Self.memory : nil)
    case .changeRecorded(let recorded):
      guard let change = recorded.change else { return }
      changes[change.id] = change
      outdating.set("change/\(change.id)", to: change.at + Self.memory)
      changesNumbered += 1
    case .handoffMatterForgotten(let forgotten):
      for id in forgotten.incidents {
        incidents[id] = nil
        outdating.set("incident/\(id)", to: nil)
      }
      for id in forgotten.changes {
        changes[id] = nil
        outdating.set("change/\(id)", to: nil)
      }
    case .handoffTicked(let ticked):
      guard let tick = ticked.tick else { return }
      change(tick.team, tick.at) { $0.ticks[tick.item] = tick.undo ? nil : ticked }
    case .handoffEdited(let edited):
      guard let edit = edited.edit else { return }
      change(edit.team, edit.at) { kept in
        if let index = kept.edits.firstIndex(where: { $0.isSamePlace(as: edit) }) {
          kept.edits[index] = edit
        } else {
          kept.edits.append(edit)
        }
        (kept.signed, kept.accepted) = (nil, nil)
      }
    case .handoffSigned(let signed):
      guard let signature = signed.signature else { return }
      change(signature.team, signature.at) { ($0.signed, $0.accepted) = (signed, nil) }
    case .handoffAccepted(let accepted):
      guard let signature = accepted.signature else { return }
      change(signature.team, signature.at) { $0.accepted = accepted }
    case .feedbackGiven(let given):
      guard let feedback = given.feedback else { return }
      change(feedback.team, feedback.at) { $0.feedback.append(feedback) }
    case .handoffNumbering(let known): changesNumbered = max(changesNumbered, known.changes)
    default: break
    }
  }

  /// What can be forgotten, found without a look at the rest.
  func outdated(at now: Instant, most: Int) -> HandoffMatterForgotten? {
    guard let first = outdating.next, first.due <= now else { return nil }
    var waiting = outdating
    var forgotten = HandoffMatterForgotten()
    while let next = waiting.next, next.due <= now, forgotten.incidents.count + forgotten.changes.count < most {
      let parts = next.key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      if parts[0] == "incident" {
        forgotten.incidents.append(String(parts[1]))
      } else {
        forgotten.changes.append(String(parts[1]))
      }
      waiting.set(next.key, to: nil)
    }
    return forgotten
  }

  func isNews(_ incident: HandoffIncident) -> Bool {
    incidents[incident.incidentId].map { $0.generation < incident.generation } ?? true
  }

  private mutating func change(_ team: String, _ at: Instant, _ edit: (inout Kept) -> Void) {
    edit(&kept[team, default: [:]][at, default: Kept()])
  }

  /// The facts that lead to the same knowledge again.
  var condensed: [ScheduleFact.Kind] {
    var kinds: [ScheduleFact.Kind] = incidents.sorted { $0.key < $1.key }.map {
      .handoffIncidentKnown(HandoffIncidentKnown(incident: $0.value))
    }
    kinds += changes.sorted { $0.key < $1.key }.map { .changeRecorded(ChangeRecorded(change: $0.value)) }
    for (_, handoffs) in kept.sorted(by: { $0.key < $1.key }) {
      for (_, one) in handoffs.sorted(by: { $0.key < $1.key }) {
        kinds += one.ticks.sorted { $0.key < $1.key }.map { .handoffTicked($0.value) }
        kinds += one.edits.map { .handoffEdited(HandoffEdited(edit: $0)) }
        if let signed = one.signed { kinds.append(.handoffSigned(signed)) }
        if let accepted = one.accepted { kinds.append(.handoffAccepted(accepted)) }
        kinds += one.feedback.map { .feedbackGiven(FeedbackGiven(feedback: $0)) }
      }
    }
    guard changesNumbered > 0 else { return kinds }
    return kinds + [.handoffNumbering(HandoffNumbering(changes: changesNumbered))]
  }
}

/// When things are outdated follows from what they are.
extension HandoffBook: Equatable {
  static func == (left: HandoffBook, right: HandoffBook) -> Bool {
    left.incidents == right.incidents && left.changes == right.changes && left.kept == right.kept
      && left.changesNumbered == right.changesNumbered
  }
}

extension HandoffEdit {
  func isSamePlace(as other: HandoffEdit) -> Bool {
    section == other.section && entry == other.entry && field == other.field
  }
}
