import Messages
import Synchronization
import Wire

/// Whose sessions hold, as the notifier says: asked again after a few seconds, so that whoever signs out everywhere, or leaves, is
/// out everywhere. While the notifier can't be asked, what it said within the last hour holds: who is paged must be able to look.
final class Standings: Sendable {
  static let asksAgainAfter = Span.seconds(5)
  static let holdsWithoutWord = Span.minutes(60)
  private static let peopleAtMost = 10_000

  private struct Known {
    var reply: SignInReply
    var at: Instant
  }
  private let desk: Desk
  private let known = Mutex<[String: Known]>([:])

  init(_ desk: Desk) {
    self.desk = desk
  }

  /// An empty person: not known there.
  func standing(of person: String, at now: Instant) async throws(Refusal) -> SignInReply {
    let last = known.withLock { $0[person] }
    if let last, now - last.at < Self.asksAgainAfter, now >= last.at { return last.reply }
    do throws(Refusal) {
      let reply = try await desk.ask(.notifier, SignInsMethods.check, SignInCheck(person: person))
      note(reply, of: person, at: now)
      return reply
    } catch {
      if let last, now - last.at < Self.holdsWithoutWord, error.status.isWorthRetrying { return last.reply }
      throw error
    }
  }

  func note(_ reply: SignInReply, of person: String, at now: Instant) {
    known.withLock { known in
      if known.count >= Self.peopleAtMost { known = [:] }
      // Who isn't known has no place here: names are free to invent.
      known[person] = reply.person.isEmpty ? nil : Known(reply: reply, at: now)
    }
  }
}
