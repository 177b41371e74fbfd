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
  let answering: AnsweringTerms?
  /// The conversation that it belongs to.
  public let thread: PostThread?
  /// What the provider is asked instead of being handed something.
  public let question: Question?
  let generation: UInt64

  public enum Question: Hashable, Sendable {
    /// Whether it has what was handed to it since then: nobody knows whether that arrived.
    case arrival(since: Instant)
    /// What became of what it calls so.
    case receipt(id: String)
  }

  public var key: DebtKey { DebtKey(id: Self.debtID(id, delivery), generation: generation) }

  public var person: String { page?.person ?? post?.person ?? "" }
  public var incidentId: String { page?.incidentId ?? post?.incidentId ?? "" }
  public var severity: Severity { page?.severity ?? .unspecified }
  public var purpose: PagePurpose { page?.purpose ?? .unspecified }
  /// Somebody is asked to do something, and nobody has yet.
  public var isDuty: Bool { purpose == .duty || purpose == .watch }
  public var tier: UInt32 { page?.tier ?? 0 }
  public var pagedAt: Instant { page?.pagedAt ?? post?.postedAt ?? .unset }
  public var traceparent: [UInt8] { page?.traceparent ?? [] }

  /// One line that says what it is about.
  public var title: String {
    switch subject {
    case .page(let page): PageText.title(of: page)
    case .post(let post): PageText.title(of: post)
    }
  }

  /// What is said, in the form that suits the channel.
  public var text: String { text(isRepeat: isRepeat) }

  /// In which forms it may have been said.
  public var texts: [String] { [false, true].map(text) }

  private func text(isRepeat: Bool) -> String {
    switch subject {
    case .page(let page): PageText.text(of: page, by: channel, isRepeat: isRepeat, ways: ways)
    case .post(let post): PageText.text(of: post, isRepeat: isRepeat)
    }
  }

  /// How long ago it was decided: up to its arrival by its sender's clock, since this attempt began by ours.
  public func age(at now: Instant) -> Span {
    (page?.age(at: at) ?? post?.age(at: at) ?? .zero) + max(.zero, now - at)
  }

  /// How this page is answered by its own channel; nil when it can't be, or asks for no answer.
  public var ways: AnswerWays? {
    guard let answering, let page, page.isAnsweredByChannel else { return nil }
    return answering.ways(of: page, by: channel, at: at)
  }

  /// Where the public reaches the listener to which providers report; empty: there is none.
  public var callbackURL: String { answering?.url ?? "" }

  /// The runbook, where it has a web address; else empty.
  public var link: String {
    guard let runbook = page?.runbook, AddressForm.web.fits(runbook) else { return "" }
    return runbook
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
