/// Which route carries a channel: its own, else the one for all others ("*"), else the console (requirement N2).
public struct ChannelRoutes: Hashable, Sendable {
  private let routes: [String: ChannelRoute]

  public init(_ routes: [ChannelRoute]) {
    self.routes = Dictionary(routes.map { ($0.channel, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public subscript(_ channel: String) -> ChannelRoute {
    routes[channel] ?? routes["*"] ?? ChannelRoute(channel: channel, provider: ProviderKind.console.rawValue)
  }
}
