import Bus
import Messages

/// What a tier says of its keys, and how it follows those of others.
extension Host {
  /// Called once a second.
  func watchKeys() {
    guard keys.areDemanded else { return }
    if let words = turnedAway.news(server.turnedAway, problem: server.keyProblem, test: selfTest.trouble) {
      log.warning("\(words)")
    }
    followPeers()
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

/// Says each thing about keys once, when it is new.
struct TurnedAway {
  private var told: [String: String] = [:]
  private var problem = ""
  private var test = ""

  mutating func news(_ doors: [(door: String, words: String)], problem: KeyFileError?, test: String?) -> String? {
    var news: [String] = []
    for (door, words) in doors where !words.isEmpty && told[door] != words {
      told[door] = words
      news.append("turned away at the door for \(door): \(words)")
    }
    let found = problem.map { "\($0); the list before it stays in force" } ?? ""
    if found != self.problem {
      self.problem = found
      news.append(found.isEmpty ? "the list of keys is well again" : found)
    }
    if test ?? "" != self.test {
      self.test = test ?? ""
      news.append(test ?? "its doors are locked and answered again")
    }
    return news.isEmpty ? nil : news.joined(separator: "; ")
  }
}
