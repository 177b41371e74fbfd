import Escalating
import Messages
import Wire

/// In some runs people review what happened. What was found and answered OK is in a review in the end, whatever crashes, and
/// whatever becomes of the incident; and in every run each SEV-1/2 that ended has a review (requirement E11). It draws for
/// itself, so that the rest of a seed stays what it was.
final class Reviewers {
  private let world: World
  private let people: [String]
  private var random: SeededRandom
  /// By text, whose review it was told to.
  private var found: [String: String] = [:]

  init(_ world: World, people: [String]) {
    self.world = world
    self.people = people
    random = SeededRandom(seed: ~world.seed &+ 8)
  }

  func plan(over span: Span) {
    guard random.oneIn(3) else { return }
    for number in 1...random.number(3...15) {
      world.agenda.plan(after: Span(milliseconds: random.number(0...span.milliseconds - 1))) { [self] in learn(number) }
    }
  }

  private func learn(_ number: Int64) {
    let reviews = (try? world.escalator.rules?.list(ReviewsRequest(), now: world.agenda.now))?.reviews ?? []
    guard let review = reviews.randomElement(using: &random) else { return }
    let id = review.incidentId
    let request = FindingRequest(incidentId: id, by: somebody(), kind: .cause, text: "finding \(number)")
    world.call(.escalator, ReviewsMethods.find.path, request.encoded()) { [self] result in
      if case .success = result { found[request.text] = id }
    }
    guard random.oneIn(2) else { return }
    let attendance = AttendanceRequest(incidentId: id, by: somebody(), people: [somebody(), somebody()])
    world.call(.escalator, ReviewsMethods.attend.path, attendance.encoded()) { [self] _ in
      let closing = ReviewClosing(incidentId: id, by: somebody())
      world.call(.escalator, ReviewsMethods.close.path, closing.encoded())
    }
  }

  // MARK: In the end

  func judge() {
    var ended: [String: Severity] = [:]
    var gravest: [String: Severity] = [:]
    var reviewed: Set<String> = []
    // Over before anybody was paged, or a tier's own loss that nobody took: the only ones without.
    var untouched: Set<String> = []
    var kept: Set<String> = []
    world.escalator.forEachFact { _, fact in
      switch fact.kind {
      case .opened(let opened):
        gravest[opened.id] = opened.severity
        if opened.alertState == .resolved || opened.id.hasPrefix(Escalations.lostPrefix) { untouched.insert(opened.id) }
      case .acknowledged(let answer): untouched.remove(answer.incidentId)
      case .reopened(let reopened): untouched.remove(reopened.incidentId)
      case .firedAgain(let again): untouched.remove(again.incidentId)
      case .severityChanged(let change):
        if change.severity.rawValue < gravest[change.incidentId]?.rawValue ?? .max {
          gravest[change.incidentId] = change.severity
        }
      case .resolved(let resolved) where !untouched.contains(resolved.incidentId):
        ended[resolved.incidentId] = gravest[resolved.incidentId]
      case .reviewOpened(let opened): reviewed.insert(opened.incidentId)
      case .reviewLeft(let left): kept.formUnion(left.last?.findings.map(\.text) ?? [])
      default: break
      }
    }
    for (id, severity) in ended.sorted(by: { $0.key < $1.key }) where severity == .sev1 || severity == .sev2 {
      world.report.judgements += 1
      if !reviewed.contains(id) { world.report.violate("\(id): was \(severity) and ended without a review") }
    }
    judge(kept)
  }

  /// - Parameter left: what is history.
  private func judge(_ left: Set<String>) {
    // What a disk has lost that said it was durable nobody has.
    guard world.report.faults[.tailLost] == nil else { return }
    let request = ReviewsRequest(includeClosed: true, limit: 1_000)
    let reviews = (try? world.escalator.rules?.list(request, now: world.agenda.now))?.reviews ?? []
    let held = Set(reviews.flatMap(\.findings).map(\.text))
    for (text, id) in found.sorted(by: { $0.key < $1.key }) {
      world.report.judgements += 1
      if !held.contains(text), !left.contains(text) {
        world.report.violate("\(id): \(text) was taken, and no review holds it")
      }
    }
  }

  private func somebody() -> String { people.randomElement(using: &random) ?? "" }
}
