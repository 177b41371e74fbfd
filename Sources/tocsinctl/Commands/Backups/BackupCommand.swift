import ArgumentParser

/// Copies of what the tiers know.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy every tier's journal while it works, verify a copy, and see what one lacks.",
    discussion: """
        tocsinctl backup --to /backups/2026-11-30       copies and verifies
        tocsinctl backup verify /backups/2026-11-30
        tocsinctl restore escalator --from /backups/2026-11-30 --data data/escalator
        tocsinctl backup missing escalator --from /backups/2026-11-30
      """,
    subcommands: [BackupTake.self, BackupVerify.self, BackupMissing.self], defaultSubcommand: BackupTake.self)
}
