import Bus
import Glibc
import Messages
import Wire

/// What a tier says of its keys, and how it follows those of others.
extension Host {
  /// Whoever has none of the roles that a method needs is told, before anything of the payload is read.
  func mayCall(_ call: IncomingCall) -> Bool {
    guard let refusal = MethodAccess.of(call.path).objection(to: call.principal) else { return true }
    note(refusal, of: call, hasRead: false)
    refuse(call, refusal)
    return false
  }

  /// A peer that doesn't let this tier in is as good as away: a key is mended, and nothing that is owed is given up for it.
  func owing(_ status: Status) -> Status {
    status == .unauthenticated || status == .permissionDenied ? .unavailable : status
  }

  /// Called once a second.
  func watchKeys() {
    guard keys.areDemanded else { return }
    if let words = turnedAway.news(
      server.turnedAway, problem: server.keyProblem, skipped: server.skippedKeys,
      test: selfTest.trouble ?? selfTest.remark, at: Self.elapsed)
    {
      log.warning("\(words)")
    }
    tellOfOwnKey()
    noteTurnedAway()
    noteKeys()
    followPeers()
  }

  /// Of each principal whose last key ends, by the wall clock, which is what keys go by.
  var keyEnds: [(end: KeyEnd, left: Span)] {
    let now = TierClock.read(CLOCK_REALTIME)
    return keys.server?.ring.store.ends(at: now).map { ($0, $0.until - now) } ?? []
  }

  /// What this tier owes stays owed while the others don't let it in, and only people can mend that.
  func tellOfOwnKey() {
    let trouble = keys.ownTrouble(at: TierClock.read(CLOCK_REALTIME))
    guard turnedAway.isNews(ofOwnKey: trouble) else { return }
    if let trouble {
      log.critical("\(trouble). \(keys.nextKey)")
    } else {
      log.notice("its own key is good again")
    }
  }

  /// A peer that can't be reached may have another key by now: it was rotated, and started again with it.
  private func followPeers() {
    for (peer, client) in clients where !client.isConnected {
      do {
        guard let shown = try keys.shown(to: peer), shown.server != client.keys?.server else { continue }
        try client.show(shown)
        log.notice("\(peer) is known by the key \(shown.server.short)… from now on")
      } catch {
        log.error("\(error)")
      }
    }
  }
}

/// Says each thing about keys once, when it is new; whom a door has turned away only now and then, whoever knocks how often.
struct TurnedAway {
  private static let pause = Span.seconds(10)
  private var told: [String: String] = [:]
  private var toldAt: Span?
  private var problem = ""
  private var skipped = ""
  private var test = ""
  private var ownKey: String?

  mutating func isNews(ofOwnKey trouble: String?) -> Bool {
    defer { ownKey = trouble }
    return ownKey != trouble
  }

  /// - Parameter now: elapsed time of this machine.
  mutating func news(
    _ doors: [(door: String, reason: String, words: String)], problem: KeyFileError?, skipped: String?, test: String?,
    at now: Span
  ) -> String? {
    var news: [String] = []
    if toldAt.map({ now >= $0 + Self.pause }) ?? true {
      for (door, reason, words) in doors where told["\(door)/\(reason)"] != words {
        told["\(door)/\(reason)"] = words
        toldAt = now
        news.append("turned away at the door for \(door): \(words)")
      }
    }
    let found = problem.map { "\($0); the list before it stays in force" } ?? ""
    if found != self.problem {
      self.problem = found
      news.append(found.isEmpty ? "the list of keys is well again" : found)
    }
    if skipped ?? "" != self.skipped {
      self.skipped = skipped ?? ""
      news.append(skipped.map { "the list of keys: \($0)" } ?? "the list of keys has no unknown roles any more")
    }
    if test ?? "" != self.test {
      self.test = test ?? ""
      news.append(test ?? "its doors are locked and answered again")
    }
    return news.isEmpty ? nil : news.joined(separator: "; ")
  }
}
