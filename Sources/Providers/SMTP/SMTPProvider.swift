import Messages

/// E-mail by SMTP: `smtp://` with STARTTLS, which is insisted on, or `smtps://`; logs in where the route names an account, with the
/// password in the secret file.
public final class SMTPProvider: Provider {
  private let queue = MailQueue()
  private let totalTimeout: Span
  private let reach: Reach

  /// - Parameters:
  ///   - totalTimeout: how long one letter may take in all, its wait for others included: the person's next channel waits for it.
  ///   - reach: where mail servers may be.
  public init(totalTimeout: Span = .seconds(20), reach: Reach = .outwards) {
    self.totalTimeout = totalTimeout
    self.reach = reach
  }

  public func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    let route = handOver.route
    do {
      guard AddressForm.mail.fits(handOver.destination), AddressForm.mail.fits(route.from) else {
        throw ProviderFailure("the address is no e-mail address of ASCII characters")
      }
      let password = route.account.isEmpty ? "" : try SecretFile.text(route.secretFile)
      let letter = Letter(handOver)
      // The path is what we call ourselves: the sender's domain, not the name of a machine.
      let request = MailConversation.Request(
        url: handOver.url(.smtp, "/\(Letter.domain(of: route.from))"), account: route.account, password: password,
        caFile: route.caFile, from: letter.from, to: letter.to, bytes: letter.bytes, totalTimeout: totalTimeout,
        reach: reach)
      queue.send(request) { then(Self.outcome($0).without(secrets: [password])) }
    } catch {
      then(HandOverOutcome(.failedPrecondition, "\(error)"))
    }
  }

  static func outcome(_ end: MailConversation.End) -> HandOverOutcome {
    switch end {
    case .taken(let words): HandOverOutcome(.ok, words, id: queueID(in: words))
    case .refused(let code, let words):
      HandOverOutcome(code < 500 ? .unavailable : .failedPrecondition, words)
    case .impossible(let words): HandOverOutcome(.failedPrecondition, words)
    case .neverSent(let words): HandOverOutcome(.unavailable, words)
    case .turnedAway(let wait):
      HandOverOutcome(.unavailable, "the mail server is busy with other letters", retryAfter: wait)
    case .cutOff(let words): HandOverOutcome(.unknown, words)
    }
  }

  /// "4F5A1" of "250 2.0.0 Ok: queued as 4F5A1" and of "250 OK id=4F5A1": by that name its operator finds a letter. Empty where the
  /// server gives none.
  static func queueID(in words: String) -> String {
    for mark in ["queued as ", "id="] {
      guard let place = words.range(of: mark) else { continue }
      return String(words[place.upperBound...].prefix { !$0.isWhitespace && $0 != "," && $0 != ";" })
    }
    return ""
  }
}
