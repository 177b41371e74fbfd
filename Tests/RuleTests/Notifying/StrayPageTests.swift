import Machinery
import Messages
import Notifying
import Testing

/// What the notifier tells of pages that it would go on with, and what it does not take.
@Suite struct StrayPageTests {
  @Test func aReceiptSaysWhetherThePageWouldGoOn() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    #expect(notifier.takeReceipts().map(\.wanted) == [true])
    #expect(notifier.facts.isEmpty == false)
    try notifier.cancel(.wanted())
    notifier.rules.peerLost(.escalator, at: notifier.now)
    #expect(notifier.receipts.map(\.wanted) == [false])
    #expect(notifier.receipts.map(\.purpose) == [.duty])
  }

  @Test func whatGoesOnIsToldAgainWhenRowsAreLostHere() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    notifier.takeReceipts()
    #expect(notifier.receipts == [])
    notifier.rules.skipNumbers(over: .zero)
    #expect(notifier.receipts.map(\.pageId) == ["2f-1k/ana/1"])
  }

  @Test func aWithdrawalNeedsNoMoreThanWhatItWithdraws() throws {
    var notifier = Notifier()
    try notifier.page(.wanted())
    try notifier.page(Page(id: "2f-1k/ana/1", generation: 2, incidentId: "2f-1k", person: "ana"))
    notifier.wait(.hours(1))
    #expect(notifier.attempts.count == 1)
  }

  @Test func aPageOrPostWithoutWhatItNeedsIsRefusedByField() throws {
    func field(_ change: (inout Page) -> Void) -> String? {
      var page = Page.wanted()
      change(&page)
      do throws(Refusal) {
        var notifier = Notifier()
        try notifier.page(page)
        return nil
      } catch { return error.field }
    }
    #expect(field { _ in } == nil)
    #expect(field { $0.id = "" } == "id")
    #expect(field { $0.person = "" } == "person")
    #expect(field { $0.generation = 0 } == "generation")
    #expect(field { $0.incidentId = "" } == "incident_id")
    #expect(field { $0.purpose = .unspecified } == "purpose")
    #expect(field { $0.severity = .unspecified } == "severity")
    #expect(field { $0.pagedAt = .unset } == "paged_at_ms")
    #expect(throws: Refusal.invalid("text", "must not be empty")) {
      var notifier = Notifier()
      try notifier.post(Post(id: "p", channel: "#incidents"))
    }
  }
}
