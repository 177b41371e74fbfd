import Bus
import DequeModule
import Machinery
import Messages
import Tiers

/// A client that reads lines of history as they come.
///
/// It begins in the past: pages of history are sent as fast as it grants credit. When it has caught up it is handed each line
/// as it becomes durable; one that then reads too slowly is sent back to history, where nothing is kept for it.
struct Watcher {
  /// What is not yet sent of a client that keeps up; beyond it the client reads from history again.
  static let backlogAtMost = 10_000

  var subject: String
  /// The row up to which everything is in `backlog` or sent.
  var through: UInt64
  var backlog: Deque<HistoryLine> = []
  var isLive: Bool
  var isReading = false
}

extension Host {
  func beginWatching(_ call: IncomingCall) throws(Refusal) {
    guard let watch = tier.watch else { return }
    let wanted = try watch.wanted(call.payload)
    guard wanted.from <= engine.decidedThrough + 1 else {
      throw Refusal(.outOfRange, "the journal ends at row \(engine.decidedThrough)", field: "from_sequence")
    }
    let through = wanted.from == 0 ? engine.durableThrough : wanted.from - 1
    watchers[call.handle] = Watcher(subject: wanted.subject, through: through, isLive: through >= engine.durableThrough)
    readHistory(for: call.handle)
  }

  /// Hands lines that have just become durable to those who keep up.
  func feedWatchers(_ rows: [StoredRow]) {
    guard !watchers.isEmpty else { return }
    for stored in rows {
      guard let entry = try? tier.codec.decode(stored.row.body) else { continue }
      let lines = entry.facts.flatMap { tier.lines($0, entry.at, stored.sequence) }
      for call in watchers.keys { watchers[call]?.hear(lines, of: stored.sequence) }
    }
    for call in Array(watchers.keys) { feed(call) }
  }

  /// Sends a watcher what it has credit for.
  func feed(_ call: CallHandle) {
    guard let watch = tier.watch else { return }
    while let line = watchers[call]?.backlog.first {
      guard server.send(call, watch.encode(line)) else { return }
      watchers[call]?.backlog.removeFirst()
    }
    readHistory(for: call)
  }

  /// History that can't be read now is tried again a second later.
  private func take(_ page: HistoryPage, for call: CallHandle) {
    let before = watchers[call]?.through ?? 0
    guard page.lines.isEmpty, page.through <= before else {
      watchers[call]?.take(page)
      return feed(call)
    }
    thread.after(milliseconds: 1_000) { [unowned self] in
      watchers[call]?.isReading = false
      feed(call)
    }
  }

  private func readHistory(for call: CallHandle) {
    guard let watcher = watchers[call], !watcher.isLive, !watcher.isReading, watcher.backlog.isEmpty else { return }
    guard let historian, watcher.through < engine.durableThrough else {
      watchers[call]?.isLive = true
      return
    }
    watchers[call]?.isReading = true
    let box = Unowned(self)
    historian.lines(of: watcher.subject, after: watcher.through, through: engine.durableThrough) { page in
      box.thread.post { box.value.take(page, for: call) }
    }
  }
}

extension Watcher {
  mutating func hear(_ lines: [HistoryLine], of sequence: UInt64) {
    guard isLive, sequence > through else { return }
    guard backlog.count + lines.count <= Self.backlogAtMost else {
      isLive = false
      return
    }
    backlog += lines.filter { subject.isEmpty || $0.subject == subject }
    through = sequence
  }

  mutating func take(_ page: HistoryPage) {
    isReading = false
    backlog += page.lines
    through = max(through, page.through)
  }
}
