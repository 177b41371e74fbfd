import Machinery
import Messages

/// Signing in to the pages for people, by a code that came by the person's own channel.
///
/// The way of one: whoever shows the pages draws a code and hands it over → here it is on disk together with the message that carries
/// it → the person enters it → here it is used up, on disk, before anybody is signed in. Whoever shows the pages knows codes and
/// could as well pretend that one was entered; what it can't do is make one code open two sessions, or go on guessing. What strangers ask
/// for nobody, or beyond what is sent, and what they enter for no code, leaves nothing on the disk.
extension Notifications {
  func signIn(
    _ input: SignInInput, at now: Instant
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    switch input {
    case .ask(let request): Decision(try ask(request, at: now), answer: .done(Done()), isForgotten: true)
    case .enter(let entry): try enter(entry, at: now)
    case .signOut(let request): try signOut(request, at: now)
    }
  }

  /// Nothing happens for whoever isn't known or has had too many: the answer is the same, so that it tells nothing.
  private func ask(_ request: SignInRequest, at now: Instant) throws(Refusal) -> [NotificationFact] {
    guard Self.isAsk(request.ask) else { throw .invalid("ask", "must be 32 hexadecimal digits") }
    guard request.code.utf8.count == 8, request.code.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
      throw .invalid("code", "must be eight digits")
    }
    guard request.link.isEmpty || AddressForm.web.fits(request.link), request.link.utf8.count <= 1_024 else {
      throw .invalid("link", "must be \(AddressForm.web.words)")
    }
    guard !signIns.isKnown(request.ask) else { throw .invalid("ask", "was asked before") }
    guard signIns.mayAsk(request.person, at: now), let contact = book.contact(request.person) else { return [] }
    let channels = Self.channels(of: contact, first: request.channel)
    guard !channels.isEmpty else { return [] }
    // Readers of the ledger see it: what a code is entered with is no part of it.
    let id = "sign-in/\(request.person)/\(now.milliseconds)-\(signIns.count(of: request.person, at: now))"
    let post = Post(
      id: id, text: Self.text(request, by: channels[0]), incidentId: "sign-in", person: request.person, postedAt: now)
    guard ledger[post.id] == nil, finished.generation(of: post.id) == nil else { return [] }
    let deliveries = channels.enumerated().map {
      PlannedDelivery(channel: $0.element, dueAt: $0.offset == 0 ? now : .unset)
    }
    return [
      .init(
        kind: .signInAsked(
          SignInAsked(ask: request.ask, person: request.person, code: request.code, askedAt: now))),
      .init(kind: .postTaken(PostTaken(post: post, deliveries: deliveries))),
    ]
  }

  /// Those that are open to words about no incident: as wished, then what is at hand. Strangers can ask too, so that no phone rings for
  /// it, nor costs a text message, while the person has anything else. Each when those before it have failed.
  private static func channels(of contact: Contact, first wish: String) -> [String] {
    let open = OpenChannels(of: contact, for: .unspecified).channels
    let silent = [PersonalChannel.push, .email, .slack].map(\.rawValue).filter(open.contains)
    let usable = silent.isEmpty ? [PersonalChannel.sms, .voice].map(\.rawValue).filter(open.contains) : silent
    return ([wish] + usable).filter(usable.contains).distinct
  }

  /// The first line is what subjects, lock screens and readers of the ledger see of it: the code stands in the second. A text message
  /// has room for the code, and a voice reads no address.
  private static func text(_ request: SignInRequest, by channel: String) -> String {
    let hasLink = !request.link.isEmpty && ![PersonalChannel.sms, .voice].map(\.rawValue).contains(channel)
    let code = "\(request.code.prefix(4)) \(request.code.suffix(4)) is your code for signing in, for 10 minutes."
    let from = request.from.isEmpty ? "" : " Asked for from \(CleanText.line(request.from, limit: 45))."
    return
      "Tocsin: sign in\n\(code)\(hasLink ? " Or open \(request.link)" : "")\(from) If that wasn't you, tell nobody the code."
  }

  private func enter(
    _ entry: SignInEntry, at now: Instant
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    guard let waiting = signIns.waiting(entry.ask, at: now) else {
      return Decision([], answer: .signedIn(SignInReply()), isForgotten: true)
    }
    let isRight = waiting.code == entry.code
    let fact = NotificationFact(kind: .signInEntered(SignInEntered(ask: entry.ask, right: isRight)))
    guard isRight else {
      return Decision([fact] + tellOfGuesses(waiting.person, at: now), answer: .signedIn(SignInReply()))
    }
    guard book.contact(waiting.person) != nil else { return Decision([fact], answer: .signedIn(SignInReply())) }
    return Decision([fact], answer: .signedIn(session(of: waiting.person)))
  }

  /// With the last wrong code that a day has room for, the person and whoever watches hear of it. That they are paged as ever is said,
  /// because somebody who reads of it at night must not doubt it.
  private func tellOfGuesses(_ person: String, at now: Instant) -> [NotificationFact] {
    let before = signIns.wrongCodes(of: person, at: now)
    guard (before?.count ?? 0) + 1 == SignIns.wrongADayAtMost else { return [] }
    let left = (before?.sinceAt ?? now) + SignIns.dayOfWrongCodes - now
    return abuse(
      of: "sign-in/\(person)", person,
      "Tocsin: \(SignIns.wrongADayAtMost) wrong codes were entered within a day to sign in as \(book.name(person)). Somebody may be "
        + "guessing. No more codes are sent for \(max(1, left.milliseconds / 3_600_000)) h, or until all sessions of \(person) are "
        + "ended by them or a lead. Sessions that there are hold, and pages come and are answered as ever.", at: now)
  }

  private func signOut(
    _ request: SignOutRequest, at now: Instant
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    guard book.contact(request.by) != nil else {
      throw .notFound("nobody is called \(request.by)", field: "by")
    }
    var reply = session(of: request.by)
    if !request.session.isEmpty {
      guard Self.isAsk(request.session) else { throw .invalid("session", "must be 32 hexadecimal digits") }
      guard now < request.untilAt, request.untilAt <= now + EndedSessions.holdAtMost else {
        throw .invalid(
          "until_at_ms", "must lie within the next \(EndedSessions.holdAtMost.milliseconds / 86_400_000) days")
      }
      guard !reply.ended.contains(request.session) else { return Decision([], answer: .signedIn(reply)) }
    }
    guard !request.session.isEmpty, signIns.hasRoom(for: request, at: now) else {
      reply.generation += 1
      reply.ended = []
      return Decision(
        [.init(kind: .signedOut(SignedOut(person: request.by, generation: reply.generation)))],
        answer: .signedIn(reply))
    }
    reply.ended.append(request.session)
    let fact = SignedOut(
      person: request.by, generation: reply.generation, session: request.session, untilAt: request.untilAt)
    return Decision([.init(kind: .signedOut(fact))], answer: .signedIn(reply))
  }

  private func session(of person: String) -> SignInReply {
    SignInReply(
      person: person, name: book.name(person), generation: signIns.generation(of: person),
      ended: signIns.endedSessions(of: person))
  }

  /// Whoever has left has no session: an empty reply.
  public func checkSignIn(_ check: SignInCheck) -> SignInReply {
    book.contact(check.person) == nil ? SignInReply() : session(of: check.person)
  }

  private static func isAsk(_ text: String) -> Bool {
    text.utf8.count == 32 && text.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
  }
}
