/// Which provider carries each channel that somebody is reached by. What the console carries is written to a file and counts as
/// handed over: good for a first look, and a page that nobody gets once people rely on it.
public struct CarriedChannels: Sendable {
  private let byProvider: [String: [String]]

  /// - Parameter contacts: whose channels are looked at.
  public init(_ contacts: [Contact], by routes: [ChannelRoute]) {
    let (channels, routes) = (Set(contacts.flatMap { $0.methods.map(\.channel) }), ChannelRoutes(routes))
    byProvider = Dictionary(grouping: channels.sorted()) { routes[$0].provider }
  }

  public var isEmpty: Bool { byProvider.isEmpty }

  /// "email by smtp; push, sms by console".
  public var words: String {
    byProvider.sorted { $0.key < $1.key }.map { "\($0.value.joined(separator: ", ")) by \($0.key)" }
      .joined(separator: "; ")
  }

  /// Those that reach nobody.
  public var written: [String] { byProvider[ProviderKind.console.rawValue] ?? [] }

  /// What is wrong with that; empty: nothing.
  public var fault: String {
    written.isEmpty
      ? ""
      : "pages by \(written.joined(separator: ", ")) are written to a file, count as handed over and reach nobody: give "
        + "\(written.count == 1 ? "it" : "each") a provider under channels"
  }

  /// Whether some channels reach people and others look as if they did.
  public var isHalfDone: Bool { !written.isEmpty && byProvider.count > 1 }
}
