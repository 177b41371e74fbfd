import ArgumentParser
import Foundation
import Messages

/// `backup --to DIR`.
struct BackupTake: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "take",
    abstract: "Copy every tier's journal and checkpoint to a folder, and verify the copy.",
    discussion: """
      Needs an administrator's key. Into a folder with an earlier backup of the
      same cluster only what is new is copied.

      Not in it: the notifier's contact keys, without which addresses can't be read
      (--with-contact-keys copies them too; whoever has both can read every address,
      and what was erased can be read as long as an older copy of the keys is kept);
      the folder of keys; the secret of codes and links; the configuration's files.
      """)

  @Option(help: ArgumentHelp("The folder; made if missing, for its owner only.", valueName: "folder"))
  var to: String

  @Flag(help: "Copy the notifier's contact keys too, readable for whoever has the folder.")
  var withContactKeys = false

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let folder = BackupFolder(to)
    let cluster = global.cluster
    var tiers = folder.hasManifest ? try folder.manifest().tiers : [:]
    // Whoever hands over is copied after whoever takes: what the copies of two tiers disagree about is then known to the first.
    for tier in [Tier.notifier, .escalator, .scheduler, .intake] {
      tiers[tier.name] = try await TierBackup(
        tier: tier, cluster: cluster, folder: folder, withContactKeys: withContactKeys
      ).run()
    }
    let manifest = BackupManifest(
      madeAt: Times.utc(global.times.now), madeBy: Tocsinctl.configuration.version, tiers: tiers)
    try folder.write(manifest)
    try BackupText.show(manifest, in: folder, global)
    guard global.output == .table, !withContactKeys else { return }
    print(
      "Not in it: the notifier's contact keys. Keep a copy of that file elsewhere: without it no address can be read")
  }
}
