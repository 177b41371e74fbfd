import Bus
import Foundation
import Glibc
import Messages
import Testing

@testable import Hosting

/// A tier whose own key is good no more says so, and starts.
@Suite struct OwnKeyTests {
  private static let now = Instant(milliseconds: 1_795_910_400_000)

  private func withKeys(_ body: (KeyDirectory) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "tocsin-own-key-\(UInt64.random(in: 0...(.max)))"
    mkdir(folder, 0o700)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let keys = KeyDirectory(folder + "/keys")
    _ = try keys.make(at: Self.now)
    try body(keys)
  }

  /// What a tier says that is started now with what is in the folder; empty: nothing.
  private func trouble(_ keys: KeyDirectory, of tier: String = "notifier", at now: Instant = Self.now) throws -> String
  {
    let options = try HostOptions.parse(["--data", "d", "--listen", "tcp://127.0.0.1:*", "--keys", keys.path])
    return try TierKeys(tier, options).ownTrouble(at: now) ?? ""
  }

  @Test func aGoodKeyIsNoTrouble() throws {
    try withKeys { keys in
      for tier in KeyDirectory.tierNames {
        let trouble = try trouble(keys, of: tier)
        #expect(trouble.isEmpty)
      }
    }
  }

  @Test func aKeyThatWasRevokedIsToldOf() throws {
    try withKeys { keys in
      _ = try keys.revoke("notifier", key: "", at: Self.now)
      let (own, others) = (try trouble(keys), try trouble(keys, of: "escalator"))
      #expect(
        own.hasPrefix("no other tier lets in its own key ") && own.contains("this key was revoked at") && others.isEmpty
      )
      _ = try keys.create("notifier", roles: .service, addresses: [], from: Self.now, until: .unset)
      let later = try trouble(keys)
      #expect(later.isEmpty, "started anew with what mends it")
    }
  }

  /// Its successor is there, and it was not started again.
  @Test func aKeyThatHasEndedIsToldOfFromThatInstant() throws {
    try withKeys { keys in
      let former = try keys.secret(of: "notifier")
      _ = try keys.rotate("notifier", overlap: .days(7), at: Self.now)
      try SecretKeyFile.write(former, of: "notifier", to: keys.secretPath(of: "notifier"))
      let end = Self.now + .days(7)
      let (before, after) = (try trouble(keys, at: end - .milliseconds(1)), try trouble(keys, at: end))
      #expect(before.isEmpty && after.contains("this key was valid until"))
    }
  }

  @Test func aKeyThatIsNotOnTheListIsToldOf() throws {
    try withKeys { keys in
      let secret = keys.secretPath(of: "notifier")
      try SecretKeyFile.write(try KeyPair.make(), of: "notifier", to: secret)
      let unknown = try trouble(keys)
      #expect(unknown.contains("it is not on the list of keys"))
      try SecretKeyFile.write(try keys.secret(of: "admin"), of: "notifier", to: secret)
      let anothers = try trouble(keys)
      #expect(anothers.contains("as that of admin, with the role admin"))
    }
  }

  @Test func eachTroubleIsSaidOnce() {
    var told = TurnedAway()
    let news = [nil, "revoked", "revoked", nil, nil].map { told.isNews(ofOwnKey: $0) }
    #expect(news == [false, true, false, true, false])
  }
}
