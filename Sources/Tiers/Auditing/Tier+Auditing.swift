// The audit.
//
// Requirement A2: every change by a person or a key, who, what, when, from where, so that nobody can deny or hide one.
//
// Where it is. In the row of the journal that the change itself is: an `AuditRecord` beside the facts (`proto/tocsin/audit`). There is
// no second log that could lack a change, or tell another story. The journal's hash chain is the audit's, a checkpoint doesn't end it, and
// what is asked of it comes from an index that is made from the journal again when it is gone.
//
// What has a record. Each call that needs an idempotency key and changes something: all that people do, and answers to pages, which
// the notifier hands on in somebody's name. Alerts of sources have none: an alert is its own record, with its source. What tiers tell each
// other has none: it follows from what has one. A call that changes nothing has none.
//
// Before and after. `Tier.standing` says how the thing that a call is about stands. It is asked twice, before the call's facts are applied
// and after, and the record holds what differs: nobody writes down by hand what a method changes, so nothing is forgotten when a method
// changes more. A configuration answers for itself, line by line. Addresses of people are in no answer of these, and the fields that carry
// them are left out of what was asked (N7).
//
// Refusals. A call without the role it needs, in another's name, or on somebody else's incident has a record with its status: ten of a kind
// at once and one a minute after that, the others counted in the next one, so that nobody fills a disk with them. So has whoever is turned
// away at a door, as often as the log says so.
//
// Keys are changed in files. A tier that takes over another list records what is different, and keeps the list in that row: a change that was
// made while it was down is told of when it starts.

import Machinery
import Messages
import Wire

/// How a record of the audit is made; why so is said above.
extension Tier {
  /// More values than this are counted and not named.
  static var changesAtMost: Int { 60 }

  /// What witnesses a call that has a record (`Command.isAudited`): asked before its facts are applied, it gives what is asked
  /// after, which gives the record.
  public func witness(
    _ path: String, _ payload: [UInt8], by caller: Caller, _ input: Rules.Input, at now: Instant
  ) -> (Rules, Rules.Answer) -> (Rules) -> AuditRecord? {
    { rules, answer in
      let before = standing(rules, input, answer, now)
      return { rules in
        let after = standing(rules, input, answer, now)
        var record = record(of: path, payload, by: caller)
        if let words = after?.words, !words.isEmpty { record.what += ": \(words)" }
        record.status = (after?.status ?? .ok).rawValue
        record.changes = Self.fitting(
          (after?.changes ?? []) + MessageValues.changes(from: before?.values, to: after?.values))
        return record
      }
    }
  }

  /// Of a call that was refused.
  ///
  /// - Parameter payload: empty where nothing of it was read.
  public func record(of path: String, _ payload: [UInt8], by caller: Caller, refused refusal: Refusal) -> AuditRecord {
    var record = record(of: path, payload, by: caller)
    record.status = refusal.status.rawValue
    record.what += ": \(refusal.message.cut(to: MessageValues.textAtMost))"
    return record
  }

  /// Who, and what was asked: "acknowledge: incident 2f-1, note looking".
  private func record(of path: String, _ payload: [UInt8], by caller: Caller) -> AuditRecord {
    var record = AuditRecord(
      principal: caller.principal.name, key: caller.key, from: caller.from, method: path, what: Self.words(of: path))
    // Nothing of a payload that can't be read is kept, and a configuration is told by what it changes.
    guard let command = commands[path], !command.isConfiguration,
      let asked = MessageValues(
        fullName: command.request, bytes: payload, hiding: Standing.personal, instant: Standing.text)
    else { return record }
    let actor = MessageValues.words(of: command.actor)
    record.by = asked.values.first { $0.name == actor }?.text ?? ""
    let words = asked.values.filter { $0.name != actor }.map { "\($0.name) \($0.text)" }
    if !words.isEmpty { record.what += ": \(words.joined(separator: ", ").cut(to: 2 * MessageValues.textAtMost))" }
    return record
  }

  /// "/tocsin.intake.v1.Silences/Add" is "silences: add".
  private static func words(of path: String) -> String {
    let parts = path.split(separator: "/").map { $0.split(separator: ".").last ?? $0 }
    return parts.map { part in
      part.reduce(into: "") { words, letter in
        if letter.isUppercase, !words.isEmpty { words += " " }
        words += letter.lowercased()
      }
    }.joined(separator: ": ")
  }

  private static func fitting(_ changes: [AuditChange]) -> [AuditChange] {
    guard changes.count > changesAtMost else { return changes }
    return changes.prefix(changesAtMost) + [AuditChange(name: "more", after: "\(changes.count - changesAtMost)")]
  }
}
