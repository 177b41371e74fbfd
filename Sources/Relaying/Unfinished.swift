import Cryptography
import Messages
import Synchronization

/// What is known of a source's requests that could not be answered 2xx: which of their events are on disk already, and the key that was
/// made for those that brought none. When the very same request comes again, it goes on there.
///
/// Without it a webhook of more alerts than a source's rate limit lets through within one request would begin at its beginning each
/// time, and what has no key of its own would be opened twice when its answer came too late. It is a help and no record: whoever
/// forgets it publishes again, and what has a key is counted at intake then. So whatever else is published under a key takes that key out
/// of all of it: its alert may have ended since, and the same words are news.
final class Unfinished: Sendable {
  /// One try of a request.
  struct Try: Sendable {
    /// For events without a key; the same at each try.
    let key: String
    /// What intake said of those that it has, by their place.
    let taken: [Int: PublishReply]
    /// Grows from each try to the next, of whatever request.
    fileprivate let number: UInt64
  }
  fileprivate struct Request {
    let key: String
    var taken: [Int: (reply: PublishReply, key: String)] = [:]
    var began: UInt64
    var last: UInt64
    var running = 0
  }
  /// More than the largest body holds.
  static let eventsAtMost = 65_536
  static let requestsAtMost = 4_096
  /// Since the last try; who comes later says it anew. A try that gets no further makes it no longer than `keptAtMost`.
  static let keptFor: UInt64 = 120_000_000_000
  static let keptAtMost: UInt64 = 900_000_000_000

  fileprivate struct State {
    var requests: [RequestDigest: Request] = [:]
    var events = 0
    /// Which requests remember an event of a key.
    var holders: [String: Set<RequestDigest>] = [:]
    var running = 0
    var tries: UInt64 = 0
    /// The last try that published under a key, as long as one runs that has begun before it.
    var published: [String: UInt64] = [:]
    /// Of tries up to here it isn't known what was published meanwhile.
    var forgotten: UInt64 = 0
  }
  private let state = Mutex(State())

  /// A request's try begins: what isn't on disk of it is published now.
  ///
  /// - Parameter now: CLOCK_MONOTONIC, nanoseconds.
  func begin(_ digest: RequestDigest, _ events: [Event] = [], at now: UInt64) -> Try {
    state.withLock { state in
      if let known = state.requests[digest], known.running == 0, Self.isOver(known, at: now) { state.drop(digest) }
      if state.requests.count >= Self.requestsAtMost { state.forget(at: now) }
      var request = state.requests[digest] ?? Request(key: RandomText.hex(32), began: now, last: now)
      request.running += 1
      request.last = now
      if state.requests[digest] != nil || state.requests.count < Self.requestsAtMost {
        state.requests[digest] = request
      }
      state.running += 1
      state.tries += 1
      let published = events.enumerated().filter { !$1.dedupKey.isEmpty && request.publishes($1, at: $0) }
      state.publishes(Set(published.map(\.element.dedupKey)), but: digest)
      return Try(key: request.key, taken: request.taken.mapValues(\.reply), number: state.tries)
    }
  }

  /// And ends.
  ///
  /// - Parameters:
  ///   - isDone: it need not come again.
  ///   - taken: what is on disk now, by its place.
  func end(
    _ digest: RequestDigest, _ one: Try, _ events: [Event] = [], isDone: Bool, taken: [Int: PublishReply],
    at now: UInt64
  ) {
    state.withLock { state in
      defer {
        state.running -= 1
        if state.running == 0 { state.published = [:] }
      }
      guard var request = state.requests[digest] else { return }
      request.running -= 1
      request.last = now
      let before = request.taken.count
      if !isDone {
        for (place, reply) in taken where state.events - before + request.taken.count < Self.eventsAtMost {
          let key = place < events.count ? events[place].dedupKey : ""
          guard key.isEmpty || state.isLast(one.number, under: key) else { continue }
          request.taken[place] = (reply, key)
          if !key.isEmpty { state.holders[key, default: []].insert(digest) }
        }
      }
      state.events += request.taken.count - before
      state.requests[digest] = request
      if isDone, request.running == 0 { state.drop(digest) }
    }
  }

  /// How many events are remembered.
  var count: Int { state.withLock { $0.events } }

  /// Another thread may have looked at the clock later, and been here before.
  fileprivate static func isOver(_ request: Request, at now: UInt64) -> Bool {
    now >= request.last + keptFor || now >= request.began + keptAtMost
  }
}

extension Unfinished.Request {
  /// What must be told again lest it lapse is always told.
  fileprivate func publishes(_ event: Event, at place: Int) -> Bool {
    taken[place] == nil || event.lapseAfter != .zero
  }
}

extension Unfinished.State {
  /// Something else is published under these keys by the newest try.
  fileprivate mutating func publishes(_ keys: Set<String>, but digest: RequestDigest) {
    var others: Set<RequestDigest> = []
    for key in keys {
      if published.count >= Unfinished.eventsAtMost {
        published = [:]
        forgotten = tries
      }
      published[key] = tries
      others.formUnion(holders[key] ?? [])
    }
    for other in others where other != digest {
      guard var request = requests.removeValue(forKey: other) else { continue }
      let gone = request.taken.filter { keys.contains($0.value.key) }
      for place in gone.keys { request.taken[place] = nil }
      events -= gone.count
      requests[other] = request
      for key in Set(gone.values.map(\.key)) { release(key, of: other) }
    }
  }

  /// Whether nobody has published under a key since a try has begun.
  fileprivate func isLast(_ number: UInt64, under key: String) -> Bool {
    number >= forgotten && (published[key] ?? 0) <= number
  }

  fileprivate mutating func drop(_ digest: RequestDigest) {
    guard let request = requests.removeValue(forKey: digest) else { return }
    events -= request.taken.count
    for key in Set(request.taken.values.map(\.key)) { release(key, of: digest) }
  }

  private mutating func release(_ key: String, of digest: RequestDigest) {
    holders[key]?.remove(digest)
    if holders[key]?.isEmpty == true { holders[key] = nil }
  }

  fileprivate mutating func forget(at now: UInt64) {
    for (digest, request) in requests where request.running == 0 && Unfinished.isOver(request, at: now) { drop(digest) }
  }
}
