import Bus
import Logging
import Messages

/// A tier's own key, whom it lets in, and by which key it knows the others; or none of that, on loopback, where somebody has said so.
struct TierKeys: Sendable {
  /// nil: this tier runs without keys.
  private let directory: KeyDirectory?
  let server: ServerKeys?
  private let name: String

  /// - Throws: what is wrong with which file, or which option is missing.
  init(_ tier: String, _ options: HostOptions) throws {
    name = tier
    guard let path = options.keys else {
      try Self.checkLoopback(options)
      directory = nil
      server = nil
      return
    }
    guard !options.insecureLoopback else { throw HostFailure("give --keys or --insecure-loopback, not both") }
    guard KeyPair.isPossible else {
      throw HostFailure(
        "libzmq \(Context.version) was built without CURVE (libsodium or tweetnacl): it can't keep strangers out")
    }
    let directory = KeyDirectory(path)
    try directory.check()
    let own = try directory.secret(of: tier)
    let ring = try KeyRing(path: directory.authorizedPath)
    self.directory = directory
    server = ServerKeys(own: own, ring: ring)
  }

  private static func checkLoopback(_ options: HostOptions) throws {
    guard options.insecureLoopback else {
      throw HostFailure(
        "without keys anybody who reaches a port can page and silence people: give --keys DIR (tocsinctl keys init makes "
          + "one), or --insecure-loopback to run without on this machine only")
    }
    for endpoint in options.listen + options.listenSources where !Endpoint.isLocal(endpoint) {
      throw HostFailure("--insecure-loopback is for endpoints of this machine only, and \(endpoint) isn't one")
    }
  }

  var areDemanded: Bool { server != nil }

  /// Why the other tiers don't let this one in; nil: they do. It works on all the same: what it has, and what others bring it, may
  /// be a page that can go out.
  func ownTrouble(at now: Instant) -> String? {
    guard let server else { return nil }
    let own = server.own.publicKey
    let words: String
    if let known = server.ring.store[own] {
      if known.principal == name, known.roles.contains(.service) {
        guard let objection = known.objection(at: now) else { return nil }
        words = "\(objection)"
      } else {
        words = "it is on the list of keys as that of \(known.principal), with the role \(known.roles.words)"
      }
    } else {
      words = "it is not on the list of keys"
    }
    return "no other tier lets in its own key \(own.short)…: \(words)"
  }

  /// What mends `ownTrouble`.
  var nextKey: String {
    "tocsinctl keys rotate \(name) (where none is left to rotate: keys create \(name) --role service), and start it anew"
  }

  /// What is shown to a peer, and demanded of it; nil without keys.
  func shown(to peer: Peer) throws -> ClientKeys? {
    guard let directory, let server else { return nil }
    // Several intakes are one to whoever calls them.
    let name = peer.intakeNumber == nil ? peer.tierName : Peer.intake.tierName
    guard let key = try directory.tiers()[name] else {
      throw KeyFileError(directory.tiersPath, "has no key of \(name)")
    }
    return ClientKeys(own: server.own, server: key)
  }
}
