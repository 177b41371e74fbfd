import Messages

/// Which pages a message told of besides the one that leads it. Its provider knows one delivery, and what it says of that is true of
/// all: of each whose last attempt that message is.
extension Notifications {
  /// Those that an attempt told of besides its own page, and that have not been tried again since.
  func told(with lead: String, attempt: UInt32) -> [(id: String, delivery: UInt32)] {
    (toldWith[lead] ?? []).sorted().compactMap { Attempt.parse(debtID: $0) }.filter { id, index in
      ledger[id]?.deliveries[Int(index)].toldWithAttempt == attempt
    }
  }

  /// Whether any page that a delivery's last message told of is like this.
  func tells(_ id: String, _ entry: LedgerEntry, delivery index: Int, _ isSo: (LedgerEntry) -> Bool) -> Bool {
    isSo(entry)
      || told(with: Attempt.debtID(id, UInt32(index)), attempt: entry.deliveries[index].attempts).contains {
        ledger[$0.id].map(isSo) ?? false
      }
  }

  // MARK: Remembering

  /// Whose message it is that others are told by.
  mutating func noteTold(_ begun: AttemptBegun, at instant: Instant) {
    let lead = Attempt.debtID(begun.pageId, begun.delivery)
    for part in begun.carried {
      change(part.pageId, at: instant) {
        $0.deliveries[Int(part.delivery)].toldWith = lead
        $0.deliveries[Int(part.delivery)].toldWithAttempt = begun.attempt
      }
    }
  }

  mutating func noteTold(_ before: LedgerEntry?, _ after: LedgerEntry?, _ id: String) {
    for (index, delivery) in (before?.deliveries ?? []).enumerated() where !delivery.toldWith.isEmpty {
      toldWith[delivery.toldWith]?.remove(Attempt.debtID(id, UInt32(index)))
      if toldWith[delivery.toldWith]?.isEmpty ?? false { toldWith[delivery.toldWith] = nil }
    }
    for (index, delivery) in (after?.deliveries ?? []).enumerated() where !delivery.toldWith.isEmpty {
      toldWith[delivery.toldWith, default: []].insert(Attempt.debtID(id, UInt32(index)))
    }
  }

  /// An answer is known: what has not begun never will. Its message goes on being followed for the others that it told of.
  mutating func cancel(_ cancelled: PageCancelled, at instant: Instant) {
    guard let before = ledger[cancelled.pageId] else { return }
    let followed = before.deliveries.indices.filter { index in
      before.deliveries[index].askAt.isSet
        && tells(cancelled.pageId, before, delivery: index) { $0.mustArrive && $0.page?.id != cancelled.pageId }
    }
    change(cancelled.pageId, at: instant) {
      $0.cancel(cancelled.generation)
      for index in followed { $0.deliveries[index].askAt = before.deliveries[index].askAt }
    }
  }
}

extension LedgerEntry {
  /// Whether somebody must be woken by it who has not answered.
  var mustArrive: Bool {
    page.map { $0.wanted && $0.purpose == .duty && $0.severity.mustBeHeard } ?? false
  }
}
