import Messages

/// One way to hand pages over: a folder each, and this is all that a new one must be.
public protocol Provider: AnyObject, Sendable {
  /// Hand over one page or post; say once, from any thread, how it ended.
  func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void)

  /// Look whether an earlier attempt, whose fate nobody knows, has arrived: `ok` with the provider's name for it, `notFound`, or
  /// any other status when that can't be told. Asked only where `ProviderKind.findsPages` says so. What is among
  /// `handOver.knownIDs` is an earlier attempt, and not meant.
  ///
  /// - Parameter texts: any of these may have been sent.
  func find(
    _ handOver: HandOver, since: Instant, texts: [String], then: @escaping @Sendable (HandOverOutcome) -> Void)

  /// Ask how far the page came that the provider calls `id`: `ok` with what it has reached. Asked only where
  /// `ProviderKind.givesReceipts` says so.
  func askReceipt(of id: String, _ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void)
}

extension Provider {
  public func find(
    _ handOver: HandOver, since: Instant, texts: [String], then: @escaping @Sendable (HandOverOutcome) -> Void
  ) { then(HandOverOutcome(.unimplemented, "it can't be asked what it has")) }

  public func askReceipt(of id: String, _ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    then(HandOverOutcome(.unimplemented, "it can't be asked what became of it"))
  }
}

/// One page or post on its way to a provider.
public struct HandOver: Hashable, Sendable {
  /// "2f-1k/ana/1#0": the same on every attempt. A digest's is the same as long as it tells the same pages.
  public var id: String
  public var attempt: UInt32
  /// An earlier attempt may have arrived.
  public var isRepeat: Bool
  public var channel: String
  public var person: String
  public var name: String
  public var address: String
  public var incidentId: String
  public var severity: Severity
  public var title: String
  public var text: String
  public var at: Instant
  public var route: ChannelRoute
  public var traceparent: [UInt8]
  /// How long ago it was decided, when this attempt was made.
  public var age: Span
  /// Somebody is asked to do something, and nobody has yet: a provider may call it urgent.
  public var isDuty: Bool
  /// The runbook, where it has a web address; else empty.
  public var link: String
  /// How the page is answered by this very channel; nil: it isn't.
  public var answers: Answers?

  public struct Answers: Hashable, Sendable {
    public struct Choice: Hashable, Sendable {
      public var label: String
      /// Opens a page that asks once more; its POST is the answer.
      public var link: String
      /// What a button carries.
      public var token: String

      public init(label: String, link: String, token: String) {
        self.label = label
        self.link = link
        self.token = token
      }
    }
    /// Where the keys that are pressed in a call go.
    public var keys: String
    public var choices: [Choice]

    public init(keys: String, choices: [Choice]) {
      self.keys = keys
      self.choices = choices
    }
  }

  /// Where the public reaches the listener to which a provider may report how far a page came; empty: there is none.
  public var callbackURL = ""
  /// What the provider calls the first post about the same incident in the same channel, and what that says; empty: it is the first.
  public var headID = ""
  public var headText = ""
  /// What the provider is asked instead of being handed something.
  public var inquiry: Inquiry?
  /// What providers call what the page has had before: what is looked for is another.
  public var knownIDs: [String] = []

  public enum Inquiry: Hashable, Sendable {
    case arrival(since: Instant, texts: [String])
    case receipt(id: String)
  }
  /// Each page that a digest tells; none where there is one.
  public var pages: [Told]

  /// A page among others in one message.
  public struct Told: Hashable, Sendable {
    /// "2f-1k/ana/1#0"
    public var id: String
    public var attempt: UInt32
    public var isRepeat: Bool
    public var incidentId: String
    /// What it would have said alone.
    public var text: String

    public init(id: String, attempt: UInt32, isRepeat: Bool, incidentId: String, text: String = "") {
      self.id = id
      self.attempt = attempt
      self.isRepeat = isRepeat
      self.incidentId = incidentId
      self.text = text
    }
  }

  /// "2f-1k/ana/1#0": the delivery that a report is about; of a digest the one that leads it.
  public var delivery: String { pages.first?.id ?? id }

  /// Where the provider finds the person or the team channel.
  public var destination: String { route.to.isEmpty ? address : route.to }

  public init(
    id: String, attempt: UInt32, isRepeat: Bool, channel: String, person: String, name: String, address: String,
    incidentId: String, severity: Severity, title: String, text: String, at: Instant, route: ChannelRoute,
    traceparent: [UInt8] = [], age: Span = .zero, isDuty: Bool = false, link: String = "",
    pages: [Told] = []
  ) {
    self.id = id
    self.attempt = attempt
    self.isRepeat = isRepeat
    self.channel = channel
    self.person = person
    self.name = name
    self.address = address
    self.incidentId = incidentId
    self.severity = severity
    self.title = title
    self.text = text
    self.at = at
    self.route = route
    self.traceparent = traceparent
    self.age = age
    self.isDuty = isDuty
    self.link = link
    self.pages = pages
  }
}

/// How it ended: `ok` means that the provider has it, `unknown` that it may have it; whether trying again can help is the
/// status's to say.
public struct HandOverOutcome: Hashable, Sendable {
  public var status: Status
  /// The provider's words.
  public var words: String
  public var retryAfter: Span?
  /// What the provider calls it, so that it can be asked about it later; empty where it has no name for it.
  public var id: String
  /// How far it has come, where the provider says so.
  public var reached: DeliveryState

  public init(
    _ status: Status, _ words: String = "", retryAfter: Span? = nil, id: String = "",
    reached: DeliveryState = .unspecified
  ) {
    self.status = status
    self.words = words
    self.retryAfter = retryAfter
    self.id = id
    self.reached = reached
  }
}

/// The providers of a notifier, by the names that channel routes use. No words of theirs that go further hold an address.
public struct Providers: Sendable {
  private var byKind: [ProviderKind: any Provider]
  private var synthetic: (any Provider)?

  /// - Parameter synthetic: takes the watch's synthetic pages; no route can name it.
  public init(_ byKind: [ProviderKind: any Provider], synthetic: (any Provider)? = nil) {
    self.byKind = byKind
    self.synthetic = synthetic
  }

  /// Hand it over, or ask about it.
  public func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    if let synthetic, handOver.route.provider == "synthetic" {
      return synthetic.deliver(handOver) { then($0.shortened) }
    }
    guard let provider = ProviderKind(rawValue: handOver.route.provider).flatMap({ byKind[$0] }) else {
      let known = byKind.keys.map(\.rawValue).sorted().joined(separator: ", ")
      return then(
        HandOverOutcome(.failedPrecondition, "there is no provider \"\(handOver.route.provider)\"; there are \(known)"))
    }
    let told: @Sendable (HandOverOutcome) -> Void = { then($0.without(addressOf: handOver).shortened) }
    switch handOver.inquiry {
    case nil: provider.deliver(handOver, then: told)
    case .arrival(let since, let texts): provider.find(handOver, since: since, texts: texts, then: told)
    case .receipt(let id): provider.askReceipt(of: id, handOver, then: told)
    }
  }
}
