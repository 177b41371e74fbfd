import Messages
import Scheduling
import Testing

/// Any edit can be seen before it is made: who gains and who loses which shift, by the function that applying uses.
@Suite struct PreviewTests {
  @Test func anOverrideShowsWhoGainsAndWhoLoses() throws {
    let scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    let request = OverrideRequest(
      team: "platform", tier: 1, person: "hal", fromAt: .utc("2026-11-29"), untilAt: .utc("2026-12-02"), reason: "x",
      by: "tara")
    let reply = try scheduler.rules.preview(PreviewRequest(edit: .override(request)), now: scheduler.now)
    #expect(reply.changes.map(\.loses) == ["dee", "eli"] && reply.changes.map(\.gains) == ["hal", "hal"])
    #expect(reply.changes.map(\.fromAt) == [.utc("2026-11-29"), .utc("2026-11-30")])
    #expect(try scheduler.holder(at: .utc("2026-11-30")) == "eli", "nothing is changed")
  }

  /// What preview says is what applying does, at every instant, for edits of every kind.
  @Test(arguments: 1...12 as ClosedRange<UInt64>) func previewAndApplyAgree(seed: UInt64) throws {
    var dice = SplitMix(seed: seed)
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    let people = ScheduleConfiguration.engineers
    var made = 0
    for _ in 0..<25 {
      scheduler.wait(.hours(Int64(1 + dice.below(100))))
      let person = people[dice.below(8)]
      let from = scheduler.now + .hours(Int64(1 + dice.below(1_200)))
      let until = from + .hours(Int64(1 + dice.below(300)))
      let edit: PreviewRequest.Edit
      let input: ScheduleInput
      switch dice.below(5) {
      case 0:
        var configuration = ScheduleConfiguration.platform()
        configuration.rotations[0].members = Array(people.shuffled(&dice).prefix(3 + dice.below(6)))
        (edit, input) = (.configuration(configuration), .configure(configuration, by: "ops"))
      case 1:
        let request = AbsenceRequest(
          person: person, kind: dice.below(2) == 0 ? .sick : .timeOff, fromAt: from, untilAt: until, by: person)
        (edit, input) = (.absence(request), .requestAbsence(request))
      case 2:
        let record = TrainingRecord(person: person, item: .pushDevice, lost: dice.below(2) == 0, by: "tara")
        (edit, input) = (.training(record), .recordTraining(record))
      case 3:
        let request = OverrideRequest(
          team: "platform", tier: 1, person: person, fromAt: from, untilAt: until, reason: "x", by: "tara")
        (edit, input) = (.cover(request), .assignCover(request))
      default:
        let request = OverrideRequest(
          team: "platform", tier: UInt32(1 + dice.below(3)), person: person, fromAt: from, untilAt: until, reason: "x",
          by: "tara")
        (edit, input) = (.override(request), .addOverride(request))
      }
      let preview = Result { try scheduler.rules.preview(PreviewRequest(edit: edit), now: scheduler.now) }
      let before = scheduler
      let refusal = scheduler.refusal(input)
      guard case .success(let reply) = preview else {
        #expect(refusal != nil, "what can't be previewed can't be made")
        continue
      }
      #expect(refusal == nil)
      try scheduler.decide(input)
      made += 1
      for step in 0..<120 {
        let at = before.now + .hours(Int64(step) * 18)
        for tier: UInt32 in 1...3 {
          let (was, becomes) = (try before.holder(tier, at: at), try scheduler.holder(tier, at: at))
          let change = reply.changes.first { $0.tier == tier && $0.fromAt <= at && at < $0.untilAt }
          #expect(change?.loses ?? was == was && change?.gains ?? was == becomes, "\(seed): \(edit) at \(at.rfc3339)")
        }
      }
    }
    #expect(made >= 5)
  }

  @Test func aSwapIsPreviewedAsIfAllHadAgreed() throws {
    let scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    let request = SwapRequest(
      team: "platform", tier: 1, giver: "fay", takers: ["ana"], fromAt: .utc("2026-12-07"), untilAt: .utc("2026-12-14"),
      by: "fay")
    let reply = try scheduler.rules.preview(PreviewRequest(edit: .swap(request)), now: scheduler.now)
    #expect(reply.changes.map { "\($0.loses)>\($0.gains)" } == ["fay>ana"])
    #expect(scheduler.rules.listSwaps(ListSwapsRequest()).swaps.isEmpty)
  }
}

extension Array {
  func shuffled(_ dice: inout SplitMix) -> [Element] {
    var rest = self
    var found: [Element] = []
    while !rest.isEmpty { found.append(rest.remove(at: dice.below(rest.count))) }
    return found
  }
}
