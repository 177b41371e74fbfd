import Machinery
import Messages
import Notifying

/// How providers that work most of the time make trouble besides failing and refusing: each by dice of its own, so that the rest of
/// a seed stays what it was.
struct ProviderWhims {
  var random: SeededRandom
  /// Asks to be left alone for a while: 429, with Retry-After.
  var limitsOneIn = 0
  /// Answers nothing for half a minute at most, and has taken nothing.
  var hangsOneIn = 0
  /// Takes a text or call that never arrives, and says so by and by.
  var losesOneIn = 0
  /// A receipt comes minutes later, twice, or after a later one.
  var latensOneIn = 0
  var doublesOneIn = 0
  var reordersOneIn = 0
  /// Its list does not show yet what it has taken.
  var lagsOneIn = 0

  /// The channels whose provider calls back.
  static let reporting: Set<String> = ["sms", "voice"]

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func limits() -> Bool { random.oneIn(limitsOneIn) }
  mutating func hangs() -> Bool { random.oneIn(hangsOneIn) }
  mutating func loses() -> Bool { random.oneIn(losesOneIn) }
  mutating func lags() -> Bool { random.oneIn(lagsOneIn) }

  /// What it says by itself of a message that it has taken, and when.
  mutating func receipts(arrives: Bool) -> (reports: [(state: DeliveryState, after: Span)], faults: Set<Fault>) {
    var faults: Set<Fault> = []
    var after = Span.milliseconds(random.number(1...3_000))
    var reports: [(state: DeliveryState, after: Span)] = [(.accepted, after)]
    after = after + .milliseconds(random.number(200...5_000))
    if random.oneIn(latensOneIn) {
      faults.insert(.receiptLate)
      after = after + .seconds(random.number(30...600))
    }
    reports.append((arrives ? .delivered : .failed, after))
    if random.oneIn(reordersOneIn) {
      faults.insert(.receiptReordered)
      reports[0].after = after + .milliseconds(random.number(1...20_000))
    }
    if random.oneIn(doublesOneIn), let again = reports.randomElement(using: &random) {
      faults.insert(.receiptDoubled)
      reports.append((again.state, again.after + .milliseconds(random.number(0...60_000))))
    }
    return (reports, faults)
  }
}

extension ProviderWhims {
  /// Some of each in most runs where providers make trouble, and in the others none.
  static func chosen(by seed: UInt64) -> ProviderWhims? {
    var whims = ProviderWhims(seed: ~seed &+ 13)
    if whims.random.oneIn(4) { return nil }
    whims.limitsOneIn = Int(whims.random.number(5...40))
    whims.hangsOneIn = Int(whims.random.number(5...40))
    whims.losesOneIn = Int(whims.random.number(4...30))
    whims.latensOneIn = Int(whims.random.number(2...10))
    whims.doublesOneIn = Int(whims.random.number(2...10))
    whims.reordersOneIn = Int(whims.random.number(2...10))
    whims.lagsOneIn = Int(whims.random.number(2...10))
    return whims
  }
}
