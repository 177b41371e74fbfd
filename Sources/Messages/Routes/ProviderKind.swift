/// The providers by the names that routes use: what each can carry, and what its route must say (requirement N2).
///
/// Told here once, because whoever reads a configuration and whoever is asked to take it refuse the same.
public enum ProviderKind: String, CaseIterable, Sendable {
  case console, webhook
  /// Push: a topic a person, as ntfy.sh and servers of one's own speak it.
  case ntfy
  /// Push: a user key a person, as pushover.net speaks it.
  case pushover
  /// SMS and voice, as Twilio's REST API speaks them: the channel says which.
  case twilio
  /// Slack's chat.postMessage: people and channels, by a bot's token.
  case slack
  /// Slack's incoming webhook: one channel, by an address that is itself the secret.
  case slackWebhook = "slack-webhook"
  case smtp

  public static let names = allCases.map(\.rawValue).joined(separator: ", ")

  /// Whether the channel's addresses mean something to the provider. What isn't listed ("*") may be of any kind.
  public func carries(_ channel: String) -> Bool {
    switch (self, channel) {
    case (.console, _), (.webhook, _): true
    case (.ntfy, "push"), (.pushover, "push"): true
    case (.twilio, "sms"), (.twilio, "voice"): true
    case (.slack, "slack"), (.smtp, "email"): true
    case (.twilio, _), (_, "*"), (_, "push"), (_, "sms"), (_, "voice"), (_, "slack"), (_, "email"): false
    default: true
    }
  }

  /// Which channels it carries, for a person who has tried another.
  public var carried: String {
    switch self {
    case .console, .webhook: "any channel"
    case .ntfy, .pushover: "push and team channels"
    case .twilio: "sms and voice"
    case .slack: "slack and team channels"
    case .slackWebhook: "team channels"
    case .smtp: "email and team channels"
    }
  }

  /// Where it is asked when its route names no address; empty: its route does, or its secret, or there is nobody to ask.
  public var publicService: String {
    switch self {
    case .ntfy: "https://ntfy.sh"
    case .pushover: "https://api.pushover.net"
    case .twilio: "https://api.twilio.com"
    case .slack: "https://slack.com"
    case .console, .webhook, .slackWebhook, .smtp: ""
    }
  }

  /// Whether it can be looked up there what it has, so that a page whose fate nobody knows need not be sent twice.
  ///
  /// Others have no list (Pushover, Slack's webhook, mail) or know a page that comes twice by its key (webhook, mail's Message-ID).
  public var findsPages: Bool {
    switch self {
    case .twilio, .slack, .ntfy: true
    case .console, .webhook, .pushover, .slackWebhook, .smtp: false
    }
  }

  /// Whether an answer can come back by what it carries: a reply or a key that it calls back with, a signed button, a link. The
  /// console stands for whatever will carry the channel one day, in a first look and in rehearsals.
  ///
  /// - Parameter route: says where Slack's presses are signed; one that isn't signed is refused.
  public func bringsAnswers(on channel: String, by route: ChannelRoute) -> Bool {
    switch (self, channel) {
    case (.console, _), (.twilio, _), (.ntfy, _), (_, "email"): true
    case (.slack, _): !route.signingFile.isEmpty
    case (.webhook, _), (.pushover, _), (.slackWebhook, _), (.smtp, _): false
    }
  }

  /// Whether it can be asked, by its own name for a page, how far that has come.
  public var givesReceipts: Bool { self == .twilio }

  /// How many messages and questions may be under way at one of its hosts: what is more waits where it can still be cancelled. Letters
  /// need a thread each, so that fewer of them go at once and some more wait for their turn.
  public var underWayAtMost: Int { self == .smtp ? 80 : 128 }

  public enum Need: Sendable { case must, may, mustNot }

  /// - Parameter route: what is said already: a password goes with who logs in.
  public func need(_ part: RoutePart, in route: ChannelRoute) -> Need {
    let isTeamChannel = PersonalChannel(rawValue: route.channel) == nil
    switch (self, part) {
    case (.console, _): return .mustNot
    case (_, .caFile): return .may
    case (.twilio, .signingFile), (.slack, .signingFile): return .may
    case (_, .signingFile): return .mustNot
    case (.webhook, .url), (.smtp, .url), (.smtp, .from), (.twilio, .account), (.twilio, .from): return .must
    case (.smtp, .account), (.ntfy, .secretFile): return .may
    case (.smtp, .secretFile): return route.account.isEmpty ? .mustNot : .must
    case (_, .secretFile): return .must
    case (.slackWebhook, .url): return .mustNot
    case (_, .url): return .may
    case (.slack, .to) where isTeamChannel: return route.channel.hasPrefix("#") ? .may : .must
    case (.ntfy, .to), (.pushover, .to), (.smtp, .to): return isTeamChannel ? .must : .mustNot
    case (_, .account), (_, .from), (_, .to): return .mustNot
    }
  }

  /// What a part must look like; nil: any text.
  public func form(of part: RoutePart, on channel: String) -> AddressForm? {
    switch (self, part) {
    case (.smtp, .url): .mailServer
    // Its secret signs and is not sent.
    case (.webhook, .url): .web
    case (_, .url): .secureWeb
    case (.twilio, .account): .twilioAccount
    case (.twilio, .from): channel == "voice" ? .phone : .smsSender
    case (.smtp, .from): .mail
    case (.slack, .to): .slackChannel
    case (_, .to): addressForm
    default: nil
    }
  }

  /// What a person's address must look like; nil: any text.
  public var addressForm: AddressForm? {
    switch self {
    case .console, .webhook, .slackWebhook: nil
    case .ntfy: .topic
    case .pushover: .pushoverKey
    case .twilio: .phone
    case .slack: .slackPerson
    case .smtp: .mail
    }
  }

  /// How often it says that it may be asked, where it does; a route can say otherwise (`rate`).
  ///
  /// - Twilio begins one call a second for an account that asked for no more (it queues texts itself).
  /// - Slack takes about one message a second for a channel.
  /// - ntfy.sh takes 60 at once from a visitor, and then one in five seconds; a server of one's own what it is told to.
  public func rate(on channel: String, at url: String) -> Rate? {
    switch (self, channel) {
    case (.twilio, "voice"): Rate(messages: 1, per: .seconds(1))
    case (.slack, "slack"): nil
    case (.slack, _), (.slackWebhook, _): Rate(messages: 1, per: .seconds(1))
    case (.ntfy, _) where url.isEmpty: Rate(messages: 60, per: .minutes(5))
    default: nil
    }
  }
}
