import ArgumentParser

/// Who changed what.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Who changed what, when, from where, with before and after.",
    discussion: """
        tocsinctl audit                          the last 50 changes of all tiers
        tocsinctl audit --by ana --since -7d     by her key, or in her name
        tocsinctl audit --what silence-3         that say this word
        tocsinctl audit --refused                what was tried and not allowed
        tocsinctl audit export --since -30d > audit.jsonl
        tocsinctl audit verify --against audit.jsonl
      A change's record stands in the same row of its tier's journal as the change,
      and each row's hash covers all rows before it. Keep an export elsewhere:
      whoever rewrites a journal later can't make its hashes the same again.
      """,
    subcommands: [AuditShow.self, AuditExport.self, AuditVerify.self], defaultSubcommand: AuditShow.self)
}
