import Messages
import Testing

@testable import Hosting
@testable import Tiers

/// A client that reads lines of history more slowly than they come.
@Suite struct WatcherTests {
  private func lines(_ sequence: UInt64, _ count: Int, of subject: String = "2f-1") -> [HistoryLine] {
    (0..<count).map {
      HistoryLine(sequence: sequence, at: .unset, subject: subject, person: "", kind: "paged", text: "\($0)")
    }
  }

  @Test func oneThatKeepsUpIsHandedEachRowOnceAndOnlyItsSubject() {
    var watcher = Watcher(subject: "2f-1", through: 7, isLive: true)
    watcher.hear(lines(7, 3), of: 7)
    watcher.hear(lines(8, 2) + lines(8, 5, of: "2f-2"), of: 8)
    watcher.hear(lines(8, 2), of: 8)
    #expect(watcher.backlog.map(\.sequence) == [8, 8] && watcher.through == 8 && watcher.isLive)
  }

  /// Nothing is dropped and nobody is ended: what didn't fit is read from history, from exactly there.
  @Test func oneThatFallsTenThousandLinesBehindIsSentBackToHistoryAndMissesNothing() {
    var watcher = Watcher(subject: "", through: 0, isLive: true)
    for row in UInt64(1)...100 { watcher.hear(lines(row, 100), of: row) }
    #expect(watcher.backlog.count == 10_000 && watcher.isLive)
    watcher.hear(lines(101, 1), of: 101)
    #expect(!watcher.isLive && watcher.through == 100 && watcher.backlog.count == 10_000)
    // As long as it reads from history, what becomes durable is not kept for it.
    watcher.hear(lines(102, 1), of: 102)
    #expect(watcher.through == 100 && watcher.backlog.count == 10_000)
    watcher.backlog.removeAll()
    watcher.take(HistoryPage(lines(101, 1) + lines(102, 1), through: 102))
    #expect(watcher.backlog.map(\.sequence) == [101, 102] && watcher.through == 102)
  }

  @Test func aRowThatAloneHasMoreLinesThanFitComesFromHistoryAsAWhole() {
    var watcher = Watcher(subject: "", through: 0, isLive: true)
    watcher.hear(lines(1, Watcher.backlogAtMost + 1), of: 1)
    #expect(!watcher.isLive && watcher.through == 0 && watcher.backlog.isEmpty)
  }
}
