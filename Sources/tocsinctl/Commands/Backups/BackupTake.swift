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
      same cluster only what is new is copied. A tier that can't be copied is named,
      the others are copied, and the exit code tells of it.

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
    let before = folder.hasManifest ? try folder.manifest().tiers : [:]
    var tiers = before
    var taken: [(TierBackup, BackupManifest.Copy)] = []
    var failures: [(tier: Tier, error: any Error)] = []
    // Whoever hands over is copied after whoever takes: what the copies of two tiers disagree about is then known to the first.
    for tier in [Tier.notifier, .escalator, .scheduler] + cluster.intakes {
      let backup = TierBackup(tier: tier, cluster: cluster, folder: folder, withContactKeys: withContactKeys)
      do {
        let copy = try await backup.run()
        tiers[tier.name] = copy
        taken.append((backup, copy))
      } catch {
        failures.append((tier, error))
      }
    }
    if !taken.isEmpty {
      let manifest = BackupManifest(
        madeAt: Times.utc(global.times.now), madeBy: Tocsinctl.configuration.version, tiers: tiers)
      try folder.write(manifest)
      for (backup, copy) in taken { backup.removeEarlier(than: copy) }
      try BackupText.show(manifest, in: folder, global)
      if global.output == .table, !withContactKeys {
        print(
          "Not in it: the notifier's contact keys. Keep a copy of that file elsewhere: without it no address can be read"
        )
      }
    }
    try tell(failures, before)
  }

  /// A tier that is down is no reason to have nothing of the others, and every reason to say so.
  private func tell(_ failures: [(tier: Tier, error: any Error)], _ before: [String: BackupManifest.Copy]) throws {
    guard let first = failures.first else { return }
    for (tier, error) in failures {
      let kept = before[tier.name].map { "the copy that ends at row \($0.rows) stays" } ?? "there is no copy of it"
      Failure.say("\(tier.name) was not copied, \(kept): \(Failure.explain(error)?.words ?? "\(error)")")
    }
    throw Failure.explain(first.error)?.failure ?? Failure.unavailable
  }
}
