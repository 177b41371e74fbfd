import Messages

/// One way to hand pages over: a folder each, and this is all that a new one must be.
public protocol Provider: AnyObject, Sendable {
  /// Hand over one page or post; say once, from any thread, how it ended.
  func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void)
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
  /// Each page that a digest tells; none where there is one.
  public var pages: [Told]

  /// A page among others in one message.
  public struct Told: Hashable, Sendable {
    /// "2f-1k/ana/1#0"
    public var id: String
    public var attempt: UInt32
    public var isRepeat: Bool
    public var incidentId: String

    public init(id: String, attempt: UInt32, isRepeat: Bool, incidentId: String) {
      self.id = id
      self.attempt = attempt
      self.isRepeat = isRepeat
      self.incidentId = incidentId
    }
  }

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

  public init(_ status: Status, _ words: String = "", retryAfter: Span? = nil) {
    self.status = status
    self.words = words
    self.retryAfter = retryAfter
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

  public func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    if let synthetic, handOver.route.provider == "synthetic" {
      return synthetic.deliver(handOver) { then($0.shortened) }
    }
    guard let provider = ProviderKind(rawValue: handOver.route.provider).flatMap({ byKind[$0] }) else {
      let known = byKind.keys.map(\.rawValue).sorted().joined(separator: ", ")
      return then(
        HandOverOutcome(.failedPrecondition, "there is no provider \"\(handOver.route.provider)\"; there are \(known)"))
    }
    provider.deliver(handOver) { then($0.without(addressOf: handOver).shortened) }
  }
}
