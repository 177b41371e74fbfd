/// A route names a provider and perhaps a second one, each with the same parts.
extension ChannelRoute {
  public init(_ channel: String, by carrier: SecondProvider) {
    self.init(
      channel: channel, provider: carrier.provider, url: carrier.url, secretFile: carrier.secretFile,
      account: carrier.account, from: carrier.from, to: carrier.to, caFile: carrier.caFile,
      signingFile: carrier.signingFile)
  }

  /// The provider that is asked first.
  public var first: SecondProvider {
    SecondProvider(
      provider: provider, url: url, secretFile: secretFile, account: account, from: from, to: to, caFile: caFile,
      signingFile: signingFile)
  }
}

/// What a route can say about its provider.
public enum RoutePart: String, CaseIterable, Sendable {
  case url, account, from, to
  case secretFile = "secret_file"
  case caFile = "ca_file"
  case signingFile = "signing_file"

  /// How it is written in YAML.
  public var key: String { rawValue.replacing("_", with: "-") }
}

extension SecondProvider {
  public subscript(part: RoutePart) -> String {
    get {
      switch part {
      case .url: url
      case .account: account
      case .from: from
      case .to: to
      case .secretFile: secretFile
      case .caFile: caFile
      case .signingFile: signingFile
      }
    }
    set {
      switch part {
      case .url: url = newValue
      case .account: account = newValue
      case .from: from = newValue
      case .to: to = newValue
      case .secretFile: secretFile = newValue
      case .caFile: caFile = newValue
      case .signingFile: signingFile = newValue
      }
    }
  }
}
