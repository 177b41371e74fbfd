import Cryptography
import Messages
import Serving
import Wire

/// In by a code that came by one's own channel, and out again.
extension Site {
  private static let channels = [
    ("", "however I am reached first"), ("push", "push"), ("email", "e-mail"), ("slack", "Slack"),
  ]

  func askWho(_ visit: Visit) -> WebAnswer {
    if visit.visitor != nil { return WebAnswer(303, headers: ["Location": Self.local(visit.query["to"])]) }
    return signInPage(visit, to: visit.query["to"])
  }

  func askAgain(_ visit: Visit, _ refusal: Refusal) -> WebAnswer {
    let form = visit.form
    return signInPage(
      visit, to: form["to"], channel: form["channel"], Self.retyped(["person", "channel"], visit, refusal), refusal)
  }

  private func signInPage(
    _ visit: Visit, to path: String, channel: String = "", _ typed: Shown.Fields = [:], _ refusal: Refusal? = nil
  ) -> WebAnswer {
    var fields = typed
    fields["to"] = .text(Self.local(path))
    fields["channels"] = .list(
      Self.channels.map { ["value": .text($0.0), "words": .text($0.1), "chosen": .flag($0.0 == channel)] })
    return printer.page(
      "sign-in", "Sign in", fields, for: visit, status: refusal.map { Self.words(of: $0.status).status } ?? 200,
      headers: refusal.map { Self.headers(of: $0) } ?? [:])
  }

  /// Longer than it takes to have a code on disk.
  private static let asksTake = Duration.milliseconds(400)

  /// The same answer for everybody, after the same time, so that nobody learns who is known here.
  func sendCode(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    try checkTries(visit)
    let form = visit.form
    let person = String(form["person"].prefix(64))
    guard !person.isEmpty else {
      throw .invalid("person", "say who you are: your short name in the roster, such as ana")
    }
    let ask = RandomText.hex(32)
    let code = RandomText.make(8, of: "0123456789")
    let request = SignInRequest(
      person: person, channel: String(form["channel"].prefix(16)), ask: ask, code: code,
      link: link(ask, code, of: person), from: visit.from)
    async let pause: Void? = try? Task.sleep(for: Self.asksTake)
    _ = try await desk.ask(.notifier, SignInsMethods.ask, request)
    await pause
    return codePage(visit, person: person, ask: ask, to: Self.local(form["to"]), wrong: false)
  }

  func enterCode(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    try checkTries(visit)
    let form = visit.form
    let code = form["code"].filter { !$0.isWhitespace && $0 != "-" }
    guard let answer = try await enter(form["ask"], code, to: form["to"], visit) else {
      return codePage(visit, person: form["person"], ask: form["ask"], to: Self.local(form["to"]), wrong: true)
    }
    return answer
  }

  /// It says whose it is, under our seal: nobody signs in as somebody else by a link that they were sent.
  private func link(_ ask: String, _ code: String, of person: String) -> String {
    let seal = settings.secret.seal("\(ask)\n\(person)", for: "sign-in link")
    return "\(settings.url.origin)/sign-in/link/\(ask)/\(code)?for=\(PlainPath.escaped(person))&seal=\(seal)"
  }

  /// To open a link changes nothing: previews and mail scanners open it too.
  func showLink(_ visit: Visit) -> WebAnswer {
    let person = visit.query["for"]
    let isWhole = settings.secret.isSeal(
      visit.query["seal"], of: "\(visit.wild[0])\n\(person)", for: "sign-in link")
    return printer.page(
      "sign-in-link", isWhole ? "Sign in as \(person)?" : "Sign in",
      [
        "path": .text(PlainPath.to("sign-in", "link", visit.wild[0], visit.wild[1])), "whole": .flag(isWhole),
        "person": .text(person),
      ], for: visit, status: isWhole ? 200 : 404)
  }

  func enterLink(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    try checkTries(visit)
    guard let answer = try await enter(visit.wild[0], visit.wild[1], to: "", visit) else {
      throw Refusal(
        .failedPrecondition, "this link was used already, or is older than ten minutes: ask for another code")
    }
    return answer
  }

  private func enter(_ ask: String, _ code: String, to path: String, _ visit: Visit) async throws(Refusal) -> WebAnswer?
  {
    let entry = SignInEntry(ask: String(ask.prefix(64)), code: String(code.prefix(16)))
    let reply = try await desk.ask(.notifier, SignInsMethods.enter, entry)
    settings.tells(.code(reply.person.isEmpty ? .wrong : .right))
    guard !reply.person.isEmpty else { return nil }
    standings.note(reply, of: reply.person, at: visit.now)
    let session = Session(
      person: reply.person, generation: reply.generation, expiresAt: visit.now + Session.holdsFor,
      nonce: RandomText.hex(32))
    return WebAnswer(
      303, headers: ["Location": Self.local(path), "Set-Cookie": cookies.set(session.token(settings.secret))])
  }

  func codeAgain(_ visit: Visit, _ refusal: Refusal) -> WebAnswer {
    let form = visit.form
    var fields = Self.retyped(["code"], visit, refusal)
    fields.merge(Self.codeFields(person: form["person"], ask: form["ask"], to: Self.local(form["to"]))) { $1 }
    fields["again"] = true
    return printer.page(
      "code", "Enter your code", fields, for: visit, status: Self.words(of: refusal.status).status,
      headers: Self.headers(of: refusal))
  }

  private func codePage(_ visit: Visit, person: String, ask: String, to path: String, wrong: Bool) -> WebAnswer {
    var fields = Self.codeFields(person: person, ask: ask, to: path)
    fields["wrong"] = .flag(wrong)
    fields["again"] = .flag(wrong)
    return printer.page("code", "Enter your code", fields, for: visit, status: wrong ? 403 : 200)
  }

  private static func codeFields(person: String, ask: String, to path: String) -> Shown.Fields {
    ["person": .text(person), "ask": .text(ask), "to": .text(path)]
  }

  private func checkTries(_ visit: Visit) throws(Refusal) {
    guard doorstep.admits(visit.from, at: visit.now) else {
      settings.tells(.code(.turnedAway))
      throw Refusal(
        .resourceExhausted, "too many have tried to sign in from your address within a minute: try again in a minute")
    }
  }

  // MARK: Out

  /// The session ends at the notifier, so that a copy of the cookie is worth nothing; and this browser forgets it whoever is away.
  func signOut(_ visit: Visit) async -> WebAnswer {
    guard let session = visit.visitor?.session else { return out }
    let request = SignOutRequest(by: visit.by, session: session.nonce, untilAt: session.expiresAt)
    do throws(Refusal) {
      standings.note(
        try await desk.ask(.notifier, SignInsMethods.signOut, request, as: key(of: visit)), of: visit.by, at: visit.now)
      return out
    } catch {
      var outside = visit
      outside.visitor = nil
      let words =
        "This browser has forgotten your session, and shows it no more. That it has ended can't be recorded now (\(error.message)): "
        + "if somebody may have copied it, sign in again later and sign out everywhere."
      var answer = failure(Refusal(error.status, words), outside)
      answer.headers["Set-Cookie"] = cookies.clear()
      return answer
    }
  }

  func signOutEverywhere(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let reply = try await desk.ask(.notifier, SignInsMethods.signOut, SignOutRequest(by: visit.by))
    standings.note(reply, of: visit.by, at: visit.now)
    return out
  }

  private var out: WebAnswer { WebAnswer(303, headers: ["Location": "/sign-in", "Set-Cookie": cookies.clear()]) }

  /// A path of ours, or the first page: nobody is sent elsewhere by a link that somebody else has made.
  static func local(_ path: String) -> String {
    let isOurs =
      path.hasPrefix("/") && !path.hasPrefix("//") && path.utf8.count <= 512
      && path.utf8.allSatisfy { 0x21...0x7e ~= $0 && $0 != UInt8(ascii: "\\") }
    return isOurs ? path : "/"
  }
}
