import Foundation
import Messages
import Providers
import Testing

/// E-mail against a server that insists on TLS and on a login, and reads letters strictly.
@Suite struct SMTPTests {
  /// For tests that don't count its letters.
  private static let server = Result { try MailFixture() }
  private let provider = SMTPProvider(reach: .here)

  @Test func aPageArrivesAsALetter() async throws {
    let server = try MailFixture()
    var page = try server.page()
    page.text =
      "[SEV-1] aion-ai-inference: no ready pods (2f-1k)\nprimary on call until Mon 00:00 UTC\n1. kubectl get pods"
    #expect(await provider.deliver(page) == HandOverOutcome(.ok, "250 2.0.0 queued as 4F5A1", id: "4F5A1"))
    let letter = try #require(try server.letters.first)
    #expect(letter.flaws == [] && letter["from"] == "tocsin@aion.example" && letter["to"] == "ana@aion.example")
    #expect(
      letter["user"] == "tocsin" && letter["tls"]?.hasPrefix("TLSv1.") == true && letter["ehlo"] == "aion.example")
    #expect(letter["subject"] == "[SEV-1] aion-ai-inference: no ready pods (2f-1k)")
    #expect(letter["body"]?.replacing("\r\n", with: "\n") == page.text + "\n")
    #expect(letter.header("date") == "Tue, 24 Nov 2026 03:02:10 +0000")
    #expect(letter.header("from") == "Tocsin <tocsin@aion.example>" && letter.header("to") == "ana@aion.example")
    #expect(letter.header("message-id") == "<2f-1k/ana/1#0@aion.example>")
    #expect(letter.header("references") == "<2f-1k@aion.example>" && letter.header("x-priority") == "1")
    #expect(letter.header("auto-submitted") == "auto-generated")
    #expect(letter.header("content-type") == "text/plain; charset=\"utf-8\"")
  }

  @Test func aRepeatHasTheSameMessageID() async throws {
    let server = try MailFixture()
    var page = try server.page()
    _ = await provider.deliver(page)
    page.attempt = 2
    page.isRepeat = true
    page.text = "(possible repeat) \(page.text)"
    _ = await provider.deliver(page)
    let letters = try server.letters
    #expect(letters.count == 2 && letters[0].header("message-id") == letters[1].header("message-id"))
    #expect(letters[1]["subject"]?.hasPrefix("(possible repeat)") == true)
  }

  @Test func tlsFromTheFirstByteWorksToo() async throws {
    let server = try MailFixture(["--implicit-tls"])
    #expect(await provider.deliver(try server.page()).status == .ok)
    #expect(try server.letters.first?["user"] == "tocsin")
  }

  @Test func aServerThatAsksForNoLoginGetsNone() async throws {
    let server = try MailFixture(user: "")
    #expect(await provider.deliver(try server.page(account: "")).status == .ok)
  }

  @Test(arguments: [
    "[SEV-1] наборы не готовы: «служба» 😀 " + String(repeating: "ёжик ", count: 60),
    "=?utf-8?B?ZXZpbA==?= is no word of ours", String(repeating: "long ", count: 400), "a\u{301}\u{302}\u{303} é",
    ".\n.\n..two\n.three = four \nfive\t\n\n" + String(repeating: ".", count: 300), "",
  ])
  func whateverIsSaidArrivesAsItIsSaid(text: String) async throws {
    let server = try MailFixture()
    var page = try server.page()
    page.text = text
    #expect(await provider.deliver(page).status == .ok)
    let letter = try #require(try server.letters.first)
    #expect(letter.flaws == [])
    #expect(letter["body"]?.replacing("\r\n", with: "\n") == text.replacing("\t", with: "") + "\n")
    let first = text.split(separator: "\n").first.map(String.init) ?? page.title
    #expect(letter["subject"] == String(first.prefix(250)))
  }

  @Test func nothingThatAnAlertSaysBecomesAHeader() async throws {
    let server = try MailFixture()
    var page = try server.page()
    page.text = "a\r\nBcc: everybody@aion.example\r\n\r\nb\u{2028}c\u{202e}d\u{0}\r.\r\nMAIL FROM:<x@y>"
    page.title = page.text
    page.id = "2f\r\nBcc: x@y/ana/1#0"
    page.incidentId = "2f\r\nBcc: x@y"
    #expect(await provider.deliver(page).status == .ok)
    let letter = try #require(try server.letters.first)
    #expect(letter.flaws == [] && letter.header("bcc") == nil && letter["subject"] == "a")
    #expect(
      letter["raw"]?.contains("\u{202e}") == false && letter["body"]?.contains("Bcc: everybody@aion.example") == true)
    #expect(try server.letters.count == 1)
  }

  @Test(arguments: ["x@y\r\nBcc: z@y", "<x@y>", "x@y,z@y", "nobody", "ä@y.example", "x@y> SIZE=1"])
  func whatIsNoAddressIsNeverSent(address: String) async throws {
    let server = try MailFixture()
    let outcome = await provider.deliver(try server.page(to: address))
    #expect(outcome.status == .failedPrecondition && !outcome.words.contains(address))
    #expect(try server.letters.isEmpty)
  }

  @Test(arguments: [
    ("unknown", Status.failedPrecondition, "550 5.1.1 <[address]>: recipient unknown"),
    ("full", .unavailable, "452 4.2.2 mailbox full"),
    ("greylisted", .unavailable, "451 4.7.1 greylisted, come back later"),
    ("spam", .failedPrecondition, "554 5.7.1 rejected as spam"), ("busy", .unavailable, "421 4.3.2 closing, too busy"),
    ("toobig", .failedPrecondition, "552 5.3.4 message too big"),
  ])
  func itsCodesSayWhetherTryingAgainCanHelp(whom: String, status: Status, words: String) async throws {
    let server = try Self.server.get()
    let table = Providers([.smtp: provider])
    let page = try server.page(to: "\(whom)@aion.example")
    let outcome = await withCheckedContinuation { waiting in table.deliver(page) { waiting.resume(returning: $0) } }
    #expect(outcome == HandOverOutcome(status, words))
  }

  @Test(arguments: [("cut", Status.unknown), ("hang", .unknown), ("cut-before", .unavailable), ("mute", .unavailable)])
  func aLetterThatLeftWithoutAnAnswerIsUnknown(whom: String, status: Status) async throws {
    let server = try Self.server.get()
    let hasty = SMTPProvider(totalTimeout: .seconds(2), reach: .here)
    #expect(await hasty.deliver(try server.page(to: "\(whom)@aion.example")).status == status)
  }

  @Test func aServerThatSaysNoGoodbyeHasTakenTheLetter() async throws {
    let server = try Self.server.get()
    let (outcome, took) = await timed(try server.page(to: "hang-goodbye@aion.example"), by: provider)
    #expect(outcome == HandOverOutcome(.ok, "250 2.0.0 queued as 4F5A1", id: "4F5A1"))
    #expect(took < .seconds(15), "the goodbye was waited for")
  }

  /// How long a letter took on its own thread: a test that waits may have to wait for its turn besides.
  private func timed(_ page: HandOver, by provider: SMTPProvider) async -> (HandOverOutcome, Duration) {
    let began = ContinuousClock.now
    return await withCheckedContinuation { waiting in
      provider.deliver(page) { waiting.resume(returning: ($0, began.duration(to: .now))) }
    }
  }

  /// libcurl alone waits as long again for the goodbye of a server that has not even answered: the person's next channel waits too.
  @Test(arguments: ["hang", "mute"]) func aServerThatHangsCostsItsTimeOnce(whom: String) async throws {
    let server = try Self.server.get()
    let patient = SMTPProvider(totalTimeout: .seconds(8), reach: .here)
    let (_, took) = await timed(try server.page(to: "\(whom)@aion.example"), by: patient)
    #expect(took >= .seconds(7) && took < .seconds(14), "\(took)")
  }

  @Test func aWrongPasswordIsPermanentAndNotRepeated() async throws {
    let server = try Self.server.get()
    let outcome = await provider.deliver(try server.page(password: "not the password"))
    #expect(outcome == HandOverOutcome(.failedPrecondition, "535 5.7.8 authentication credentials invalid"))
  }

  @Test func nothingIsSaidWithoutTLS() async throws {
    let server = try MailFixture(["--no-starttls"])
    let outcome = await provider.deliver(try server.page())
    #expect(outcome.status == .failedPrecondition && outcome.words.contains("STARTTLS"), "\(outcome)")
  }

  @Test func aServerThatNobodyVouchesForGetsNothing() async throws {
    let server = try MailFixture()
    var page = try server.page()
    page.route.caFile = ""
    #expect(await provider.deliver(page).status == .unavailable)
    page.route.caFile = "/nowhere/ca.pem"
    #expect(await provider.deliver(page).status != .ok)
    let other = try MailFixture(for: "mail.example")
    #expect(await provider.deliver(try other.page()).status == .unavailable)
  }

  @Test func nobodyListensMeansThatItNeverLeft() async throws {
    let server = try MailFixture()
    var page = try server.page()
    page.route.url = "smtp://localhost:1"
    #expect(await provider.deliver(page).status == .unavailable)
  }

  @Test func aServerThatHangsHasItsShareAndNoMore() async throws {
    let slow = try MailFixture()
    let patient = SMTPProvider(totalTimeout: .seconds(60), reach: .here)
    let ended = Ended()
    for _ in 0..<80 { patient.deliver(try slow.page(to: "mute@aion.example")) { _ in ended.note() } }
    let outcome = await patient.deliver(try slow.page(to: "mute@aion.example"))
    #expect(
      outcome
        == HandOverOutcome(
          .unavailable, "the mail server is busy with other letters", retryAfter: .seconds(5)))
    #expect(ended.count == 0, "what has its share was given up too")
  }

  /// Or a mute server would delay the person's next channel twice: while the letter waits, and again while it is being sent.
  @Test func whatALetterHasWaitedIsPartOfItsTime() async throws {
    let slow = try MailFixture()
    let patient = SMTPProvider(totalTimeout: .seconds(4), reach: .here)
    for _ in 0..<16 { patient.deliver(try slow.page(to: "mute@aion.example")) { _ in } }
    let shorter = SMTPProvider(totalTimeout: .seconds(2), reach: .here)
    _ = await shorter.deliver(try slow.page(to: "mute@aion.example"))
    // Two seconds on: it waits for two, and two are left.
    let began = ContinuousClock.now
    let outcome = await patient.deliver(try slow.page(to: "mute@aion.example"))
    #expect(outcome.status == .unavailable)
    #expect(began.duration(to: .now) < .milliseconds(5_500), "it had four seconds of its own")
  }

  @Test func aServerThatHangsHoldsUpNoOther() async throws {
    let slow = try MailFixture()
    let quick = try MailFixture()
    let patient = SMTPProvider(totalTimeout: .seconds(60), reach: .here)
    let ended = Ended()
    for _ in 0..<40 { patient.deliver(try slow.page(to: "mute@aion.example")) { _ in ended.note() } }
    for number in 0..<20 { #expect(await patient.deliver(try quick.page(to: "p\(number)@aion.example")).status == .ok) }
    #expect(ended.count == 0, "a hanging letter ended before those that must not wait for it")
    #expect(Set(try quick.letters.compactMap { $0["to"] }).count == 20)
  }
}

/// How many ended, from any thread.
private final class Ended: @unchecked Sendable {
  // Sendable because the lock guards all there is.
  private let lock = NSLock()
  private var number = 0

  func note() { lock.withLock { number += 1 } }
  var count: Int { lock.withLock { number } }
}
