import AlertSources
import Bus
import Messages
import Subscribing

/// One source that reports by HTTP: which keys it shows here, and as whom it is known to intake.
public struct Integration: Sendable {
  /// A principal with the role source: what its events name as their source.
  public var source: String
  /// SHA-256 of each key that is taken now; more than one while one is being replaced.
  var keys: [SecretDigest]
  /// Shown to intake; nil where the cluster runs without keys.
  var pair: KeyPair?
  /// With which its Grafana signs, where it must.
  var signingSecret: SigningSecret?
  var settings = IntegrationSettings()
}

/// How what one source says is read.
public struct IntegrationSettings: Hashable, Sendable {
  public var severities = SeverityWords.usual
  /// For events that name no service.
  public var service = ""

  public init() {}
}
