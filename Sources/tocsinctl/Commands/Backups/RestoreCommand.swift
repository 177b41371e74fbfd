import ArgumentParser
import Foundation
import Glibc
import Messages
import SQLiteJournal

/// `restore TIER --from DIR --data DIR`: on the machine of a tier that doesn't run.
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put a backup in the place of a journal that is lost. The tier must not run.",
    discussion: """
      Refused where the journal that is there knows more than the backup, is another
      one, or can't be read; --give-up-newer sets it aside, and says how many rows
      that is. Nothing is deleted. Afterwards, in this order:
        start the tier               it skips numbers that lost rows may have used
        tocsinctl apply -f compose/config
        tocsinctl hand-over-again escalator
        tocsinctl backup missing escalator --from /backups/2026-11-30
      """)

  @Argument(help: "The tier: alert-intake, scheduler, escalator or notifier.")
  var tier: String
  @Option(help: ArgumentHelp("The folder with the backup.", valueName: "folder"))
  var from: String
  @Option(help: ArgumentHelp("The tier's --data; made if missing.", valueName: "folder"))
  var data: String
  @Option(
    name: .customLong("contact-keys"),
    help: ArgumentHelp(
      "Where the notifier has its contact keys (TOCSIN_CONTACT_KEYS, else contact-keys in --data).", valueName: "file"))
  var givenContactKeys: String?
  @Flag(help: "Set aside a journal that knows more than the backup, is another one or can't be read.")
  var giveUpNewer = false
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let tier = try Tier.named(self.tier)
    let folder = BackupFolder(from)
    guard let copy = try folder.manifest().tiers[tier.name] else {
      throw WrongInput("\(from) has no copy of \(tier.name)")
    }
    let note = folder.note(on: tier, copy, try folder.verified(tier, copy))
    let outcome = try Restoration(of: folder.folder(of: tier), into: data).run(givesUpNewer: giveUpNewer)
    let keys = tier == .notifier ? try restoreKeys(folder, copy) : nil
    let restored = outcome.restored
    guard global.output == .table else {
      let told = Told(
        tier: tier.name, rows: restored.head.sequence, lastRowAt: Times.utc(restored.lastRowAt),
        rowsGivenUp: outcome.rowsGivenUp, setAside: outcome.setAside ?? "")
      return print(String(decoding: try JSONEncoder().encode(told), as: UTF8.self))
    }
    print(
      "\(tier.name): \(restored.head.sequence) rows are restored. Whatever came after \(global.times.full(restored.lastRowAt)) is missing"
    )
    if let setAside = outcome.setAside {
      print("what was there lies in \(setAside); \(outcome.rowsGivenUp) rows of it are given up")
    }
    if let note { print(note) }
    if let keys { print(keys) }
    print("now start it, apply the configuration, and say: tocsinctl hand-over-again \(tier.name)")
    print("then see what is missing: tocsinctl backup missing \(tier.name) --from \(from)")
  }

  /// Where the notifier looks for them.
  private var contactKeys: String {
    let named = givenContactKeys ?? ProcessInfo.processInfo.environment["TOCSIN_CONTACT_KEYS"] ?? ""
    return named.isEmpty ? "\(data)/contact-keys" : named
  }

  /// What scripts read.
  private struct Told: Encodable {
    var tier: String
    var rows: UInt64
    var lastRowAt: String
    var rowsGivenUp: UInt64
    /// Empty: there was nothing.
    var setAside: String

    enum CodingKeys: String, CodingKey {
      case tier, rows
      case lastRowAt = "last_row_at"
      case rowsGivenUp = "rows_given_up"
      case setAside = "set_aside"
    }
  }

  /// Keys that are there stay: they may know of erasures that those of the backup don't.
  private func restoreKeys(_ folder: BackupFolder, _ copy: BackupManifest.Copy) throws -> String {
    let target = contactKeys
    if access(target, F_OK) == 0 { return "the contact keys that are there stay as they are: \(target)" }
    guard copy.contactKeys, let keys = FileManager.default.contents(atPath: folder.contactKeys(of: .notifier)) else {
      return
        "PUT THE CONTACT KEYS BACK as \(target) before it starts: they are not in the backup"
    }
    try folder.put(keys, target)
    return "the contact keys are restored"
  }
}
