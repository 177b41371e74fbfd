import Bus
import Configuration
import Messages
import Wire

/// Several intakes behind one address list. Reports go to whichever answers; what each of them has to know is sent to each, and what
/// each knows for itself is asked of each.
extension Cluster {
  /// Within this a report has been tried at every intake, so that one that is gone delays it by less than two seconds.
  private static let triedEverywhere = Span.milliseconds(1_900)

  /// Reports to the first intake that answers: one after the other, with the same idempotency key, again and again for as long as
  /// there is time. The one that answered is where the next report begins.
  func report<Request, Reply>(_ method: Method<Request, Reply>, _ request: Request) async throws -> Reply {
    guard intakes.count > 1 else { return try await call(.intake, method, request) }
    let patience = Span.milliseconds(Self.triedEverywhere.milliseconds / Int64(intakes.count))
    let key = IdempotencyKey.make()
    let clock = ContinuousClock()
    let end = clock.now + .milliseconds(timeout.milliseconds)
    var last = Refusal(.deadlineExceeded, "no answer within the time given")
    while clock.now < end {
      let left = Span.milliseconds(Int64((end - clock.now) / .milliseconds(1)))
      let tier = intakes[reporting % intakes.count]
      let place = reporting
      do throws(Refusal) {
        return try await call(tier, method, request, timeout: max(.milliseconds(1), min(left, patience)), key: key)
      } catch {
        guard Failure(error.status) == .unavailable else { throw error }
        last = error
      }
      // Another report under way may have gone on already.
      if reporting == place { reporting += 1 }
    }
    throw last
  }

  /// Asks each intake, in the order of their numbers; an answer or a refusal of each.
  func each<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request
  ) async throws -> [(tier: Tier, answer: Result<Reply, Refusal>)] {
    var answers: [(tier: Tier, answer: Result<Reply, Refusal>)] = []
    for tier in intakes {
      do {
        answers.append((tier, .success(try await call(tier, method, request))))
      } catch let refusal as Refusal {
        answers.append((tier, .failure(refusal)))
      }
    }
    return answers
  }

  /// What all intakes know. One that doesn't answer is said, and what the others know is better than nothing.
  ///
  /// - Throws: the refusal, where none has answered.
  func known<Request, Reply>(_ method: Method<Request, Reply>, _ request: Request) async throws -> [(Tier, Reply)] {
    let answers = try await each(method, request)
    let known = answers.compactMap { one in (try? one.answer.get()).map { (one.tier, $0) } }
    for case (let tier, .failure(let refusal)) in answers where !known.isEmpty {
      Failure.say("\(tier.name) is not among it: \(Failure.describe(refusal))")
    }
    if known.isEmpty, case .failure(let refusal)? = answers.first?.answer { throw refusal }
    return known
  }
}
