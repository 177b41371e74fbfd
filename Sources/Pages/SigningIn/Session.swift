import Messages

/// Who has signed in, until when, as a browser keeps it: sealed, so that every copy of the pages knows it and none remembers it.
struct Session: Hashable, Sendable {
  static let holdsFor = Span.hours(14 * 24)

  var person: String
  /// Of the person's sessions: when they sign out everywhere another one holds (`SignIns`).
  var generation: UInt64
  var expiresAt: Instant
  /// 128 bits, so that no two are alike: by it the notifier knows one that was ended.
  var nonce: String

  /// "616e61.1.1796000000000.0f1e….5ea1…"
  func token(_ secret: SiteSecret) -> String {
    "\(body).\(secret.seal(body, for: "session"))"
  }

  private var body: String {
    "\(HexText.of(person.utf8)).\(generation).\(expiresAt.milliseconds).\(nonce)"
  }

  init(person: String, generation: UInt64, expiresAt: Instant, nonce: String) {
    self.person = person
    self.generation = generation
    self.expiresAt = expiresAt
    self.nonce = nonce
  }

  /// nil: it wasn't made here, somebody has changed it, or its time is over.
  init?(_ token: some StringProtocol, _ secret: SiteSecret, at now: Instant) {
    guard token.utf8.count <= 1_024, let dot = token.lastIndex(of: ".") else { return nil }
    let body = String(token[..<dot])
    guard secret.isSeal(token[token.index(after: dot)...], of: body, for: "session") else { return nil }
    let parts = body.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, let bytes = HexText.bytes(parts[0]), let person = String(validating: bytes, as: UTF8.self),
      let generation = UInt64(parts[1]), let expires = Int64(parts[2])
    else { return nil }
    self.init(
      person: person, generation: generation, expiresAt: Instant(milliseconds: expires), nonce: String(parts[3]))
    guard now < expiresAt else { return nil }
  }
}
