import Machinery
import Messages

/// One try to reach one person or team channel: all that a provider needs for it, and no more than one provider sees.
///
/// The words are rendered when they are asked for, because a debt is read off the state more often than it is paid.
public struct Attempt: Owed, Hashable {
  /// What is said: a page, or words for a channel.
  enum Subject: Hashable, Sendable {
    case page(Page)
    case post(Post)
  }
  let subject: Subject
  /// The page's or post's id.
  public let id: String
  /// Which delivery of the page.
  public let delivery: UInt32
  /// 1 the first time.
  public let number: UInt32
  /// An earlier attempt may have reached the person already, and the text says so.
  public let isRepeat: Bool
  public let channel: String
  /// Where that channel finds the person; for a team channel its name.
  public let address: String
  /// What the person is called; empty for a team channel.
  public let name: String
  /// The provider that carries the channel.
  public let route: ChannelRoute
  /// When it was begun.
  public let at: Instant
  /// How pages can be answered by their own channels; nil: not at all.
  private(set) var answering: AnsweringTerms?
  /// The conversation that it belongs to.
  public let thread: PostThread?
  /// What the provider is asked instead of being handed something.
  public let question: Question?
  /// What providers call what the page has had by any channel before: when it is looked for what may have arrived, those aren't it.
  public let knownIDs: [String]
  let generation: UInt64
  /// Pages that the same message tells, besides its own: a digest.
  let others: [Part]

  /// A page in a digest.
  struct Part: Hashable, Sendable {
    let page: Page
    let delivery: UInt32
    let number: UInt32
    let isRepeat: Bool
  }

  public enum Question: Hashable, Sendable {
    /// Whether it has what was handed to it since then: nobody knows whether that arrived.
    case arrival(since: Instant)
    /// What became of what it calls so.
    case receipt(id: String)
  }

  public var key: DebtKey { DebtKey(id: Self.debtID(id, delivery), generation: generation) }

  /// What a provider takes for the same message when it comes again. A digest is the same only if it tells the same pages.
  public var messageID: String {
    guard !others.isEmpty else { return key.id }
    var hash = StableHash()
    for other in others { hash.mix(Self.debtID(other.page.id, other.delivery)) }
    return "\(key.id)+\(others.count).\(String(hash.folded, radix: 36))"
  }

  /// How many pages it tells.
  public var count: Int { others.count + 1 }

  /// Each page that it tells, as if it went alone.
  public var each: [Attempt] {
    [Attempt(self, subject: subject, id: id, delivery: delivery, number: number, isRepeat: isRepeat)]
      + others.map {
        Attempt(
          self, subject: .page($0.page), id: $0.page.id, delivery: $0.delivery, number: $0.number, isRepeat: $0.isRepeat
        )
      }
  }

  public var person: String { page?.person ?? post?.person ?? "" }
  public var incidentId: String { page?.incidentId ?? post?.incidentId ?? "" }
  public var severity: Severity { page?.severity ?? .unspecified }
  public var purpose: PagePurpose { page?.purpose ?? .unspecified }
  /// Somebody is asked to do something, and nobody has yet.
  public var isDuty: Bool {
    purpose == .duty || purpose == .watch || others.contains { $0.page.purpose == .duty }
  }
  public var service: String { page?.service ?? "" }
  /// The command that answers it, when it isn't an incident's acknowledgement.
  public var answeredBy: String { page?.answeredBy ?? "" }
  public var tier: UInt32 { page?.tier ?? 0 }
  public var pagedAt: Instant { page?.pagedAt ?? post?.postedAt ?? .unset }
  public var traceparent: [UInt8] { page?.traceparent ?? [] }

  /// One line that says what it is about.
  public var title: String {
    switch subject {
    case .page(let page): others.isEmpty ? PageText.title(of: page) : digest(of: page).title
    case .post(let post): PageText.title(of: post)
    }
  }

  /// What is said, in the form that suits the channel.
  public var text: String { text(isRepeat: isRepeat) }

  /// In which forms it may have been said.
  public var texts: [String] { [false, true].map(text) }

  private func text(isRepeat: Bool) -> String {
    if let page, !others.isEmpty { return digest(of: page).text(by: channel, ways: ways, each: ways(of:)) }
    return switch subject {
    case .page(let page): PageText.text(of: page, by: channel, isRepeat: isRepeat, ways: ways)
    case .post(let post): PageText.text(of: post, isRepeat: isRepeat)
    }
  }

  /// How long ago it was decided: up to its arrival by its sender's clock, since this attempt began by ours.
  public func age(at now: Instant) -> Span {
    (page?.age(at: at) ?? post?.age(at: at) ?? .zero) + max(.zero, now - at)
  }

  /// How the incident is answered by this very channel; nil when it can't be by this provider, asks for no answer, or is one of several.
  public var ways: AnswerWays? {
    guard let page else { return nil }
    let pages = [page] + others.map(\.page)
    guard let asking = pages.first(where: \.isAnsweredByChannel),
      pages.allSatisfy({ $0.incidentId == page.incidentId })
    else { return nil }
    return ways(of: asking)
  }

  /// How each incident is answered that a message about several names: the worst first.
  public var waysOfEach: [(incident: String, ways: AnswerWays)] {
    guard let page, !others.isEmpty, ways == nil else { return [] }
    return digest(of: page).answerable(ways(of:))
  }

  /// nil for what asks for no answer, and where none comes back: whoever answered there would wait for nothing.
  private func ways(of page: Page) -> AnswerWays? {
    guard ProviderKind(rawValue: route.provider)?.bringsAnswers(on: channel, by: route) ?? false else { return nil }
    return answering?.ways(of: .page(page), by: channel, at: at)
  }

  /// The same, where nothing that its provider calls back with can be believed.
  public var withoutCallbacks: Attempt {
    var attempt = self
    attempt.answering = nil
    return attempt
  }

  /// Where the public reaches the listener to which providers report; empty: there is none.
  public var callbackURL: String { answering?.url ?? "" }

  /// The runbook, where it has a web address; else empty.
  public var link: String {
    guard others.isEmpty, let runbook = page?.runbook, AddressForm.web.fits(runbook) else { return "" }
    return runbook
  }

  private func digest(of page: Page) -> DigestText {
    DigestText([page] + others.map(\.page), isRepeat: isRepeat || others.contains(where: \.isRepeat))
  }

  private var page: Page? { if case .page(let page) = subject { page } else { nil } }
  private var post: Post? { if case .post(let post) = subject { post } else { nil } }

  /// "2f-1k/ana/1#0": delivery 0 of that page.
  static func debtID(_ id: String, _ delivery: UInt32) -> String { "\(id)#\(delivery)" }

  static func parse(debtID: String) -> (id: String, delivery: UInt32)? {
    guard let mark = debtID.lastIndex(of: "#"), let delivery = UInt32(debtID[debtID.index(after: mark)...]) else {
      return nil
    }
    return (String(debtID[..<mark]), delivery)
  }
}

extension Attempt {
  init(
    _ whole: Attempt, subject: Subject, id: String, delivery: UInt32, number: UInt32, isRepeat: Bool
  ) {
    self.init(
      subject: subject, id: id, delivery: delivery, number: number, isRepeat: isRepeat, channel: whole.channel,
      address: whole.address, name: whole.name, route: whole.route, at: whole.at,
      answering: whole.answering, thread: nil, question: nil, knownIDs: [], generation: UInt64(number) << 16, others: []
    )
  }
}
