import Listening
import Messages

/// What callbacks may do: each question and order goes to the tier, whose rules decide.
public struct CallbackDesk: Sendable {
  /// Where the public reaches this listener, without a slash at its end; providers sign it.
  public var url: String
  /// What a provider's callbacks are signed with, of each route that names it and, unless empty, this account.
  public var secrets: @Sendable (_ provider: String, _ account: String) async -> [String]
  /// Whether the token of a link was made here. Called on the listener's thread, before anything is counted or told.
  public var isSealed: @Sendable (_ token: String) -> Bool
  /// Tells the rules, and waits until what they made of it is on disk, and a little longer for what comes of it; nil: they can't be
  /// asked now.
  public var tell: @Sendable (CallbackNews) async -> AnswerWords?
  /// Says to Slack, at the address that it gave for that, what came of a button: in the place of its message, or only for whoever
  /// pressed.
  public var followUp: @Sendable (_ url: String, _ words: String, _ instead: Bool) -> Void
  /// The real time in seconds since 1970: providers' clocks don't run faster than others.
  public var seconds: @Sendable () -> Int64
  public var log: @Sendable (String) -> Void
  /// How long Slack is kept waiting for what comes of a button: it gives three seconds in all.
  public var slackWaits = Duration.milliseconds(2_500)
  let presses = SeenPresses()
  private let known = KnownSecrets()

  public init(
    url: String, secrets: @escaping @Sendable (String, String) async -> [String],
    isSealed: @escaping @Sendable (String) -> Bool,
    tell: @escaping @Sendable (CallbackNews) async -> AnswerWords?,
    followUp: @escaping @Sendable (String, String, Bool) -> Void, seconds: @escaping @Sendable () -> Int64,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.url = url
    self.secrets = secrets
    self.isSealed = isSealed
    self.tell = tell
    self.followUp = followUp
    self.seconds = seconds
    self.log = log
  }

  /// As they are now.
  ///
  /// - Parameter account: whose; empty: of all.
  func currentSecrets(of provider: String, _ account: String = "") async -> [String] {
    let all = await secrets(provider, "")
    known.note(all, of: provider)
    return account.isEmpty ? all : await secrets(provider, account)
  }

  /// Before anybody has called: the first callbacks are told from forged ones too.
  func lookAhead() async {
    for provider in CallbackRoutes.signers { _ = await currentSecrets(of: provider) }
  }

  /// As they were a moment ago, of all accounts; never waits.
  func knownSecrets(of provider: String) -> [String] {
    if known.isOld(provider, at: seconds()) { Task { await currentSecrets(of: provider) } }
    return known.secrets(of: provider)
  }
}

/// Which request reaches which code: a line a route. A path that ends with "/" stands for all that begin with it.
public struct CallbackRoutes: Sendable {
  struct Route: Sendable {
    var method: String
    var path: String
    /// Bodies of another type are refused; empty: any.
    var mediaType: String
    /// Looked at on the listener's own thread, before the request is counted.
    var proof: @Sendable (HTTPRequest, CallbackDesk) -> HTTPListener.Proof
    var answer: @Sendable (HTTPRequest, CallbackDesk) async -> HTTPResponse
  }

  private static let form = "application/x-www-form-urlencoded"
  static let all = [
    Route(
      method: "POST", path: "/twilio/sms", mediaType: form, proof: TwilioCallbacks.proof, answer: TwilioCallbacks.text),
    Route(
      method: "POST", path: "/twilio/voice", mediaType: form, proof: TwilioCallbacks.proof, answer: TwilioCallbacks.keys
    ),
    Route(
      method: "POST", path: "/twilio/status", mediaType: form, proof: TwilioCallbacks.proof,
      answer: TwilioCallbacks.status),
    Route(method: "POST", path: "/slack", mediaType: form, proof: SlackCallbacks.proof, answer: SlackCallbacks.button),
    Route(method: "GET", path: "/answer/", mediaType: "", proof: LinkCallbacks.proof, answer: LinkCallbacks.ask),
    Route(method: "HEAD", path: "/answer/", mediaType: "", proof: LinkCallbacks.proof, answer: LinkCallbacks.ask),
    Route(method: "POST", path: "/answer/", mediaType: "", proof: LinkCallbacks.proof, answer: LinkCallbacks.act),
  ]

  /// Who signs what it posts.
  static let signers = [ProviderKind.twilio, .slack].map(\.rawValue)

  private let desk: CallbackDesk

  public init(_ desk: CallbackDesk) {
    self.desk = desk
  }

  public func answer(_ request: HTTPRequest) async -> HTTPResponse {
    let known = Self.known(request)
    guard !known.isEmpty else { return .notFound }
    guard let route = known.first(where: { $0.method == request.method }) else {
      return HTTPResponse(405, headers: ["Allow": known.map(\.method).joined(separator: ", ")])
    }
    guard route.mediaType.isEmpty || request.mediaType == route.mediaType else { return HTTPResponse(415) }
    return await route.answer(request, desk)
  }

  private static func known(_ request: HTTPRequest) -> [Route] {
    let path = request.path
    return all.filter { $0.path.hasSuffix("/") ? path.hasPrefix($0.path) : path == $0.path }
  }

  /// How what comes by a route proves itself; what has no route doesn't. Signatures and seals are looked at here: thousands of forged
  /// ones a second must not use up what a provider needs, or somebody who has a link in their hand.
  func proof(of request: HTTPRequest) -> HTTPListener.Proof {
    Self.known(request).first { $0.method == request.method }?.proof(request, desk) ?? .nothing
  }

  func lookAhead() async { await desk.lookAhead() }

  /// Listens, and answers by this table.
  public func listen(on address: String, limits: HTTPListener.Limits = .init()) throws(ListeningFailure)
    -> HTTPListener
  {
    Task { await lookAhead() }
    return try HTTPListener(address, limits: limits, proof: { proof(of: $0) }) { request, then in
      Task { then(await answer(request)) }
    }
  }
}
