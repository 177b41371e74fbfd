import Bus
import CivilTime
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
      _ = try keys.create("ana", roles: .responder, tenant: "", addresses: [], from: Self.now, until: until)
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
        "\($0)".contains("nobody has no key that is valid now")
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
      _ = try keys.create("ana", roles: .lead, tenant: "", addresses: [], from: Self.now, until: .unset)
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

  @Test func aNameThatCouldLeaveTheFolderIsRefused() throws {
    try withDirectory { keys in
      _ = try keys.make(at: Self.now)
      for name in ["../ana", "", "a b", String(repeating: "a", count: 65), "ana\n"] {
        #expect {
          _ = try keys.create(name, roles: .lead, tenant: "", addresses: [], from: Self.now, until: .unset)
        } throws: {
          "\($0)".contains("a principal is named by")
        }
      }
      #expect {
        _ = try keys.create("admin", roles: .lead, tenant: "", addresses: [], from: Self.now, until: .unset)
      } throws: {
        "\($0)".contains("has a key already")
      }
    }
  }

  private func withDirectory(_ body: (KeyDirectory) throws -> Void) throws {
    var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/keys-XXXXXX".utf8CString)
    let folder = try #require(
      template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!).map { String(cString: $0) } })
    defer {
      for name in KeyDirectory.tierNames + ["admin", "ana"] { unlink("\(folder)/keys/\(name).secret") }
      for name in ["authorized", "tiers", ".lock"] { unlink("\(folder)/keys/\(name)") }
      rmdir("\(folder)/keys")
      rmdir(folder)
    }
    try body(KeyDirectory("\(folder)/keys"))
  }
}
