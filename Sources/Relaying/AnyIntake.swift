import Bus
import Messages
import Synchronization

/// One source's way to several intakes behind one address list. Its events go to the one that answered last; what has no answer there
/// in time goes to the next, so that one that is gone, hangs or is full delays them by less than two seconds.
///
/// What is tried again may be on disk at both. It has a key by then, its source's or one that `Publisher` made, by which the escalator
/// knows that it is one alert. Only a change has none, and is shown twice.
final class AnyIntake: Sendable {
  struct Line: Sendable {
    /// Publishes at this intake, within a time.
    var call: Publisher.Call
    /// False while its connection is known not to stand: it is asked when all others have been.
    var isUp: @Sendable () -> Bool
  }
  /// Within this an event has been tried at every intake.
  static let triedEverywhere = Span.milliseconds(1_900)
  /// So many of one request together: the patience is for so many, and not for a webhook of thousands.
  static let atOnce = 256

  private let lines: [Line]
  /// The place of the one that answered last.
  private let reached = Mutex(0)
  /// CLOCK_MONOTONIC, nanoseconds.
  private let now: @Sendable () -> UInt64

  /// - Parameter lines: in the order of the intakes' numbers.
  init(_ lines: [Line], now: @escaping @Sendable () -> UInt64 = { PollThread.now() }) {
    precondition(!lines.isEmpty, "an address list names an intake")
    self.lines = lines
    self.now = now
  }

  /// As `Publisher.Call`.
  func call(
    _ path: String, _ payloads: [[UInt8]], _ timeout: Span, _ then: @escaping Publisher.Then
  ) {
    guard lines.count > 1 else { return lines[0].call(path, payloads, timeout, then) }
    let run = Run(
      path: path, payloads: payloads, deadline: now() + UInt64(max(0, timeout.milliseconds)) * 1_000_000, then: then)
    goOn(run, Array(payloads.indices), [:])
  }

  // MARK: -

  private struct Run: Sendable {
    var path: String
    var payloads: [[UInt8]]
    var deadline: UInt64
    var then: Publisher.Then
  }
  private typealias Known = [Int: Result<[UInt8], Refusal>]

  private func goOn(_ run: Run, _ left: [Int], _ known: Known) {
    guard !left.isEmpty else { return run.then(run.payloads.indices.map { known[$0] ?? .failure(Self.late) }) }
    let (asked, rest) = (Array(left.prefix(Self.atOnce)), Array(left.dropFirst(Self.atOnce)))
    let place = reached.withLock { $0 }
    ask(run, asked, rest, known, at: firstUp(from: place) ?? place)
  }

  /// - Parameters:
  ///   - refusals: how many intakes have refused them at once, one after the other.
  ///   - again: how often this one has been asked, one time after the other: no other can be reached.
  private func ask(
    _ run: Run, _ asked: [Int], _ rest: [Int], _ known: Known, at place: Int, refusals: Int = 0, again: Int = 0
  ) {
    let began = now()
    guard began < run.deadline else { return goOn(run, [], known) }
    let left = Span.milliseconds(Int64((run.deadline - began + 999_999) / 1_000_000))
    // Where there is nothing to hurry for each time is longer: a disk may be slow.
    let time = min(left, .milliseconds(patience.milliseconds << Int64(again)))
    lines[place].call(run.path, asked.map { run.payloads[$0] }, time) { [self] results in
      var known = known
      var open: [Int] = []
      var isOfRate = true
      for (index, result) in zip(asked, results) {
        known[index] = result
        guard case .failure(let refusal) = result, refusal.isOfRate || refusal.isWorthElsewhere else { continue }
        open.append(index)
        isOfRate = isOfRate && refusal.isOfRate
      }
      if isOfRate || open.count < asked.count { note(place) }
      guard !open.isEmpty else { return goOn(run, rest, known) }
      // Its source sends too much: going on to another would let twice as much through.
      guard !isOfRate else { return waitOutRate(run, open, rest, known, at: place) }
      // Those who say no at once would say so again.
      let refusals = now() < began + UInt64(time.milliseconds) * 900_000 ? refusals + 1 : 0
      let following = (place + 1) % lines.count
      let next = firstUp(from: following) ?? following
      leave(place, for: next)
      guard refusals < lines.count else { return goOn(run, rest, known) }
      ask(run, open, rest, known, at: next, refusals: refusals, again: next == place ? again + 1 : 0)
    }
  }

  private func waitOutRate(_ run: Run, _ waiting: [Int], _ rest: [Int], _ known: Known, at place: Int) {
    let now = now()
    guard now < run.deadline else { return goOn(run, [], known) }
    let left = Span.milliseconds(Int64((run.deadline - now + 999_999) / 1_000_000))
    lines[place].call(run.path, waiting.map { run.payloads[$0] }, left) { [self] results in
      goOn(run, rest, known.merging(zip(waiting, results)) { $1 })
    }
  }

  /// The first whose connection stands, from a place on and round.
  private func firstUp(from place: Int) -> Int? {
    lines.indices.lazy.map { [lines] in (place + $0) % lines.count }.first { [lines] in lines[$0].isUp() }
  }

  private var patience: Span { .milliseconds(Self.triedEverywhere.milliseconds / Int64(lines.count)) }

  private func note(_ place: Int) { reached.withLock { $0 = place } }

  /// Another request under way may have gone on already.
  private func leave(_ place: Int, for next: Int) {
    reached.withLock { if $0 == place { $0 = next } }
  }

  private static let late = Refusal(.deadlineExceeded, "no answer within the time given")
}

extension Refusal {
  /// A source sends more than its intake lets through; each intake counts for itself.
  fileprivate var isOfRate: Bool { status == .resourceExhausted && field == "source" }

  /// Whether another intake may well take it: this one is gone, is full, or doesn't know the source's key yet.
  fileprivate var isWorthElsewhere: Bool {
    switch status {
    case .unavailable, .deadlineExceeded, .cancelled, .resourceExhausted, .aborted, .unauthenticated, .permissionDenied:
      true
    default: false
    }
  }
}
