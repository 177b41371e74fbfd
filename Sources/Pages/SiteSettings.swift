import CivilTime
import Messages
import Serving

/// What the pages are shown with.
public struct SiteSettings: Sendable {
  public var url: SiteURL
  /// What sessions are sealed with; the same for all copies.
  public var secret: SiteSecret
  /// Who has seen who somebody is, where it isn't a code; nil: nobody.
  public var forwarded: ForwardedLogin?
  /// Told of what is counted at the door.
  public var tells: @Sendable (DoorNews) -> Void
  /// Whose `X-Forwarded-For` is believed.
  public var proxies: TrustedProxies
  /// Of the tz database; nil for a zone that it doesn't know.
  public var zone: @Sendable (String) -> TimeZoneRules?
  /// The wall clock.
  public var now: @Sendable () -> Instant

  public init(
    url: SiteURL, secret: SiteSecret, forwarded: ForwardedLogin? = nil,
    tells: @escaping @Sendable (DoorNews) -> Void = { _ in },
    proxies: TrustedProxies = TrustedProxies(), zone: @escaping @Sendable (String) -> TimeZoneRules?,
    now: @escaping @Sendable () -> Instant
  ) {
    self.url = url
    self.secret = secret
    self.forwarded = forwarded
    self.tells = tells
    self.proxies = proxies
    self.zone = zone
    self.now = now
  }
}
