import Foundation
import Messages
import Serving
import Testing
import Wire

@testable import Pages

/// Whom proxies are believed about: what a request's address is, and who keeps whom from signing in.
@Suite struct ProxyTests {
  private static func client(_ forwarded: String?, from: String = "10.0.0.5") -> String {
    var head = WebHead("GET", "/", headers: forwarded.map { ["x-forwarded-for": $0] } ?? [:])
    head.from = from
    return TrustedProxies("10.0.0.5,10.1.0.0/16,2001:db8:ffff::/64")!.client(of: head)
  }

  @Test(arguments: [
    ("203.0.113.7", "203.0.113.7"),
    // The rightmost that is none of ours: what stands before it is what it says of itself.
    ("1.2.3.4, 203.0.113.7", "203.0.113.7"), ("10.0.0.5, 203.0.113.7", "203.0.113.7"),
    ("203.0.113.7, 10.1.2.3", "203.0.113.7"), ("1.2.3.4,203.0.113.7,10.1.2.3,10.1.9.9", "203.0.113.7"),
    // All ours: the first.
    ("10.1.2.3, 10.1.2.4", "10.1.2.3"),
    // Garbage ends what is known.
    ("", "10.0.0.5"), (" ", "10.0.0.5"), (",", "10.0.0.5"), ("unknown", "10.0.0.5"), ("203.0.113.7, x", "10.0.0.5"),
    ("203.0.113.7, , 10.1.2.3", "10.1.2.3"), ("203.0.113.7,", "10.0.0.5"), ("256.1.1.1", "10.0.0.5"),
    ("0x7f.1", "10.0.0.5"), ("\"203.0.113.7\"", "10.0.0.5"), ("for=203.0.113.7", "10.0.0.5"),
    ("203.0.113.7 1.2.3.4", "10.0.0.5"), ("fe80::1%eth0", "10.0.0.5"),
    // Ports.
    ("203.0.113.7:4711", "203.0.113.7"), ("203.0.113.7:", "10.0.0.5"), ("203.0.113.7:x", "10.0.0.5"),
    ("203.0.113.7:123456", "10.0.0.5"), ("203.0.113.7, 10.1.2.3:80", "203.0.113.7"),
    // IPv6, as it is written there.
    ("2001:db8::7", "2001:db8::7"), ("2001:DB8:0::7", "2001:db8::7"), ("[2001:db8::7]", "2001:db8::7"),
    ("[2001:db8::7]:4711", "2001:db8::7"), ("[2001:db8::7]x", "10.0.0.5"), ("[203.0.113.7]", "10.0.0.5"),
    ("[2001:db8::7", "10.0.0.5"), ("[]", "10.0.0.5"), ("::ffff:203.0.113.7", "203.0.113.7"),
    ("203.0.113.7, ::ffff:10.1.2.3", "203.0.113.7"), ("203.0.113.7, 2001:db8:ffff::9", "203.0.113.7"),
    ("203.0.113.7\t,\t10.1.2.3 ", "203.0.113.7"),
  ])
  func theRightmostStrangerIsWhoAsks(forwarded: String, client: String) {
    #expect(Self.client(forwarded) == client)
  }

  @Test func fromAnywhereElseTheHeaderSaysNothing() {
    #expect(Self.client("1.2.3.4", from: "203.0.113.7") == "203.0.113.7")
    #expect(Self.client("1.2.3.4", from: "::ffff:10.0.0.5") == "1.2.3.4", "a socket for both shows it so")
    #expect(Self.client("1.2.3.4", from: "") == "" && Self.client(nil) == "10.0.0.5")
    var head = WebHead("GET", "/", headers: ["x-forwarded-for": "1.2.3.4"])
    head.from = "127.0.0.1"
    #expect(TrustedProxies().client(of: head) == "127.0.0.1")
  }

  @Test(arguments: [
    "", ",", "10.0.0.5,", "proxy", "0.0.0.0/0", "::/0", "10.0.0.5/8", "10.0.0.5 10.0.0.6", "10.0.0.0/33",
  ])
  func whatIsNoListOfProxiesIsRefused(text: String) { #expect(TrustedProxies(text) == nil) }

  /// One who tries too often shuts nobody out who comes by the same proxy; of IPv6 a whole network is one.
  @Test func triesAreCountedByWhoIsBehindTheProxy() async throws {
    let there = try Pretended(proxies: "203.0.113.7")
    there.answer(SignInsMethods.enter) { _ in SignInReply() }
    func status(_ forwarded: String) async -> Int {
      await there.post("/sign-in/code", ["ask": "00", "code": "1"], headers: ["x-forwarded-for": forwarded]).status
    }
    for number in 0..<there.site.doorstep.triesAtMost {
      #expect(await status("9.9.9.\(number % 200), 198.51.100.1") == 403)
      #expect(await status("2001:db8:0:1::\(number)") == 403)
    }
    for one in ["198.51.100.1", "7.7.7.7, 198.51.100.1:99", "2001:db8:0:1:ffff::1"] {
      #expect(await status(one) == 429, "\(one)")
    }
    for one in ["198.51.100.2", "2001:db8:0:2::1"] { #expect(await status(one) == 403, "\(one)") }
    // And the code names who asked.
    there.answer(SignInsMethods.ask) { _ in Done() }
    _ = await there.post("/sign-in", ["person": "ana"], headers: ["x-forwarded-for": "1.1.1.1, 198.51.100.9"])
    #expect(there.requests(SignInsMethods.ask).map(\.from) == ["198.51.100.9"])
  }

  @Test func aSecretIsOneLineThatNobodyElseReads() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "proxy-secret-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    func write(_ text: String, mode: Int = 0o400) throws {
      try? FileManager.default.removeItem(atPath: file)
      try #require(
        FileManager.default.createFile(atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: mode]))
    }
    let secret = String(repeating: "5ea1", count: 8)
    try write("\(secret)\n")
    let read = try ProxySecret(reading: file)
    #expect(
      read.isShown(secret) && !read.isShown("") && !read.isShown("\(secret)\n")
        && !read.isShown(String(secret.dropLast())))
    for (text, mode) in [
      (secret, 0o440), (secret, 0o604), ("", 0o400), (String(secret.dropLast()), 0o400),
      ("\(secret)\n\(secret)", 0o400),
      ("\(secret) x", 0o400), ("\(secret),x", 0o400), (String(repeating: "a", count: 129), 0o400),
    ] {
      try write(text, mode: mode)
      #expect(throws: SiteFault.self, "\(text) \(mode)") { try ProxySecret(reading: file) }
    }
    try write("secret words")
    do { _ = try ProxySecret(reading: file) } catch { #expect(!"\(error)".contains("secret words")) }
    #expect(throws: SiteFault.self) { try ProxySecret(reading: "\(file)-none") }
  }
}
