import Machinery
import Messages
import Testing

@Suite struct DebtQueueTests {
  private let start = Instant(milliseconds: 1_795_489_200_000)

  @Test func aDebtKeepsItsPlaceUntilItChangesOrBecomesMoreUrgent() {
    var queue = DebtQueue(urgencies: 3)
    for id in ["a", "b", "c"] { queue.owe(DebtKey(id: id, generation: 1), urgency: 2, since: start) }
    queue.owe(DebtKey(id: "a", generation: 1), urgency: 2, since: start + .seconds(9))
    #expect(queue.first(9) == ["a", "b", "c"])
    queue.owe(DebtKey(id: "a", generation: 2), urgency: 2, since: start + .seconds(9))
    #expect(queue.first(9) == ["b", "c", "a"])
    queue.owe(DebtKey(id: "c", generation: 2), urgency: 0, since: start)
    #expect(queue.first(9) == ["c", "b", "a"])
    queue.owe(DebtKey(id: "c", generation: 3), urgency: 2, since: start)
    #expect(queue.first(1) == ["c"], "a debt never becomes less urgent")
    #expect(queue.summary == DebtSummary(count: 3, oldest: start))
  }

  @Test func aReaderMeetsEachTicketOnceAndAChangedDebtAgain() {
    var queue = DebtQueue(urgencies: 2)
    var cursor = DebtQueue.Cursor()
    for id in ["a", "b", "c"] { queue.owe(DebtKey(id: id, generation: 1), urgency: 1, since: start) }
    queue.settle("b")
    #expect(queue.next(in: 1, after: &cursor) == "a")
    #expect(queue.next(in: 1, after: &cursor) == "c")
    #expect(queue.next(in: 1, after: &cursor) == nil)
    queue.owe(DebtKey(id: "a", generation: 2), urgency: 1, since: start)
    #expect(queue.next(in: 1, after: &cursor) == "a")
    #expect(queue.next(in: 0, after: &cursor) == nil)
  }

  /// A seeded walk against a plain list that is sorted anew each time.
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func theOrderIsThatOfAPlainSortedList(_ seed: UInt64) {
    var dice = SplitMix(seed: seed)
    var queue = DebtQueue(urgencies: 4)
    var plain: [String: (urgency: Int, number: Int, generation: UInt64)] = [:]
    for number in 0..<4_000 {
      let id = "\(dice.next() % 60)"
      if dice.next() % 3 == 0 {
        queue.settle(id)
        plain[id] = nil
        continue
      }
      let urgency = Int(dice.next() % 4)
      let generation = dice.next() % 3
      queue.owe(DebtKey(id: id, generation: generation), urgency: urgency, since: start)
      let before = plain[id]
      if let before, before.generation == generation, before.urgency <= urgency { continue }
      plain[id] = (min(urgency, before?.urgency ?? urgency), number, generation)
    }
    let wanted = plain.sorted { ($0.value.urgency, $0.value.number) < ($1.value.urgency, $1.value.number) }.map(\.key)
    #expect(queue.first(.max) == wanted)
    #expect(queue.count == plain.count)
  }
}
