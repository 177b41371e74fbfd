import Bus
import CivilTime
import Foundation
import Glibc
import Logging
import Messages
import Pages
import Serving
import Synchronization

/// How the pages begin, where the gateway shows them.
enum PageProgram {
  /// Browsers that listen at once.
  private static let readersAtMost = 512

  /// nil: there is no `--page-url`.
  ///
  /// - Parameter forwarded: who is believed to have seen who somebody is.
  static func site(
    _ options: GatewayOptions, forwarded: ForwardedLogin?, _ tally: Tally, _ log: Logger
  ) throws -> Site? {
    guard let text = options.pageUrl, let url = SiteURL(text) else { return nil }
    let folder = KeyDirectory(options.integrations)
    let secret = try SiteSecret(reading: folder.pagesSessionPath)
    let lines = try PageLines(options, log: log)
    let feed = EventFeed(readersAtMost: readersAtMost)
    let zones = ReadZones()
    let site = try Site(
      SiteSettings(
        url: url, secret: secret, forwarded: forwarded,
        tells: { hear($0, tally, log) }, proxies: options.proxies, zone: { zones[$0] },
        now: { WallClock.now() }), desk: lines.desk, feed: feed)
    lines.follow(into: feed)
    return site
  }

  private static func hear(_ news: DoorNews, _ tally: Tally, _ log: Logger) {
    tally.atTheDoor(news)
    guard case .ignoredLogin(let why, let address) = news, tally.isNews("login \(why.rawValue)") else { return }
    switch why {
    case .address:
      log.warning(
        "a login that a header named was ignored: it came from \(address), which is none of --forward-auth-from")
    case .secret:
      log.warning(
        "a login that a header named was ignored: \(address) is a proxy's, and it didn't show the secret of --forward-auth-secret-file"
      )
    }
  }
}

/// Zones of the machine's tz database, each read when it is first asked for.
private final class ReadZones: Sendable {
  private let known = Mutex<[String: TimeZoneRules?]>([:])

  subscript(name: String) -> TimeZoneRules? {
    known.withLock { known in
      if let zone = known[name] { return zone }
      let zone = Self.read(name)
      if known.count < 1_000 { known[name] = zone }
      return zone
    }
  }

  private static func read(_ name: String) -> TimeZoneRules? {
    let isName =
      name.first?.isLetter == true && !name.contains("..")
      && name.utf8.allSatisfy { 0x61...0x7a ~= $0 | 0x20 || 0x30...0x39 ~= $0 || "/_+-".utf8.contains($0) }
    guard isName, let bytes = FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)") else { return nil }
    return try? TimeZoneRules(tzif: [UInt8](bytes))
  }
}
