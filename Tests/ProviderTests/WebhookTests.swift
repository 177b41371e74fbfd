import Foundation
import Messages
import Providers
import Testing

/// The signed webhook against a real HTTP endpoint.
@Suite struct WebhookTests {
  private let receiver: Receiver
  private let provider: WebhookProvider

  init() throws {
    receiver = try Receiver()
    provider = WebhookProvider(try Conversations(reach: .here))
  }

  private func page(_ path: String, id: String = "2f-1k/ana/1#0") -> HandOver {
    .page(id, url: receiver.url(path), secretFile: receiver.secretFile)
  }

  @Test func aPageArrivesSignedWithAllThatItsReceiverNeeds() async throws {
    let outcome = await provider.deliver(page("in"))
    #expect(outcome == HandOverOutcome(.ok, "200 taken"))
    let taken = try #require(try receiver.taken.first)
    #expect(taken.signature == "good")
    #expect(taken.headers["content-type"] == "application/json")
    #expect(taken.headers["tocsin-page-id"] == "2f-1k/ana/1#0" && taken.headers["idempotency-key"] == "2f-1k/ana/1#0")
    #expect(
      taken.headers["traceparent"] == "00-0102030405060708090a0b0c0d0e0f10-1112131415161718-01")
    #expect(taken.body["id"] as? String == "2f-1k/ana/1#0" && taken.body["page"] as? String == "2f-1k/ana/1")
    #expect(taken.body["attempt"] as? Int == 2 && taken.body["repeat"] as? Bool == true)
    #expect(taken.body["channel"] as? String == "push" && taken.body["person"] as? String == "ana")
    #expect(taken.body["incident"] as? String == "2f-1k" && taken.body["severity"] as? Int == 1)
    #expect(taken.body["text"] as? String == "[SEV-1] \"no\" ready pods…\nline 2")
    #expect(taken.body["at_ms"] as? Int == 1_795_489_330_000)
  }

  @Test func aReceiverWithAnotherSecretSeesThatTheSignatureIsNotIts() async throws {
    let stranger = try Receiver(verifying: "another secret of the same length")
    _ = await provider.deliver(.page(url: stranger.url("in"), secretFile: stranger.secretFile))
    #expect(try stranger.taken.map(\.signature) == ["bad"])
  }

  @Test(
    arguments: [
      ("status/200", Status.ok, nil), ("status/204", .ok, nil), ("status/400", .failedPrecondition, nil),
      ("status/404", .failedPrecondition, nil), ("status/408", .unavailable, nil), ("status/500", .unavailable, nil),
      ("status/429?retry-after=7", .resourceExhausted, Span.seconds(7)),
      ("status/503?retry-after=30", .unavailable, .seconds(30)), ("status/503", .unavailable, nil),
      // A gateway doesn't know, but the receiver knows the key.
      ("status/502", .unavailable, nil), ("status/504", .unavailable, nil),
    ] as [(String, Status, Span?)])
  func anAnswerSaysWhetherTryingAgainCanHelp(path: String, status: Status, retryAfter: Span?) async {
    let outcome = await provider.deliver(page(path))
    #expect(outcome.status == status && outcome.retryAfter == retryAfter)
    #expect(outcome.words.hasPrefix(String(path.split(separator: "?")[0].suffix(3))))
  }

  @Test(arguments: ["10000000000000000", "9223372036854775807"])
  func aReceiverThatNamesAnotherCenturyIsAskedAgainWithinAMonth(seconds: String) async throws {
    let outcome = await provider.deliver(page("status/429?retry-after=\(seconds)"))
    let wait = try #require(outcome.retryAfter)
    #expect(outcome.status == .resourceExhausted && wait > .hours(1) && wait <= .days(31))
  }

  @Test func aRedirectIsNotFollowed() async throws {
    let outcome = await provider.deliver(page("redirect"))
    #expect(outcome.status == .failedPrecondition && outcome.words.hasPrefix("302"))
    #expect(try receiver.taken.count == 1)
  }

  @Test func nobodyListensMeansThatItNeverLeft() async {
    let outcome = await provider.deliver(.page(url: "http://127.0.0.1:1/in", secretFile: receiver.secretFile))
    #expect(outcome.status == .unavailable)
  }

  @Test func anAddressThatIsNoWebAddressIsRefusedForGood() async {
    for url in ["file:///etc/hostname", "gopher://127.0.0.1/", "http://[bad", ""] {
      let outcome = await provider.deliver(.page(url: url, secretFile: receiver.secretFile))
      #expect(outcome.status == .failedPrecondition, "\(url)")
    }
  }

  @Test func whatWasTakenWithoutAnAnswerIsUnknown() async throws {
    #expect(await provider.deliver(page("drop")).status == .unknown)
    #expect(try receiver.taken.count == 1)
  }

  @Test func whatWasTakenOnAConnectionUsedBeforeIsNotSentTwiceBehindOurBack() async throws {
    _ = await provider.deliver(page("in"))
    let outcome = await provider.deliver(page("drop"))
    #expect(outcome.status == .unknown)
    #expect(try receiver.taken.map(\.path) == ["/in", "/drop"])
    #expect(Set(try receiver.taken.map(\.connection)).count == 1)
  }

  @Test func aReceiverThatNeverAnswersIsUnknownWhenItsTimeIsUp() async throws {
    let hasty = WebhookProvider(try Conversations(totalTimeout: .milliseconds(300), reach: .here))
    #expect(await hasty.deliver(page("hang")).status == .unknown)
  }

  /// The kernel goes on sending what is left of a connection that was closed in order: a page that was given up, and said again with a
  /// word, would come once more without one. Here it waits in front of a receiver that doesn't read until then.
  @Test func whatWasGivenUpDoesNotArriveLater() async throws {
    let reader = try LateReader()
    let hasty = WebhookProvider(try Conversations(totalTimeout: .milliseconds(1_500), reach: .here))
    var page = HandOver.page(url: reader.url, secretFile: receiver.secretFile)
    page.text = String(repeating: "x", count: 500_000)
    #expect(await hasty.deliver(page).status == .unknown)
    let arrived = reader.readToTheEnd()
    #expect(arrived.count > 0 && arrived.count < 500_000 && !arrived.contains("x\"}"), "\(arrived.count)")
  }

  @Test func anEndlessAnswerIsNotReadToItsEnd() async {
    let outcome = await byTable(page("big"))
    #expect(outcome.status == .ok && outcome.words.count == 200)
  }

  /// Wherever the words are cut, no part of the address is left in them.
  @Test func noPieceOfAnAddressIsInTheWords() async {
    for length in 0..<24 {
      var page = page("echo")
      page.text = String(repeating: "x", count: length) + page.address
      let outcome = await byTable(page)
      #expect(
        outcome.status == .ok && outcome.words.count == 200 && !outcome.words.contains("ana-"), "\(outcome.words)")
    }
  }

  @Test func connectionsAreUsedAgain() async throws {
    for number in 1...50 { #expect(await provider.deliver(page("in", id: "\(number)#0")).status == .ok) }
    #expect(Set(try receiver.taken.map(\.connection)).count == 1)
  }

  @Test func aThousandPagesArriveOnceEach() async throws {
    let outcomes = await together(1_000) { "in/\($0)" }
    #expect(outcomes.count { $0.status == .ok } == 1_000)
    let ids = try receiver.taken.map { $0.body["id"] as? String }
    #expect(ids.count == 1_000 && Set(ids).count == 1_000)
    #expect(try receiver.taken.allSatisfy { $0.signature == "good" })
  }

  @Test func hundredsOfConversationsGoOnAtOnce() async throws {
    let outcomes = await together(400) { _ in "delay/0.5" }
    #expect(outcomes.allSatisfy { $0.status == .ok })
    #expect(try receiver.taken.map(\.busy).max() ?? 0 >= 100)
  }

  @Test func aReceiverThatHangsHasItsShareAndNoMore() async throws {
    let patient = WebhookProvider(try Conversations(totalTimeout: .seconds(120), reach: .here))
    let order = Order()
    for number in 0..<128 { patient.deliver(page("hang", id: "hang-\(number)#0")) { _ in order.append("hang") } }
    for count in [50, 1] {
      let outcomes = await together(count, by: patient) { _ in "hang" }
      #expect(
        outcomes.allSatisfy {
          $0.status == .unavailable && $0.retryAfter == .seconds(5) && $0.words.hasPrefix("busy: too many requests")
        })
    }
    let other = try Receiver()
    #expect(await patient.deliver(.page(url: other.url("in"), secretFile: other.secretFile)).status == .ok)
    #expect(order.isEmpty, "what has its share was given up too")
  }

  @Test func aReceiverThatHangsHoldsUpNobodyElse() async throws {
    // So patient that it doesn't give up before the others are through, however busy the machine is.
    let patient = WebhookProvider(try Conversations(totalTimeout: .seconds(120), reach: .here))
    let order = Order()
    for number in 0..<100 {
      patient.deliver(page("hang", id: "hang-\(number)#0")) { _ in order.append("hang") }
    }
    let outcomes = await together(300, by: patient) { "in/\($0)" }
    #expect(outcomes.allSatisfy { $0.status == .ok })
    #expect(order.isEmpty, "a hanging conversation ended before those that must not wait for it")
  }

  private func byTable(_ page: HandOver) async -> HandOverOutcome {
    let table = Providers([.webhook: provider])
    return await withCheckedContinuation { waiting in table.deliver(page) { waiting.resume(returning: $0) } }
  }

  private func together(
    _ count: Int, by other: WebhookProvider? = nil, path: @Sendable (Int) -> String
  ) async -> [HandOverOutcome] {
    let provider = other ?? provider
    let pages = (0..<count).map { page(path($0), id: "page-\($0)#0") }
    return await withTaskGroup(of: HandOverOutcome.self) { group in
      for page in pages { group.addTask { await provider.deliver(page) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
  }
}

/// What happened, from any thread.
private final class Order: @unchecked Sendable {
  // Sendable because the lock guards all there is.
  private let lock = NSLock()
  private var entries: [String] = []

  func append(_ entry: String) { lock.withLock { entries.append(entry) } }
  var isEmpty: Bool { lock.withLock { entries.isEmpty } }
}
