import Messages

/// Which refusals have a record of their own: the first ten of a kind and then one a minute, so that whoever tries without end
/// fills no disk, and that it was tried, and how often, is known all the same: what no later record counts has one when it is over.
struct RefusedAttempts {
  /// Who tried what.
  struct Kind: Hashable {
    var principal = ""
    /// How the key begins, of whom no principal is known.
    var key = ""
    var from = ""
    var method = ""
    var field = ""
    /// Why a door has turned it away; empty: it was let in, and a call was refused.
    var reason = ""
  }
  private struct Seen {
    var left = RefusedAttempts.atOnce
    /// When one last had a record.
    var at: Span
    /// Since the last that has a record.
    var alike: UInt64 = 0
  }
  static let atOnce = 10
  static let pause = Span.minutes(1)
  /// More kinds than this are one together.
  static let kindsAtMost = 1_000
  /// Kinds that nobody has tried for so long make room for others.
  static let forgottenAfter = Span.minutes(10)
  /// Records that one look makes: the others are made by the next.
  static let toldAtOnce = 20
  private let kindsAtMost: Int
  private var kinds: [Kind: Seen] = [:]

  init(kindsAtMost: Int = RefusedAttempts.kindsAtMost) {
    self.kindsAtMost = kindsAtMost
  }

  var count: Int { kinds.count }

  /// - Parameters:
  ///   - now: elapsed time of this machine.
  ///   - hasRoom: whether a record may be written at all; if not it is counted.
  /// - Returns: how many like it had none since the last that has a record; nil when this one has none either.
  mutating func admit(_ kind: Kind, at now: Span, hasRoom: Bool = true) -> UInt64? {
    admit(1, kind, at: now, hasRoom: hasRoom).first
  }

  /// Many at once, however many they are.
  ///
  /// - Returns: for each that has a record, how many like it had none since the one before.
  mutating func admit(_ count: UInt64, _ kind: Kind, at now: Span, hasRoom: Bool = true) -> [UInt64] {
    guard count > 0 else { return [] }
    let kind = kinds[kind] == nil && kinds.count >= kindsAtMost ? Kind() : kind
    var seen = kinds[kind] ?? Seen(at: now)
    defer { kinds[kind] = seen }
    if now >= seen.at + Self.pause { seen.left = max(seen.left, 1) }
    let recorded = hasRoom ? Int(min(count, UInt64(seen.left))) : 0
    guard recorded > 0 else {
      seen.alike += count
      return []
    }
    let before = seen.alike
    seen.left -= recorded
    seen.at = now
    seen.alike = count - UInt64(recorded)
    return [before] + Array(repeating: 0, count: recorded - 1)
  }

  /// What was tried after the last record of its kind, and not again for a minute in which it would have had the next: the record
  /// for all of that. Kinds that are quiet go.
  ///
  /// - Parameter atEnd: the process ends, and nobody would count it later.
  mutating func takeUncounted(at now: Span, atEnd: Bool = false) -> [AuditRecord] {
    var records: [AuditRecord] = []
    for (kind, seen) in kinds {
      if seen.alike > 0, atEnd || now >= seen.at + Self.pause + Self.pause, atEnd || records.count < Self.toldAtOnce {
        records.append(Self.record(of: seen.alike, kind))
        kinds[kind]?.alike = 0
      } else if seen.alike == 0, now >= seen.at + Self.forgottenAfter {
        kinds[kind] = nil
      }
    }
    return records
  }

  /// It stands for the last of them.
  private static func record(of count: UInt64, _ kind: Kind) -> AuditRecord {
    let isCall = kind.key.isEmpty && kind.reason.isEmpty
    let what = kind.reason.isEmpty ? "refused" : "turned away (\(kind.reason))"
    return AuditRecord(
      principal: kind.principal, key: kind.key, from: kind.from, method: kind.method,
      what: "\(kind == Kind() ? "of many kinds: " : "")\(count) more \(what), without records of their own",
      status: (isCall ? Status.permissionDenied : .unauthenticated).rawValue, alike: count - 1)
  }
}
