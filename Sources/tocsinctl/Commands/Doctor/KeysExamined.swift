import Bus
import CivilTime
import Configuration
import Foundation
import Messages

/// A folder of keys on this machine: who may do what, which keys end soon, and whether others can get at the files.
struct KeysExamined {
  private(set) var findings: [DoctorFinding] = []
  private let directory: KeyDirectory
  private let now: Instant
  private static let endsSoon = Span.days(14)
  /// Too soon for whoever reads this to leave it to another day.
  private static let endsAtOnce = Span.days(2)
  private static let isOld = Span.days(400)

  init(_ path: String, at now: Instant) {
    directory = KeyDirectory(path)
    self.now = now
    look("folder", "readable by its owner only", "chmod 700 \(path)") { directory throws(KeyFileError) in
      try directory.check()
    }
    secrets()
    look("tiers", "names the key of each tier", "tocsinctl keys init") { directory throws(KeyFileError) in
      let known = try directory.tiers()
      let missing = KeyDirectory.tierNames.filter { known[$0] == nil }
      guard missing.isEmpty else { throw KeyFileError(directory.tiersPath, "lacks \(missing.joined(separator: ", "))") }
    }
    list()
  }

  private mutating func add(_ name: String, _ value: String, mend: String = "", must: Bool = false) {
    findings.append(DoctorFinding(place: "keys", name: name, value: value, mend: mend, must: must))
  }

  private mutating func look(
    _ name: String, _ well: String, _ cure: String, _ body: (KeyDirectory) throws(KeyFileError) -> Void
  ) {
    do throws(KeyFileError) {
      try body(directory)
      add(name, well)
    } catch {
      add(name, "\(error)", mend: cure, must: true)
    }
  }

  /// Each secret is read as a tier reads it, which refuses what others may read.
  private mutating func secrets() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    let secrets = names.filter { $0.hasSuffix(".secret") }.sorted()
    var isWell = true
    for name in secrets {
      do throws(KeyFileError) {
        _ = try SecretKeyFile.read("\(directory.path)/\(name)")
      } catch {
        isWell = false
        add("secret", "\(error)", mend: "mend the file, and rotate the key if others could read it", must: true)
      }
    }
    if isWell { add("secrets", "\(secrets.count), each readable by its owner only") }
    let others = secrets.map { String($0.dropLast(".secret".count)) }
      .filter { !KeyDirectory.tierNames.contains($0) && $0 != "admin" }
    if !others.isEmpty {
      add(
        "handed over", "secrets of \(others.joined(separator: ", ")) are still here",
        mend: "hand each to its owner and keep no copy")
    }
  }

  /// A tier whose own key isn't let in works on alone.
  private mutating func tiers(by store: KeyStore) {
    for name in KeyDirectory.tierNames {
      guard let own = try? directory.secret(of: name).publicKey else { continue }
      let objection: KeyObjection? =
        if let known = store[own], known.principal == name { known.objection(at: now) } else { .unknown }
      guard let objection else { continue }
      add(
        "secret of \(name)", "\(own.short)… is good for nothing: \(objection)",
        mend: "tocsinctl keys rotate \(name) (where none is left to rotate: keys create \(name) --role service), and "
          + "start it anew", must: true)
    }
  }

  private mutating func list() {
    let store: KeyStore
    do throws(KeyFileError) {
      store = try directory.authorized()
    } catch {
      return add("list", "\(error)", mend: "mend that line: tiers go on with the list before it", must: true)
    }
    for skipped in store.skipped {
      add(
        "list", "\(skipped)",
        mend: "the tiers of this version don't let them in: mend the role, or use the newer version",
        must: true)
    }
    tiers(by: store)
    let valid = store.keys.filter { $0.objection(at: now) == nil }
    for role in KeyRole.allCases {
      let names = Set(valid.filter { $0.roles.contains(KeyRoles(role)) }.map(\.principal)).sorted()
      add("role \(role.rawValue)", names.isEmpty ? "nobody" : names.joined(separator: ", "))
    }
    let over = store.keys.count - valid.count
    add("keys", "\(valid.count) valid, \(over) over")
    let ends = store.ends(at: now)
    for end in ends where end.until <= now {
      add(
        "key of \(end.principal)", "ended \(SpanText.text(now - end.until)) ago: what it sends is refused",
        mend: "give it a new one (keys create, or keys integration for a source of a gateway), or keys revoke it",
        must: end.isOfProgram)
    }
    let soonOut = Set(ends.filter { $0.isOfProgram && $0.until < now + Self.endsAtOnce }.map(\.principal))
    for key in valid {
      let hasNext = valid.contains {
        $0.principal == key.principal && $0.key != key.key && (!$0.until.isSet || $0.until > now + Self.endsSoon)
      }
      if key.until.isSet, key.until < now + Self.endsSoon, !hasNext {
        let isTier = KeyDirectory.tierNames.contains(key.principal)
        add(
          "key of \(key.principal)", "\(key.key.short)… ends in \(SpanText.text(key.until - now))",
          mend: "tocsinctl keys rotate \(key.principal)", must: isTier || soonOut.contains(key.principal))
      } else if !key.until.isSet || now - key.from > Self.isOld {
        let age = now - key.from
        if age > Self.isOld {
          add(
            "key of \(key.principal)", "\(key.key.short)… is \(SpanText.text(age)) old",
            mend: "tocsinctl keys rotate \(key.principal)")
        }
      }
    }
  }
}
