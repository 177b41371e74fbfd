import ArgumentParser
import Foundation
import Messages

/// `backup verify DIR`: no tier is asked.
struct BackupVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read a backup from the first row to the last, and compare it with its manifest.",
    discussion: "No tier is asked. Exits with 5 when a bit is not what was written.")

  @Argument(help: ArgumentHelp("The folder.", valueName: "folder"))
  var path: String
  @OptionGroup var global: GlobalOptions

  func run() throws {
    let folder = BackupFolder(path)
    let manifest = try folder.manifest()
    guard !manifest.tiers.isEmpty else { throw WrongInput("\(path)/manifest.json names no tier") }
    var notes: [String] = []
    for (name, copy) in manifest.tiers.sorted(by: { $0.key < $1.key }) {
      let tier = try Tier.named(name)
      let content = try folder.verified(tier, copy)
      let more = content.head.sequence - copy.rows
      if let note = folder.note(on: tier, copy, content) { notes.append(note) }
      if more > 0 { notes.append("\(name) has \(more) rows more: a later backup was not finished. They are whole") }
    }
    for tier in Tier.allCases where manifest.tiers[tier.name] == nil { notes.append("\(tier.name) is not in it") }
    try BackupText.show(manifest, in: folder, global)
    guard global.output == .table else { return }
    for note in notes { print(note) }
    print("every row is what was written")
  }
}
