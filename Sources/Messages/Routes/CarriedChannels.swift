/// Which provider carries each channel that somebody is reached by. What the console carries is written to a file and counts as
/// handed over: good for a first look, and a page that nobody gets once people rely on it.
public struct CarriedChannels: Sendable {
  private let byProvider: [String: [String]]

  /// - Parameters:
  ///   - contacts: whose channels are looked at.
  ///   - provider: the name of the one that carries a channel.
  public init(_ contacts: [Contact], by provider: (_ channel: String) -> String) {
    let channels = Set(contacts.flatMap { $0.methods.map(\.channel) })
    byProvider = Dictionary(grouping: channels.sorted(), by: provider)
  }

  /// Each channel by its own route, else by the one for all others, else by the console.
  public init(_ configuration: NotificationConfiguration) {
    let routes = Dictionary(
      configuration.channels.map { ($0.channel, $0.provider) }, uniquingKeysWith: { first, _ in first })
    self.init(configuration.contacts) { routes[$0] ?? routes["*"] ?? ProviderKind.console.rawValue }
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
