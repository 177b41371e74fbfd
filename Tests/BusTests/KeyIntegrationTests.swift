import Bus
import Foundation
import Glibc
import Messages
import Testing

/// What the gateway is given of a source, in a folder of its own.
@Suite struct KeyIntegrationTests {
  private static let now = Instant(milliseconds: 1_795_910_400_000)

  private func withFolders(_ body: (_ keys: KeyDirectory, _ gateway: KeyDirectory) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "tocsin-integration-\(UInt64.random(in: 0...(.max)))"
    mkdir(folder, 0o700)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let keys = KeyDirectory(folder + "/keys")
    _ = try keys.make(at: Self.now)
    try body(keys, KeyDirectory(folder + "/gateway"))
  }

  private func integrate(
    _ name: String, _ keys: KeyDirectory, _ gateway: KeyDirectory, renews: Bool = false, at now: Instant = Self.now
  ) throws -> String {
    try keys.integrate(name, into: gateway.path, renews: renews, from: now, until: now + .days(365))
  }

  private func lines(_ gateway: KeyDirectory, _ name: String) throws -> [String] {
    try String(contentsOfFile: "\(gateway.path)/\(name)\(KeyDirectory.httpKeySuffix)", encoding: .utf8)
      .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  @Test func aSourceIsMadeWithAllThatTheGatewayNeedsAndNothingElse() throws {
    try withFolders { keys, gateway in
      let key = try integrate("grafana", keys, gateway)
      #expect(key.count == 32 && key.allSatisfy(\.isHexDigit))
      let own = try gateway.secret(of: "grafana").publicKey
      #expect(try keys.authorized()[own]?.roles == .source)
      #expect(try gateway.tiers() == keys.tiers())
      let files = try FileManager.default.contentsOfDirectory(atPath: gateway.path).sorted()
      #expect(files == ["grafana.http-key", "grafana.secret", "tiers"])
      for file in ["grafana.http-key", "grafana.secret"] {
        var status = stat()
        #expect(stat("\(gateway.path)/\(file)", &status) == 0 && status.st_mode & 0o777 == 0o400)
      }
      #expect(try integrate("grafana", keys, gateway) == key, "once more changes nothing")
    }
  }

  @Test func anotherKeyStandsBesideTheOneBefore() throws {
    try withFolders { keys, gateway in
      let old = try integrate("grafana", keys, gateway)
      let new = try integrate("grafana", keys, gateway, renews: true)
      #expect(try new != old && lines(gateway, "grafana") == [new, old])
      #expect(try integrate("grafana", keys, gateway) == new)
    }
  }

  @Test func aRotatedSecretIsBroughtOver() throws {
    try withFolders { keys, gateway in
      _ = try integrate("grafana", keys, gateway)
      let next = try keys.rotate("grafana", overlap: .days(7), at: Self.now + .days(1))
      _ = try integrate("grafana", keys, gateway, at: Self.now + .days(1))
      #expect(try gateway.secret(of: "grafana").publicKey == next.key)
    }
  }

  // MARK: After a rotation

  @Test func ofARotationTheGatewayGetsWhatItHadAndNothingElse() throws {
    try withFolders { keys, gateway in
      _ = try keys.create("ana", roles: .responder, addresses: [], from: Self.now, until: Self.now + .days(9))
      #expect(keys.outdated(in: gateway, after: "escalator") == nil, "there is no such folder")
      _ = try integrate("grafana", keys, gateway)
      for name in ["ana", "grafana", "escalator"] {
        #expect(keys.outdated(in: gateway, after: name) == [])
        _ = try keys.rotate(name, overlap: .days(7), at: Self.now + .days(1))
      }
      #expect(keys.outdated(in: gateway, after: "ana") == [.tiers])
      #expect(keys.outdated(in: gateway, after: "grafana") == [.secret("grafana"), .tiers])
      try keys.bring(.tiers, to: gateway)
      #expect(try gateway.tiers() == keys.tiers())
      #expect(keys.outdated(in: gateway, after: "ana") == [] && keys.outdated(in: gateway, after: "escalator") == [])
      try keys.bring(.secret("grafana"), to: gateway)
      #expect(try gateway.secret(of: "grafana").publicKey == keys.secret(of: "grafana").publicKey)
      #expect(keys.outdated(in: gateway, after: "grafana") == [])
    }
  }

  @Test func whatCannotBeBroughtIsOutdatedStill() throws {
    try withFolders { keys, gateway in
      _ = try integrate("grafana", keys, gateway)
      let former = try gateway.tiers()
      _ = try keys.rotate("escalator", overlap: .days(7), at: Self.now + .days(1))
      mkdir("\(gateway.tiersPath).new", 0o700)
      #expect {
        try keys.bring(.tiers, to: gateway)
      } throws: {
        "\($0)".contains("gateway/tiers: can't be written")
      }
      #expect(keys.outdated(in: gateway, after: "escalator") == [.tiers])
      #expect(try gateway.tiers() == former)
    }
  }

  @Test func whoIsMoreThanASourceIsNotLetIntoTheGateway() throws {
    try withFolders { keys, gateway in
      #expect {
        try integrate("admin", keys, gateway)
      } throws: {
        "\($0)".contains("admin is more than a source")
      }
      _ = try keys.create(
        "cron", roles: .source, addresses: [], from: Self.now, until: Self.now + .days(9))
      unlink(keys.secretPath(of: "cron"))
      #expect {
        try integrate("cron", keys, gateway)
      } throws: {
        "\($0)".contains("keys rotate cron")
      }
    }
  }
}
