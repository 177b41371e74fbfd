import Machinery
import Messages
import Notifying
import Testing

/// The ledger as operators see it: the newest first, in replies that are never too long to make or to send.
@Suite struct LedgerListingTests {
  private static func filled(_ count: Int, words: String = "accepted") throws -> Notifier {
    var notifier = Notifier(answering: { _ in (.ok, words, nil) })
    for number in 0..<count {
      var page = Page.wanted("ana", id: "2f-\(number)", .sev3, channels: ["push", "slack"], at: notifier.now)
      page.service = "service-\(number)"
      try notifier.page(page)
    }
    return notifier
  }

  /// Every reply until there is no more.
  private static func all(_ notifier: Notifier, _ request: ListPagesRequest) throws -> [ListPagesReply] {
    var request = request
    var replies = [try notifier.rules.listPages(request)]
    while let next = replies.last?.next, !next.isEmpty {
      request.after = next
      replies.append(try notifier.rules.listPages(request))
    }
    return replies
  }

  @Test func theNewestPageComesFirstAndTheRestIsAskedFor() throws {
    let notifier = try Self.filled(25)
    let replies = try Self.all(notifier, ListPagesRequest(limit: 10))
    #expect(replies.map(\.deliveries.count) == [10, 10, 10, 10, 10])
    let incidents = replies.flatMap(\.deliveries).map(\.incidentId)
    #expect(incidents == (0..<25).reversed().flatMap { ["2f-\($0)", "2f-\($0)"] })
  }

  @Test func aPageIsNotCutInTwo() throws {
    let notifier = try Self.filled(5)
    let replies = try Self.all(notifier, ListPagesRequest(limit: 3))
    #expect(replies.map(\.deliveries.count) == [2, 2, 2, 2, 2])
    #expect(try notifier.rules.listPages(ListPagesRequest(limit: 1)).deliveries.count == 1)
  }

  @Test func oneIncidentIsListedInTheSameWay() throws {
    var notifier = try Self.filled(3)
    for number in 2...6 {
      var page = Page.wanted("ana", id: "2f-1", .sev3, channels: ["push"], at: notifier.now)
      page.id = "2f-1/ana/\(number)"
      try notifier.page(page)
    }
    let replies = try Self.all(notifier, ListPagesRequest(incidentId: "2f-1", limit: 3))
    #expect(replies.flatMap(\.deliveries).map(\.pageId) == [6, 5, 4, 3, 2, 1, 1].map { "2f-1/ana/\($0)" })
  }

  @Test func oneCallLooksAtABoundedNumberOfPages() throws {
    var notifier = try Self.filled(25_000)
    notifier.takeReceipts()
    while !notifier.receipts.isEmpty { notifier.takeReceipts() }
    let replies = try Self.all(notifier, ListPagesRequest(openOnly: true))
    #expect(replies.count == 2 && replies.allSatisfy { $0.deliveries.isEmpty })
  }

  @Test func aReplyStaysBelowAFrame() throws {
    let notifier = try Self.filled(4_000, words: String(repeating: "é", count: 200))
    let replies = try Self.all(notifier, ListPagesRequest(limit: 10_000))
    #expect(replies.count >= 4 && replies.flatMap(\.deliveries).count == 8_000)
    for reply in replies {
      let bytes = reply.deliveries.reduce(0) { $0 + $1.words.utf8.count + $1.pageId.utf8.count + 60 }
      #expect(bytes < 900 * 1_024)
    }
  }

  @Test func aPlaceInTheListThatIsGoneIsRefused() throws {
    let notifier = try Self.filled(1)
    #expect(throws: Refusal.self) { try notifier.rules.listPages(ListPagesRequest(after: "nothing")) }
  }
}
