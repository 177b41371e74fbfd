import Messages

/// Which calls are known, by their provider's name or because they are being made: a list of calls doesn't say what was said in them.
extension Notifications {
  /// Of a digest only the delivery that leads it has the call.
  mutating func noteCalls(_ before: LedgerEntry?, _ after: LedgerEntry?, _ id: String) {
    for (index, delivery) in (before?.deliveries ?? []).enumerated() {
      let debt = Attempt.debtID(id, UInt32(index))
      if delivery.isCall, calls[delivery.providerId] == debt { calls[delivery.providerId] = nil }
      if delivery.isCallUnderWay, let person = before?.person { forgetCalling(person, debt) }
    }
    for (index, delivery) in (after?.deliveries ?? []).enumerated() {
      let debt = Attempt.debtID(id, UInt32(index))
      if delivery.isCall, delivery.toldWith.isEmpty { calls[delivery.providerId] = debt }
      if delivery.isCallUnderWay, let person = after?.person { calling[person, default: []].insert(debt) }
    }
  }

  private mutating func forgetCalling(_ person: String, _ debt: String) {
    calling[person]?.remove(debt)
    if calling[person]?.isEmpty ?? false { calling[person] = nil }
  }
}

extension DeliverySnapshot {
  /// Whether it is a call that its provider is being asked to make.
  fileprivate var isCallUnderWay: Bool {
    state == .due && carrier.isEmpty && channel == PersonalChannel.voice.rawValue
  }
}
