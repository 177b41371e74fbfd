import Bus
import CivilTime
import Foundation
import Glibc
import Messages
import Testing

/// What an operator does with a folder of keys.
@Suite struct KeyDirectoryTests {
  private static let now = Instant(rfc3339: "2026-11-29T00:00:00Z")!

  @Test func aFolderIsMadeOnceAndKeepsWhatItHas() throws {
    try withDirectory { keys in
      #expect(try keys.make(at: Self.now) == KeyDirectory.tierNames + ["admin"])
      let before = try keys.authorized()
      #expect(try keys.make(at: Self.now + .minutes(1)) == [])
      #expect(try keys.authorized() == before && before.keys.count == 5)
      let tiers = try keys.tiers()
      for name in KeyDirectory.tierNames {
        let own = try keys.secret(of: name).publicKey
        #expect(tiers[name] == own && before[own]?.roles == .service)
      }
      #expect(before[try keys.secret(of: "admin").publicKey]?.roles == .admin)
      for (file, mode) in [(keys.path, 0o700), (keys.secretPath(of: "admin"), 0o400), (keys.authorizedPath, 0o600)] {
        var status = stat()
        #expect(stat(file, &status) == 0 && Int(status.st_mode & 0o777) == mode, "\(file)")
      }
    }
  }

  @Test func anOpenFolderIsRefused() throws {
    try withDirectory { keys in
      _ = try keys.make(at: Self.now)
      chmod(keys.path, 0o755)
      #expect { try keys.check() } throws: { "\($0)".contains("is open to others (mode 755)") }
      chmod(keys.path, 0o700)
    }
  }

  @Test func aRotatedKeyWorksBesideItsSuccessorForAWhile() throws {
    try withDirectory { keys in
      _ = try keys.make(at: Self.now)
      let until = Self.now + .days(90)
      _ = try keys.create("ana", roles: .responder, addresses: [], from: Self.now, until: until)
      let old = try keys.secret(of: "ana").publicKey
      let rotatedAt = Self.now + .days(10)
      let new = try keys.rotate("ana", overlap: .days(7), at: rotatedAt)
      let store = try keys.authorized()
      #expect(try keys.secret(of: "ana").publicKey == new.key && new.key != old)
      #expect(new.until == rotatedAt + .days(90) && new.roles == .responder)
      #expect(store[old]?.objection(at: rotatedAt + .days(7) - .milliseconds(1)) == nil)
      #expect(store[old]?.objection(at: rotatedAt + .days(7)) == .expired(at: rotatedAt + .days(7)))
      #expect(store[new.key]?.objection(at: rotatedAt + .days(7)) == nil)
      #expect { try keys.rotate("nobody", overlap: .zero, at: rotatedAt) } throws: {
        "\($0)".contains("nobody has no key that isn't revoked")
      }
    }
  }

  @Test func aTiersNewKeyIsTheOneItIsKnownBy() throws {
    try withDirectory { keys in
      _ = try keys.make(at: Self.now)
      let new = try keys.rotate("escalator", overlap: .days(1), at: Self.now + .days(1))
      #expect(try keys.tiers()["escalator"] == new.key)
    }
  }

  @Test func aRevokedKeyIsRevokedFromThatInstant() throws {
    try withDirectory { keys in
      _ = try keys.make(at: Self.now)
      _ = try keys.create("ana", roles: .lead, addresses: [], from: Self.now, until: .unset)
      let old = try keys.secret(of: "ana").publicKey
      let new = try keys.rotate("ana", overlap: .days(7), at: Self.now + .days(1)).key
      #expect(try keys.revoke("ana", key: String(old.text.prefix(12)), at: Self.now + .days(2)) == 1)
      let store = try keys.authorized()
      #expect(store[old]?.objection(at: Self.now + .days(2)) == .revoked(at: Self.now + .days(2)))
      #expect(store[new]?.objection(at: Self.now + .days(2)) == nil)
      #expect(try keys.revoke("ana", key: "", at: Self.now + .days(3)) == 1)
      #expect { try keys.revoke("ana", key: "", at: Self.now + .days(3)) } throws: {
        "\($0)".contains("ana has no key that isn't revoked")
      }
    }
  }

  @Test func whoeverHasNoKeyThatWillBeLetInAgainGetsAnother() throws {
    try withDirectory { keys in
      _ = try keys.make(at: Self.now)
      func create(_ roles: KeyRoles, at now: Instant) throws {
        _ = try keys.create("ana", roles: roles, addresses: [], from: now, until: now + .days(1))
      }
      try create(.responder, at: Self.now)
      let expired = try keys.secret(of: "ana").publicKey
      #expect { try create(.responder, at: Self.now + .hours(23)) } throws: { "\($0)".contains("has a key already") }
      try create(.responder, at: Self.now + .days(1))
      let revoked = try keys.secret(of: "ana").publicKey
      #expect(revoked != expired)
      _ = try keys.revoke("ana", key: String(revoked.text), at: Self.now + .days(1))
      // Back, and with other roles.
      let later = Self.now + .days(1) + .hours(1)
      try create(.lead, at: later)
      let store = try keys.authorized()
      let now = try keys.secret(of: "ana").publicKey
      #expect(store[now]?.objection(at: later) == nil && store[now]?.roles == .lead)
      for old in [expired, revoked] { #expect(store[old].map { $0.objection(at: later) != nil } ?? true) }
    }
  }

  @Test func anExpiredKeyIsRotatedAndARevokedOneIsNot() throws {
    try withDirectory { keys in
      _ = try keys.make(at: Self.now)
      _ = try keys.create(
        "ana", roles: .responder, addresses: [], from: Self.now, until: Self.now + .days(1))
      let later = Self.now + .days(30)
      let new = try keys.rotate("ana", overlap: .days(7), at: later)
      #expect(try keys.secret(of: "ana").publicKey == new.key && new.until == later + .days(1))
      #expect(try keys.authorized().keys.filter { $0.objection(at: later) == nil && $0.principal == "ana" } == [new])
      _ = try keys.revoke("ana", key: "", at: later)
      #expect { try keys.rotate("ana", overlap: .days(7), at: later) } throws: {
        "\($0)".contains("ana has no key that isn't revoked")
      }
    }
  }

  /// Its line would end when it begins, and the whole list would be refused.
  @Test func aKeyIsRotatedWithoutOverlapInTheSecondOfItsBirth() throws {
    try withDirectory { keys in
      _ = try keys.make(at: Self.now)
      let old = try keys.secret(of: "admin").publicKey
      _ = try keys.rotate("admin", overlap: .zero, at: Self.now)
      #expect(try keys.authorized()[old]?.until == Self.now + .seconds(1))
    }
  }

  // MARK: Changes that ended in the middle

  @Test func aFolderWhoseListWasNeverWrittenIsFinished() throws {
    try withDirectory { keys in
      _ = try keys.make(at: Self.now)
      let secret = try keys.secret(of: "admin").publicKey
      unlink(keys.authorizedPath)
      unlink(keys.tiersPath)
      for draft in ["authorized", "tiers", "admin.secret.next"] {
        #expect(FileManager.default.createFile(atPath: "\(keys.path)/\(draft).new", contents: Data("cut off".utf8)))
      }
      #expect(try keys.make(at: Self.now) == KeyDirectory.tierNames + ["admin"])
      #expect(try keys.secret(of: "admin").publicKey == secret && keys.authorized()[secret]?.principal == "admin")
      unlink(keys.tiersPath)
      #expect(try keys.make(at: Self.now) == [])
      #expect(try keys.tiers().count == KeyDirectory.tierNames.count)
    }
  }

  @Test func aSecretIsReplacedOnlyWhenTheListKnowsTheNewOne() throws {
    try withDirectory { keys in
      _ = try keys.make(at: Self.now)
      let old = try keys.secret(of: "admin")
      let obstacle = "\(keys.authorizedPath).new"
      mkdir(obstacle, 0o700)
      #expect { try keys.rotate("admin", overlap: .zero, at: Self.now + .days(1)) } throws: {
        "\($0)".contains("authorized: can't be written")
      }
      #expect(try keys.secret(of: "admin").publicKey == old.publicKey)
      #expect(try keys.authorized()[old.publicKey]?.until.isSet == false)
      rmdir(obstacle)
      let new = try keys.rotate("admin", overlap: .days(1), at: Self.now + .days(1)).key
      #expect(try keys.secret(of: "admin").publicKey == new)
      // On the list, and no further.
      let (secret, next) = (keys.secretPath(of: "admin"), "\(keys.secretPath(of: "admin")).next")
      #expect(rename(secret, next) == 0)
      try SecretKeyFile.write(old, of: "admin", to: secret)
      _ = try keys.revoke("admin", key: String(old.publicKey.text), at: Self.now + .days(1))
      #expect(try keys.secret(of: "admin").publicKey == new)
      #expect(!FileManager.default.fileExists(atPath: next))
    }
  }

  @Test func aNameThatCouldLeaveTheFolderIsRefused() throws {
    try withDirectory { keys in
      _ = try keys.make(at: Self.now)
      for name in ["../ana", "", "a b", String(repeating: "a", count: 65), "ana\n"] {
        #expect {
          _ = try keys.create(name, roles: .lead, addresses: [], from: Self.now, until: .unset)
        } throws: {
          "\($0)".contains("a principal is named by")
        }
      }
      #expect {
        _ = try keys.create("admin", roles: .lead, addresses: [], from: Self.now, until: .unset)
      } throws: {
        "\($0)".contains("has a key already")
      }
    }
  }

  private func withDirectory(_ body: (KeyDirectory) throws -> Void) throws {
    var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/keys-XXXXXX".utf8CString)
    let folder = try #require(
      template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!).map { String(cString: $0) } })
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(KeyDirectory("\(folder)/keys"))
  }
}
