import Machinery

/// Stands in a journal that was just restored from a backup, until the first start is on disk: what the rows behind the backup
/// may have used (numbers, generations) must not be used again.
enum RestoredMark {
  static func isOn(_ connection: Connection) throws(JournalFailure) -> Bool {
    try connection.number("SELECT count(*) FROM meta WHERE name='restored'") > 0
  }

  static func put(_ connection: Connection) throws(JournalFailure) {
    try connection.run("INSERT OR REPLACE INTO meta(name, value) VALUES('restored', 'yes')")
  }

  static func remove(_ connection: Connection) throws(JournalFailure) {
    try connection.run("DELETE FROM meta WHERE name='restored'")
  }
}
