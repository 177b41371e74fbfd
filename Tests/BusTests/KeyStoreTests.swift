import Addresses
import Bus
import CivilTime
import Glibc
import Messages
import Testing

/// The list of those who may come in, and the files of keys.
@Suite struct KeyStoreTests {
  private static let from = Instant(rfc3339: "2026-11-01T00:00:00Z")!
  private static let now = Instant(rfc3339: "2026-11-29T00:00:00Z")!
  private let key = try! KeyPair.make().publicKey

  private func line(_ rest: String, principal: String = "ana") -> String {
    "\(principal) roles=responder key=\(key) from=2026-11-01T00:00:00Z\(rest)\n"
  }

  @Test func aListIsReadAsItIsWritten() throws {
    let full = AuthorizedKey(
      "prometheus", roles: .source, key: try KeyPair.make().publicKey, from: Self.from,
      until: Self.now + .minutes(1), revokedAt: Self.now,
      addresses: [IPNetwork("10.0.0.0/8")!, IPNetwork("::1")!])
    let short = AuthorizedKey("ana", roles: [.responder, .lead], key: key, from: Self.from)
    let text = "# a remark\n\n\(full.line)\n\(short.line)\n"
    let store = try KeyStore(text: text, path: "authorized")
    #expect(store.keys == [full, short])
    #expect(try KeyStore(text: store.text, path: "authorized") == store)
  }

  /// Lists that earlier versions wrote keep nobody out.
  @Test func aTenantOfEarlierVersionsSaysNothing() throws {
    let store = try KeyStore(text: line(" tenant=acme"), path: "authorized")
    #expect(store.keys.map(\.principal) == ["ana"] && !store.text.contains("tenant"))
  }

  @Test func whoIsSoonOutIsNamedByTheLastOfTheirKeys() throws {
    let (soon, later) = (Self.now + .days(3), Self.now + .days(90))
    func key(_ principal: String, until: Instant = .unset, revokedAt: Instant = .unset) throws -> String {
      AuthorizedKey(
        principal, roles: .source, key: try KeyPair.make().publicKey, from: Self.from, until: until,
        revokedAt: revokedAt
      ).line + "\n"
    }
    let store = try KeyStore(
      text: key("rotated", until: soon) + key("rotated", until: later) + key("ending", until: soon)
        + key("endless", until: soon) + key("endless") + key("revoked", until: soon, revokedAt: Self.now)
        + key("over", until: Self.now - .days(1)) + key("forgotten", until: Self.now - .days(8)), path: "authorized")
    #expect(
      store.ends(at: Self.now).map { "\($0.principal) \($0.until.rfc3339)" }
        == ["over 2026-11-28T00:00:00Z", "ending \(soon.rfc3339)", "rotated \(later.rfc3339)"])
  }

  /// Each slip of somebody who edits the file by hand, and what they are told.
  @Test func aWrongLineIsNamedWithItsRule() throws {
    let published = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
    let slips: [(String, Int, String)] = [
      ("# only remarks\n", 0, "names no key"),
      (line("") + "an a!\n", 2, "is none of roles="),
      ("ä roles=lead\n", 1, "begins with a principal"),
      ("ana roles=boss key=\(key) from=2026-11-01T00:00:00Z\n", 0, "names no key"),
      (
        "ana roles=boss key=\(try KeyPair.make().publicKey) from=2026-11-01T00:00:00Z\n" + line(""), 2,
        "ana has a line with a role that this version doesn't know"
      ),
      ("ana key=\(key) from=2026-11-01T00:00:00Z\n", 1, "roles= is missing"),
      ("ana roles=lead key=abc from=2026-11-01T00:00:00Z\n", 1, "key= needs a public key of 40 letters"),
      ("ana roles=lead key=\(published) from=2026-11-01T00:00:00Z\n", 1, "not one that everybody knows"),
      ("ana roles=lead key=\(key)\n", 1, "from= is missing"),
      ("ana roles=lead key=\(key) from=yesterday\n", 1, "from= needs an instant"),
      (line(" until=2026-10-01T00:00:00Z"), 1, "until= is not after from="),
      (line(" addresses=10.0.0.0/40"), 1, "no address or range"),
      (line(" addresses="), 1, "addresses= has \"\", which is no address"),
      (line(" addresses=,"), 1, "addresses= has \"\", which is no address"),
      (line(" addresses=10.0.0.0/8,"), 1, "addresses= has \"\", which is no address"),
      (line(" colour=red"), 1, "\"colour=red\" is none of"),
      (line(" from=2026-11-01T00:00:00Z"), 1, "from is given twice"),
      (line("") + line("", principal: "ben"), 2, "is there already"),
      (
        line("") + "ana roles=lead key=\(try KeyPair.make().publicKey) from=2026-11-01T00:00:00Z\n", 2,
        "has other roles"
      ),
    ]
    for (text, number, rule) in slips {
      do {
        _ = try KeyStore(text: text, path: "authorized")
        Issue.record("was taken: \(text)")
      } catch {
        #expect(error.line == number && error.rule.contains(rule), "\(text): \(error)")
      }
    }
  }

  /// A newer version's list, or a slip: nobody else is locked out for it, and writing the list loses nothing of it.
  @Test func aLineWithAnUnknownRoleIsSkippedAndKept() throws {
    let newer = "wall roles=observer,hologram key=\(try KeyPair.make().publicKey) from=2026-11-01T00:00:00Z"
    let text = "# who may come in\n\(newer)\n\(line(""))"
    let store = try KeyStore(text: text, path: "authorized")
    #expect(store.keys.map(\.principal) == ["ana"] && store[key] != nil)
    let skipped = try #require(store.skipped.first)
    #expect(skipped.principal == "wall" && store.skipped.count == 1)
    #expect(skipped.description.hasPrefix("line 2 (wall) is skipped: roles= has \"hologram\", which is none of source"))
    let again = try KeyStore(text: store.text, path: "authorized")
    #expect(store.text.contains(newer) && again.keys == store.keys && again.skipped.map(\.principal) == ["wall"])
  }

  @Test(arguments: [
    ("", KeyObjection?.none),
    (" until=2026-11-29T00:00:00Z", .expired(at: now)),
    (" until=2026-11-29T00:00:01Z", nil),
  ])
  func aKeyIsValidFromItsFirstInstantUntilItsLast(_ rest: String, _ objection: KeyObjection?) throws {
    let store = try KeyStore(text: line(rest), path: "authorized")
    #expect(try #require(store[key]).objection(at: Self.now) == objection)
    #expect(store[key]?.objection(at: Self.from - .milliseconds(1)) == .notYet(from: Self.from))
    #expect(store[try KeyPair.make().publicKey] == nil)
  }

  /// The instant is for people: a clock that steps back brings no revoked key back.
  @Test(arguments: ["2026-11-28T00:00:00Z", "2026-11-29T00:00:01Z", "2099-01-01T00:00:00Z"])
  func aRevokedKeyIsRevokedWhateverTheClockSays(_ text: String) throws {
    let store = try KeyStore(text: line(" revoked=\(text)"), path: "authorized")
    let at = Instant(rfc3339: text)!
    for now in [Instant(milliseconds: 1), Self.now, at] {
      #expect(store[key]?.objection(at: now) == .revoked(at: at))
    }
  }

  @Test func rangesOfAddresses() throws {
    let within: [(String, String)] = [
      ("10.1.0.0/16", "10.1.255.255"), ("10.1.2.3", "10.1.2.3"), ("0.0.0.0/0", "8.8.8.8"), ("::1", "::1"),
      ("fd00::/8", "fdab::1"), ("10.0.0.0/8", "::ffff:10.2.3.4"),
    ]
    let outside: [(String, String)] = [
      ("10.1.0.0/16", "10.2.0.0"), ("10.1.2.3", "10.1.2.4"), ("::1", "127.0.0.1"), ("fd00::/8", "fe00::1"),
      ("10.0.0.0/8", "localhost"), ("10.0.0.0/8", ""), ("0.0.0.0/0", "::1"),
    ]
    for (range, address) in within {
      #expect(try #require(IPNetwork(range)).contains(address), "\(range) \(address)")
    }
    for (range, address) in outside {
      #expect(try !#require(IPNetwork(range)).contains(address), "\(range) \(address)")
    }
    for text in ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "host", "::/129", "10.0.0.0/-1"] {
      #expect(IPNetwork(text) == nil, "\(text)")
    }
  }

  @Test func onlyThisMachinesEndpointsAreLocal() {
    for local in [
      "tcp://127.0.0.1:7101", "tcp://127.8.0.1:*", "tcp://[::1]:7101", "tcp://localhost:1", "ipc:///run/x",
      "inproc://x",
    ] {
      #expect(Endpoint.isLocal(local), "\(local)")
    }
    for open in [
      "tcp://*:7101", "tcp://0.0.0.0:7101", "tcp://10.0.0.5:1", "tcp://127.evil.example:1", "tcp://eth0:1",
      "tcp://[::]:1",
      "tcp://", "tcp://:7101", "udp://127.0.0.1:1", "tcp://127.0.0.1",
    ] {
      #expect(!Endpoint.isLocal(open), "\(open)")
    }
  }

  // MARK: Files

  @Test func aSecretThatOthersMayReadIsRefused() throws {
    try withFolder { folder in
      let pair = try KeyPair.make()
      let path = "\(folder)/ana.secret"
      try SecretKeyFile.write(pair, of: "ana", to: path)
      #expect(try SecretKeyFile.read(path).publicKey == pair.publicKey)
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o400)
      for mode: mode_t in [0o440, 0o404, 0o420, 0o666] {
        chmod(path, mode)
        #expect { try SecretKeyFile.read(path) } throws: { "\($0)".contains("can be read by others") }
      }
    }
  }

  @Test func aSecretIsNeverShown() throws {
    let pair = try KeyPair.make()
    for text in [
      "\(pair)", String(describing: pair), String(reflecting: pair), "\(ClientKeys(own: pair, server: key))",
    ] {
      #expect(!text.contains(pair.secret), "\(text)")
    }
    try withFolder { folder in
      write("secret \(pair.secret.dropLast())\n", "\(folder)/cut", 0o400)
      #expect { try SecretKeyFile.read("\(folder)/cut") } throws: { !"\($0)".contains(pair.secret.prefix(12)) }
    }
  }

  @Test func aSecretThatDoesNotBelongToItsPublicKeyIsRefused() throws {
    try withFolder { folder in
      write("public \(key)\nsecret \(try! KeyPair.make().secret)\n", "\(folder)/mixed", 0o400)
      #expect { try SecretKeyFile.read("\(folder)/mixed") } throws: { "\($0)".contains("don't belong together") }
    }
  }

  @Test func aListThatOthersMayWriteIsRefused() throws {
    try withFolder { folder in
      write(line(""), "\(folder)/authorized", 0o622)
      #expect { try KeyStore.read("\(folder)/authorized") } throws: { "\($0)".contains("can be written by others") }
    }
  }

  @Test func aChangedListIsTakenOverWholeAndABrokenOneNotAtAll() throws {
    try withFolder { folder in
      let path = "\(folder)/authorized"
      write(line(""), path, 0o600)
      let ring = try KeyRing(path: path)
      #expect(ring.store[key]?.principal == "ana" && ring.problem == nil)
      for broken in ["ana roles=lead\n", "", String(line("").dropLast(9)), String(line("").dropLast())] {
        write(broken, path, 0o600)
        ring.look()
        #expect(ring.store[key]?.principal == "ana" && ring.problem != nil, "\(broken)")
      }
      write(line(" revoked=2026-11-29T00:00:00Z"), path, 0o600)
      ring.look()
      #expect(ring.store[key]?.revokedAt.isSet == true && ring.problem == nil)
      unlink(path)
      ring.look()
      #expect(ring.store.keys.count == 1 && ring.problem?.rule.contains("can't be read") == true)
    }
  }

  /// Whatever keeps a file from being read for a moment, such as a limit of open files, must not keep a revoked key in force.
  @Test func aListThatCouldNotBeReadIsTriedAgainUnchanged() throws {
    try withFolder { folder in
      let path = "\(folder)/authorized"
      write(line(""), path, 0o600)
      let (reads, failing) = (Counter(), 2...3)
      let ring = try KeyRing(path: path) { path throws(KeyFileError) in
        reads.add()
        guard !failing.contains(reads.count) else { throw KeyFileError(path, isPassing: true, "can't be read") }
        return try KeyStore.read(path)
      }
      write(line(" revoked=2026-11-29T00:00:00Z"), path, 0o600)
      for _ in failing {
        ring.look()
        #expect(ring.store[key]?.revokedAt.isSet == false && ring.problem?.rule == "can't be read")
      }
      ring.look()
      #expect(ring.store[key]?.revokedAt.isSet == true && ring.problem == nil && reads.count == 4)
      // What is wrong with the file itself is found once.
      write("ana roles=lead\n", path, 0o600)
      for _ in 0..<3 { ring.look() }
      #expect(ring.problem != nil && reads.count == 5)
    }
  }

  private func write(_ text: String, _ path: String, _ mode: mode_t) {
    unlink(path)
    let descriptor = open(path, O_WRONLY | O_CREAT, mode)
    #expect(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
    fchmod(descriptor, mode)
    close(descriptor)
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/keys-XXXXXX".utf8CString)
    let folder = try #require(
      template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!).map { String(cString: $0) } })
    defer {
      for name in ["authorized", "ana.secret", "cut", "mixed"] { unlink("\(folder)/\(name)") }
      rmdir(folder)
    }
    try body(folder)
  }
}
