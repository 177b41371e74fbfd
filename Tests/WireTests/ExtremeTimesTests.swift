import CivilTime
import Foundation
import Machinery
import Messages
import Simulation
import Synchronization
import Testing
import Wire

@testable import Tiers

/// Whatever time anybody names, in any request to any tier: it is taken or refused, and ends no process, at once or later.
///
/// Each request is as plausible as its fields' names allow, and has one time after the other at each extreme; what is taken stays, so
/// that clocks, checkpoints, debts and later requests meet it too.
@Suite(.serialized) struct ExtremeTimesTests {
  private static let now = Instant(milliseconds: 1_796_000_000_000)
  private static let cluster = Result {
    try ShippedCluster(
      repository: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent())
  }

  @Test func alertIntake() throws {
    let cluster = try Self.cluster.get()
    try Walk(.intake(), cluster.slices.intake, "/tocsin.intake.v1.Intake/Configure", at: Self.now).all()
  }

  @Test func scheduler() throws {
    let cluster = try Self.cluster.get()
    try Walk(
      .scheduler(zones: cluster.zones), cluster.slices.schedule, "/tocsin.schedule.v1.Schedule/Configure", at: Self.now
    ).all()
  }

  @Test func escalator() throws {
    let cluster = try Self.cluster.get()
    try Walk(
      .escalator(zones: cluster.zones), cluster.slices.escalation, "/tocsin.escalation.v1.Escalation/Configure",
      at: Self.now
    ).all()
  }

  @Test func notifier() throws {
    let cluster = try Self.cluster.get()
    let drawn = Mutex<UInt8>(0)
    let keys = ContactKeys(
      ContactKeyRing(), place: "a test",
      draw: {
        let number = drawn.withLock { number in
          number += 1
          return number
        }
        return [UInt8](repeating: number, count: 32)
      }, write: { _ in })
    try Walk(
      .notifier(zones: cluster.zones, contactKeys: keys), cluster.slices.notification,
      "/tocsin.notification.v1.Notification/Configure", at: Self.now
    ).all()
  }
}

/// One tier, asked by all of its methods.
private final class Walk<Rules: Machine> {
  private let tier: Tier<Rules>
  private let engine: Engine<Rules, Int>
  private let configuration: [UInt8]
  private let configure: String
  private let now: Instant
  private let requests = PlausibleRequests()
  private var taken = 0
  private var refused = 0

  init(_ tier: Tier<Rules>, _ configuration: [UInt8], _ configure: String, at now: Instant) {
    self.tier = tier
    self.configuration = configuration
    self.configure = configure
    self.now = now
    engine = tier.makeEngine(ticket: Int.self)
    engine.start(Started(bootId: "test", bootTime: .hours(1), wallAt: now), at: now)
  }

  func all() throws {
    ask(configure, configuration)
    #expect(taken == 1, "the shipped configuration was refused")
    let paths = tier.methodPaths.sorted { (Self.turn(of: $0), $0) < (Self.turn(of: $1), $1) }
    for path in paths + paths where path != configure && Self.turn(of: path) < 2 {
      ask(path, requests.request(try input(of: path)))
    }
    #expect(taken > paths.count / 2, "of \(2 * paths.count) plausible requests \(taken) were taken")
    for path in paths {
      let message = try input(of: path)
      for place in requests.times(of: message) {
        for time in PlausibleRequests.extremes { ask(path, requests.request(message, [place: time])) }
      }
      let all = requests.times(of: message)
      for time in PlausibleRequests.extremes where all.count > 1 {
        ask(path, requests.request(message, Dictionary(uniqueKeysWithValues: all.map { ($0, time) })))
      }
      try goOn(after: path)
    }
    // What is configured, with each of its times at each extreme.
    let message = try input(of: configure)
    for (place, bytes) in requests.changed(configuration, message) {
      ask(configure, bytes)
      try goOn(after: "\(configure) \(place)")
    }
    #expect(refused > 0)
  }

  /// What tiers hand over comes first: people then do something about it. What ends things comes last.
  private static func turn(of path: String) -> Int {
    if path.contains("/Put") { return 0 }
    return ["/Resolve", "/Merge", "/CloseAlert", "/End", "/Remove", "/SignOut", "/Erase"].contains { path.contains($0) }
      ? 2 : 1
  }

  private func input(of path: String) throws -> String { try #require(Schema.method(path)).input }

  /// As the real host does, without waiting for a disk.
  private func ask(_ path: String, _ payload: [UInt8]) {
    let began = ContinuousClock.now
    do throws(Refusal) {
      if let command = tier.commands[path] {
        let caller = Caller(principal: Principal("root", roles: .all))
        let given = try command.input(payload, caller)
        let standing = tier.standing
        let refusal = engine.receive(given, as: nil, ticket: 0, at: now, encode: command.answer) {
          [now] rules, answer in
          _ = standing(rules, given, answer, now)
          return { rules in
            _ = standing(rules, given, answer, now)
            return nil
          }
        }
        if let refusal { throw refusal }
      } else if let query = tier.queries[path] {
        _ = try query.answer(engine.rules, payload, now)
      } else if let query = tier.pastQueries[path] {
        _ = try query.subject(engine.rules, payload)
        _ = try query.answer(engine.rules, payload, Past(lines: [], remembered: nil))
      } else if let query = tier.reports[path] {
        _ = query.answer(engine.rules)(try query.request(payload, now), HistoryFigures())
      } else if let query = tier.rehearsals[path] {
        _ = try query.prepare(engine.rules, payload, now).answer([], HistoryFigures())
      } else if let watch = tier.watch, watch.path == path {
        _ = try watch.wanted(payload)
      }
      taken += 1
    } catch {
      refused += 1
    }
    #expect(ContinuousClock.now - began < .seconds(5), "\(path) took \(ContinuousClock.now - began)")
  }

  /// Time passes, debts are paid, a checkpoint is made and read, and lines of history are told.
  private func goOn(after what: String) throws {
    let began = ContinuousClock.now
    for span in [Span.zero, .minutes(5)] {
      for _ in 0..<4 where engine.lapse(at: now + span) {}
      engine.stagePayments(at: now + span)
      for row in engine.takeBatch() {
        let entry = try tier.codec.decode(row.body)
        for fact in entry.facts {
          for line in tier.lines(fact, entry.at, 1) { _ = TimelineLine(line).encoded() }
          _ = tier.tallies(fact, entry.at)
          _ = tier.deed(fact, entry.at)
          _ = tier.logged(fact)
          _ = tier.remembered(fact)
        }
      }
      engine.durable(through: engine.decidedThrough)
      engine.takeReplies { _ in }
      engine.takePayments { payment in _ = tier.pay(payment.debt, now) }
      _ = tier.endToEnd(engine.rules, now + span)
    }
    let folded = tier.makeEngine(ticket: Never.self)
    for entry in engine.condensed(at: now) { try folded.replay(tier.codec.encode(entry), sequence: nil) }
    folded.clockStepped(by: .hours(-3), at: now)
    folded.lapse(at: now)
    #expect(ContinuousClock.now - began < .seconds(20), "after \(what): \(ContinuousClock.now - began)")
  }
}

/// Requests as their fields' names suggest them.
private struct PlausibleRequests {
  static let extremes: [Int64] = [
    .min, .min + 1, -(1 << 62), -Lint.longest, -1, 1, 253_402_300_798_999, Lint.longest, Lint.longest + 1, 1 << 62,
    .max - 1, .max,
  ]
  typealias Place = [UInt64]

  private let schema = EmbeddedFields()
  private static let now: Int64 = 1_796_000_000_000
  /// By a field's name, or by its message's and its own.
  private static let texts = [
    "team": "platform", "service": "aion-web-api", "source": "demo", "incident_id": "2f-1", "alert_id": "2f-1",
    "id": "2f-1", "page_id": "2f-1/ana/1", "by": "tara", "person": "ana", "people": "ana", "to": "ben", "giver": "ana",
    "takers": "ben", "lead": "tara", "time_zone": "Europe/Berlin", "date": "2026-12-09", "start_date": "2026-12-09",
    "from": "2026-12-09", "until": "2026-12-16", "from_date": "2026-11-01", "until_date": "2026-12-01",
    "completed_on": "2026-11-02", "channel": "email", "channels": "email", "name": "backup", "item": "before-1",
    "task": "backup", "into_incident_id": "2f-2", "into": "2f-2", "dedup_key": "disk/db-1",
    "address": "ana@example.com", "swap_id": "swap-1", "override_id": "override-1", "absence_id": "absence-1",
    "shadow_id": "shadow-1", "ask": "0123456789abcdef0123456789abcdef", "code": "12345678", "after": "",
    "link": "https://tocsin.example.com/x",
    "Person.id": "ana", "Team.id": "platform", "Post.id": "post-1", "Silence.id": "silence-3",
    "SilenceRequest.id": "silence-3", "SilenceEnding.id": "silence-3", "PageLink.token": "1.email.1.x.y",
  ]

  private func fields(_ message: String) -> [EmbeddedFields.Field] {
    var seen: Set<UInt64> = []
    return (schema.messages[message] ?? []).filter { $0.oneof.map { seen.insert($0).inserted } ?? true }
      .sorted { $0.number < $1.number }
  }

  private static func isTime(_ field: EmbeddedFields.Field) -> Bool { field.type == 3 && field.name.hasSuffix("_ms") }

  /// Where times stand in a message, to four messages deep.
  func times(of message: String, depth: Int = 1) -> [Place] {
    fields(message).flatMap { field -> [Place] in
      if Self.isTime(field) { return [[field.number]] }
      guard field.type == 11, depth < 4 else { return [] }
      return times(of: field.typeName, depth: depth + 1).map { [field.number] + $0 }
    }
  }

  /// - Parameter times: what stands at some places instead.
  func request(_ message: String, _ times: [Place: Int64] = [:], depth: Int = 1) -> [UInt8] {
    Wired.message { wired in
      for field in fields(message) {
        if field.type == 11 {
          let inner = Dictionary(
            uniqueKeysWithValues: times.filter { $0.key.first == field.number }.map {
              (Array($0.key.dropFirst()), $0.value)
            }
          )
          if depth < 4 { wired.delimited(field.number, request(field.typeName, inner, depth: depth + 1)) }
        } else if let time = times[[field.number]] {
          put(field, UInt64(bitPattern: time), &wired)
        } else {
          put(field, of: message, &wired)
        }
      }
    }
  }

  private func put(_ field: EmbeddedFields.Field, _ number: UInt64, _ wired: inout Wired) {
    if field.isRepeated {
      wired.delimited(field.number, Wired.varint(number))
    } else if number != 0 {
      wired.number(field.number, number)
    }
  }

  private func put(_ field: EmbeddedFields.Field, of message: String, _ wired: inout Wired) {
    switch field.type {
    case 1: wired.fixed(field.number, Double(1).bitPattern)
    case 6: wired.fixed(field.number, UInt64(1))
    case 7: wired.fixed(field.number, UInt32(1))
    case 3 where field.name.hasSuffix("_at_ms"):
      // Weeks ahead where somebody arranges something, now where something has happened.
      let days: Int64 = field.name.contains("until") ? 28 : field.name == "from_at_ms" ? 21 : 0
      put(field, UInt64(Self.now + days * 86_400_000), &wired)
    case 3 where Self.isTime(field): put(field, 600_000, &wired)
    case 8: break
    case 9:
      let own = message.split(separator: ".").last.map { "\($0).\(field.name)" } ?? ""
      let text = Self.texts[own] ?? Self.texts[field.name] ?? "words"
      if !text.isEmpty { wired.text(field.number, text) }
    case 12: wired.delimited(field.number, [UInt8](repeating: 1, count: 16))
    case 14: put(field, schema.enums[field.typeName]?.first { $0 != 0 } ?? 0, &wired)
    default: put(field, 1, &wired)
    }
  }

  /// A message with the first time of each kind in it at each extreme.
  func changed(_ bytes: [UInt8], _ message: String) -> [(place: String, bytes: [UInt8])] {
    var kinds: [String] = []
    _ = rewritten(bytes, message) { kind, _ in
      if !kinds.contains(kind) { kinds.append(kind) }
      return nil
    }
    return kinds.flatMap { wanted in
      Self.extremes.map { extreme in
        var isDone = false
        let changed = rewritten(bytes, message) { kind, _ in
          guard kind == wanted, !isDone else { return nil }
          isDone = true
          return extreme
        }
        return ("\(wanted) \(extreme)", changed)
      }
    }
  }

  private func rewritten(
    _ bytes: [UInt8], _ message: String, _ change: (_ kind: String, _ now: Int64) -> Int64?
  ) -> [UInt8] {
    let all = Dictionary(uniqueKeysWithValues: (schema.messages[message] ?? []).map { ($0.number, $0) })
    var rest = bytes[...]
    func varint() -> UInt64 {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while let byte = rest.popFirst() {
        value |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { break }
        shift += 7
      }
      return value
    }
    return Wired.message { wired in
      while !rest.isEmpty {
        let tag = varint()
        let (number, type) = (tag >> 3, tag & 7)
        switch type {
        case 0:
          let value = varint()
          guard let field = all[number], Self.isTime(field) else {
            wired.number(number, value)
            continue
          }
          let time = change("\(message).\(field.name)", Int64(bitPattern: value))
          wired.number(number, time.map { UInt64(bitPattern: $0) } ?? value)
        case 2:
          let count = Int(varint())
          let content = Array(rest.prefix(count))
          rest = rest.dropFirst(count)
          guard let field = all[number], field.type == 11 else {
            wired.delimited(number, content)
            continue
          }
          wired.delimited(number, rewritten(content, field.typeName, change))
        default:
          let count = type == 1 ? 8 : 4
          wired.raw(Wired.varint(tag) + rest.prefix(count))
          rest = rest.dropFirst(count)
        }
      }
    }
  }
}
