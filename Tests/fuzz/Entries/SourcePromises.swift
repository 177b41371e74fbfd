import AlertSources
import Alerting
import JSON
import Messages
import Wire

/// What each format of alert sources promises, whatever was sent: a refusal says in one line which field is at fault, intake takes what is
/// not refused, and no alert is milder than it says.
struct SourcePromises: Sendable {
  private static let now = Instant(milliseconds: 1_795_489_200_000)
  private static let intake = Alerts()
  private static let doorTakes = 64 * 1_024
  /// As documented, beside SEV-1 to SEV-4; read here by a table of its own.
  private static let words: [String: Severity] = [
    "critical": .sev1, "error": .sev2, "warning": .sev3, "info": .sev4, "p1": .sev1, "p2": .sev2, "p3": .sev3,
    "p4": .sev4, "p5": .sev4, "sev-1": .sev1, "sev-2": .sev2, "sev-3": .sev3, "sev-4": .sev4, "sev1": .sev1,
    "sev2": .sev2, "sev3": .sev3, "sev4": .sev4, "1": .sev1, "2": .sev2, "3": .sev3, "4": .sev4,
  ]

  /// The fields that a refusal may name; "payload" is the whole.
  var fields: Set<String>
  /// Where an alert says how bad it is.
  var severity: @Sendable (JSONValue) -> JSONValue?
  /// Of one that doesn't.
  var without = Severity.sev2
  /// Whether intake refuses what isn't ours to cut, and names the field.
  var leavesToIntake = false

  // MARK: Bodies

  /// A body of one alert.
  ///
  /// - Parameters:
  ///   - said: what it says, where that isn't JSON.
  ///   - read: nil where there is no alert in it.
  func hold(of bytes: [UInt8], saying said: JSONValue? = nil, _ read: () throws(SourceError) -> Event?) {
    do throws(SourceError) {
      guard let event = try read() else { return }
      hold(event, as: said ?? Self.json(bytes), bytes)
    } catch {
      hold(error, bytes)
    }
  }

  /// A body of many alerts, each of which is read or refused by its place.
  func hold(_ events: [Event], _ wrong: [SourceError], of alerts: [JSONValue?], _ bytes: [UInt8]) {
    promise(events.count + wrong.count == alerts.count, "each alert is read or refused: \(Self.shown(bytes))")
    for error in wrong { hold(error, bytes) }
    let refused = Set(wrong.compactMap { Self.number(in: $0.at) })
    promise(refused.count == wrong.count, "a refusal says which alert: \(wrong.map(\.at)) of \(Self.shown(bytes))")
    let read = alerts.indices.filter { !refused.contains($0) }
    for (event, place) in zip(events, read) { hold(event, as: alerts[place], bytes) }
  }

  // MARK: One alert

  private func hold(_ given: Event, as said: JSONValue?, _ bytes: [UInt8]) {
    let event = given.fitting()
    let encoded = event.encoded()
    promise(encoded.count <= Self.doorTakes, "intake's door takes it: \(Self.shown(bytes))")
    if let refusal = Self.refusal(of: event, encoded) {
      promise(
        leavesToIntake && !refusal.field.isEmpty,
        "intake takes what is read: \(refusal.field): \(refusal.message): \(Self.shown(bytes))")
      return
    }
    guard event.action == .trigger else { return }
    let word = said.flatMap(severity).map(Self.word)
    let least = word.map { Self.words[$0] ?? .sev2 } ?? without
    promise(
      event.severity != .unspecified && event.severity.rawValue <= least.rawValue,
      "no alert is milder than it says: \(event.severity) for \(word ?? "none"): \(Self.shown(bytes))")
  }

  /// By the lint at intake's door, or by its rules.
  private static func refusal(of event: Event, _ encoded: [UInt8]) -> Refusal? {
    do throws(WireError) {
      let arrived = try Event(decoding: encoded, lint: .strangers)
      promise(arrived == event, "it arrives as it was read: \(event)")
    } catch {
      return error.refusal
    }
    do throws(Refusal) {
      _ = try intake.decide(.publish(event, traceparent: []), at: now)
    } catch {
      return error
    }
    return nil
  }

  private func hold(_ error: SourceError, _ bytes: [UInt8]) {
    let line = error.description
    promise(
      line.utf8.count <= 1_024 && !line.unicodeScalars.contains { $0.isHidden || $0.endsLine },
      "a refusal is one short line: \(line.debugDescription)")
    let field = Self.field(of: error.at)
    promise(
      field.map { fields.contains($0) } ?? (Self.number(in: error.at) != nil),
      "a refusal names a field: \(error.at) of \(Self.shown(bytes))")
  }

  // MARK: Places

  /// Which of many, from 0: "alerts[2].labels.a", "[2].status", "line 3, severity"; nil where it names none.
  private static func number(in place: String) -> Int? {
    if place.hasPrefix("line ") { return Int(place.dropFirst(5).prefix { $0 != "," }).map { $0 - 1 } }
    guard place.hasPrefix("[") || place.hasPrefix("alerts[") else { return nil }
    return Int(place.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" })
  }

  /// "labels" of any of those; nil where a place names one of many as a whole. By scalars: what a sender calls a label may begin with a mark
  /// that combines with the point before it.
  private static func field(of place: String) -> String? {
    var rest = place.unicodeScalars[...]
    if number(in: place) != nil {
      rest = place.hasPrefix("line ") ? rest.drop { $0 != " " }.dropFirst().drop { $0 != " " } : rest.drop { $0 != "]" }
      rest = rest.dropFirst().drop { $0 == "." }
    }
    return rest.isEmpty ? nil : String(rest.prefix { $0 != "." && $0 != "[" })
  }

  // MARK: What was sent

  static func json(_ bytes: some Sequence<UInt8>) -> JSONValue? {
    try? JSONValue(leniently: bytes, valuesAtMost: 600_000)
  }

  private static func word(_ value: JSONValue) -> String {
    let text =
      switch value {
      case .string(let text): text
      case .number(let digits): digits
      case .null, .bool, .array, .object: ""
      }
    return String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()).lowercased()
  }

  static func shown(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).debugDescription }
}

extension JSONValue {
  /// What stands under a name of an object; nil where nothing does.
  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self, let member = members.first(where: { $0.name == name }),
      member.value != .null
    else { return nil }
    return member.value
  }

  var elements: [JSONValue]? {
    guard case .array(let values) = self else { return nil }
    return values
  }

  /// None but an empty text is none.
  var orNone: JSONValue? { self == .string("") ? nil : self }
}
