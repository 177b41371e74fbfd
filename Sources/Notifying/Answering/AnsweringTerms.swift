import Machinery
import Messages

/// How pages can be answered by their own channels (requirement N4): where callbacks arrive, and the secret that makes codes and
/// links which nobody can guess and no rule needs dice for.
///
/// Not remembered: a process is given it at its start. What it makes of a page is always the same, so that what was sent out
/// before a restart is still valid after it.
public struct AnsweringTerms: Hashable, Sendable {
  let secret: SealingSecret
  /// Where the public reaches the listener, without a slash at its end: "https://tocsin.example.com"; empty: nowhere, and only links
  /// bring answers.
  public let url: String
  /// Where links lead: there, or to the pages for people.
  public let linkURL: String

  /// How long a page can be answered by its own channel after it was sent.
  static let validFor = Span.hours(24)
  static let digits = 6

  /// - Parameter links: where links lead, if that is elsewhere.
  public init(secret: [UInt8], url: String, links: String? = nil) {
    self.secret = SealingSecret(secret)
    self.url = Self.withoutSlash(url)
    linkURL = Self.withoutSlash(links ?? url)
  }

  private static func withoutSlash(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }

  /// Six digits that answer one page, from its person's own number. A million of them, five attempts: whoever has the number but
  /// not the page has a chance of 1 in 200,000.
  func code(of page: String) -> String {
    Self.digits(of: secret.seal(page, use: "code"))
  }

  /// Six more digits for a page's code, while its person's number is not believed: they go to that number only, so that whoever
  /// pretends to write from it doesn't know them. A million million codes, at hundreds of guesses a second for half an hour.
  func confirmation(of page: String, until: Instant) -> String {
    Self.digits(of: secret.seal("\(page) \(until.milliseconds)", use: "confirmation"))
  }

  private static func digits(of seal: some Sequence<UInt8>) -> String {
    let text = String(seal.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % 1_000_000)
    return String(repeating: "0", count: digits - text.count) + text
  }

  /// Stands for a number in the journal: the same for the same number, and nobody without the secret can find out which.
  func mark(of sender: String) -> String {
    HexText.of(secret.seal(sender, use: "sender").prefix(8))
  }

  func token(_ claims: AnswerToken) -> String {
    let body = claims.body
    return "\(body).\(HexText.of(secret.seal(body, use: "token").prefix(AnswerToken.sealBytes)))"
  }

  /// nil: it was not made here, or somebody has changed it.
  func claims(of token: String) -> AnswerToken? {
    guard token.utf8.count <= AnswerToken.bytesAtMost, let dot = token.lastIndex(of: ".") else { return nil }
    let body = String(token[..<dot])
    let seal = Array(HexText.of(secret.seal(body, use: "token").prefix(AnswerToken.sealBytes)).utf8)
    let shown = Array(token[token.index(after: dot)...].utf8)
    guard shown.count == seal.count else { return nil }
    // Every byte is looked at, so that the time it takes tells nothing.
    guard zip(shown, seal).reduce(UInt8(0), { $0 | ($1.0 ^ $1.1) }) == 0 else { return nil }
    return AnswerToken(body: body)
  }

  /// Whether a token was made here and nobody has changed it; it may have expired.
  public func isSealed(_ token: String) -> Bool { claims(of: token) != nil }

  /// nil for what asks for no answer, or is answered otherwise.
  func ways(of subject: Attempt.Subject, by channel: String, at sent: Instant) -> AnswerWays? {
    guard case .page(let page) = subject, page.isAnsweredByChannel else { return nil }
    guard !url.isEmpty || PersonalChannel.isLink(channel) else { return nil }
    return ways(of: page, by: channel, at: sent)
  }

  /// The ways in which a page is answered by a channel, made when it is sent.
  func ways(of page: Page, by channel: String, at sent: Instant) -> AnswerWays {
    func token(_ deed: AnswerDeed) -> String {
      self.token(AnswerToken(page: page.id, deed: deed, channel: channel, expiresAt: sent + Self.validFor))
    }
    return AnswerWays(
      code: code(of: page.id), url: url, linkURL: linkURL,
      tokens: AnswerDeed.allCases.reduce(into: [:]) { $0[$1] = token($1) })
  }
}

/// What a page says, and carries, of how it is answered.
public struct AnswerWays: Hashable, Sendable {
  /// Of a text message.
  public let code: String
  public let url: String
  public let linkURL: String
  /// By deed; `.unspecified`: whoever answers says which, as by a key in a call.
  let tokens: [AnswerDeed: String]

  public func token(_ deed: AnswerDeed) -> String { tokens[deed] ?? "" }
  /// Opens a page that asks; nothing happens before its button is pressed.
  public func link(_ deed: AnswerDeed) -> String { "\(linkURL)/answer/\(token(deed))" }
  /// Where a call's keys go.
  public var keys: String { "\(url)/twilio/voice?page=\(token(.unspecified))" }
}
