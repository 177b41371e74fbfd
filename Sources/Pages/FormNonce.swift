import Cryptography
import Messages

/// What tells one form that was shown from all others, so that it acts once however often it is sent: by a second tap, by a browser that
/// asks again, by somebody who never saw the answer.
struct FormNonce: Hashable, Sendable {
  /// Whoever didn't see the answer asks again within minutes. Later a page that has stood open is meant anew, and must not be answered
  /// with what was done then.
  static let actsOnceFor = Span.minutes(10)
  private static let digits = 20

  let madeAt: Instant
  private let random: String

  init(at now: Instant) {
    madeAt = now
    random = RandomText.hex(Self.digits)
  }

  /// nil for what can't have been made here by now.
  init?(_ text: String, at now: Instant) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let made = Int64(parts[0]), 0...now.milliseconds ~= made,
      parts[1].utf8.count == Self.digits,
      HexText.bytes(parts[1]) != nil
    else { return nil }
    madeAt = Instant(milliseconds: made)
    random = String(parts[1])
  }

  /// "1796090400000-0f1e2d3c4b5a69788796"
  var text: String { "\(madeAt.milliseconds)-\(random)" }

  /// Of the deed that this form asks for in a session, which its seal stands for.
  func key(sealed seal: String, by secret: SiteSecret, at now: Instant) -> DeedKey {
    let passed = (now - madeAt).milliseconds / Self.actsOnceFor.milliseconds
    let since = madeAt + .milliseconds(passed * Self.actsOnceFor.milliseconds)
    let digest = HexText.bytes(secret.seal("\(seal).\(random).\(since.milliseconds)", for: "deed")) ?? []
    return DeedKey(since: since, digest: Array(digest.prefix(DeedKey.digestBytes)))
  }
}

/// What makes a call that comes again the same call: its idempotency key is made of it.
public struct DeedKey: Hashable, Sendable {
  static let digestBytes = 10
  /// By the wall clock: tiers forget old keys.
  public let since: Instant
  /// 10 bytes that nobody else can find out.
  public let digest: [UInt8]
}
