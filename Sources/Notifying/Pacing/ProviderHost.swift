import Messages

/// Where a provider is asked: channels that ask one host share what may be under way there, as SMS and voice of one account do and all
/// team channels of one workspace.
struct ProviderHost: Hashable, Sendable {
  var name: String
  /// Under way at once.
  var atMost: Int

  init(of route: ChannelRoute) {
    let kind = ProviderKind(rawValue: route.provider)
    // Whoever says no address asks the provider's public service.
    let host = HostName.of(route.url.isEmpty ? kind?.publicService ?? "" : route.url)
    name = host.isEmpty ? route.provider : host
    atMost = (kind ?? .webhook).underWayAtMost
  }
}

/// Each channel's hosts, by what carries it (`Pacing.carrier`).
struct ProviderHosts: Sendable {
  private var hosts: [String: ProviderHost] = [:]
  private var seconds: [String: ProviderHost] = [:]
  private let others: ProviderHost

  init(_ book: AddressBook) {
    others = ProviderHost(of: book.route("*"))
    for channel in book.configuration.channels.map(\.channel) + [AddressBook.synthetic] {
      hosts[channel] = ProviderHost(of: book.route(channel))
    }
    for channel in book.configuration.channels.map(\.channel) + ["*"] {
      seconds[channel] = book.second(channel).map { ProviderHost(of: $0) }
    }
  }

  subscript(carrier: String) -> ProviderHost {
    if let host = hosts[carrier] { return host }
    let (channel, isSecond) = Pacing.channel(of: carrier)
    return (isSecond ? second(of: channel) : nil) ?? hosts[channel] ?? others
  }

  /// Where the second provider of what this carries is asked; nil when there is none.
  func second(of carrier: String) -> ProviderHost? { hosts[carrier] == nil ? seconds["*"] : seconds[carrier] }
}
