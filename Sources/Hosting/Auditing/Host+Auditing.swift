import Bus
import Machinery
import Messages
import Tiers
import Wire

/// What this tier records of who did what; why so, `Tier+Auditing.swift` says.
extension Host {
  /// An attempt that was not allowed. Other refusals are mistakes, which say nothing of anybody.
  ///
  /// - Parameter hasRead: whether the payload may be looked at.
  func note(_ refusal: Refusal, of call: IncomingCall, hasRead: Bool = true) {
    guard refusal.status == .permissionDenied,
      let alike = admit(.init(principal: call.principal.name, method: call.path, field: refusal.field))
    else { return }
    var record = tier.record(of: call.path, hasRead ? call.payload : [], by: Caller(call), refused: refusal)
    record.alike = alike
    engine.note(record, at: clock.now())
  }

  /// Of a connection whose key was good when it began.
  func note(_ refusal: Refusal, ofKey key: String, from: String) {
    guard let alike = admit(.init(key: key, from: from)) else { return }
    engine.note(
      AuditRecord(
        key: key, from: from, what: "call: \(refusal.message)", status: refusal.status.rawValue, alike: alike),
      at: clock.now())
    thread.post {}
  }

  /// Those who were turned away at a door. Strangers have a book of their own, so that however many they are, no attempt of somebody
  /// who is inside goes without a record.
  func noteTurnedAway() {
    var isAnyNoted = false
    for (door, one, words, count) in server.takeRefusedHandshakes() {
      let kind = RefusedAttempts.Kind(principal: one.principal, from: one.from, reason: one.reason)
      for alike in refusedHandshakes.admit(count, kind, at: Self.elapsed, hasRoom: disk == .ample) {
        engine.note(
          AuditRecord(
            principal: one.principal, from: one.from, what: "turned away at the door for \(door): \(words)",
            status: Status.unauthenticated.rawValue, alike: alike), at: clock.now())
        isAnyNoted = true
      }
    }
    if isAnyNoted { thread.post {} }
  }

  /// A change that is none of the rules'.
  func note(_ words: String, of call: IncomingCall) {
    engine.note(
      AuditRecord(
        principal: call.principal.name, key: call.key, from: call.from, method: call.path, what: words),
      at: clock.now())
  }

  /// What has changed in the list of those who may come in, since it was last told of: also while this tier was down.
  func noteKeys() {
    guard let ring = keys.server?.ring, ring.generation != keysToldOf else { return }
    keysToldOf = ring.generation
    let store = ring.store
    guard let record = KeyListChanges.record(from: engine.keysKnown?.lines, to: store) else { return }
    engine.keysChanged(to: KeysKnown(lines: KeyListChanges.lines(store)), record, at: clock.now())
    thread.post {}
  }

  /// A disk that is nearly full has no room for what strangers try: it is counted, and has a record when there is room.
  private func admit(_ kind: RefusedAttempts.Kind) -> UInt64? {
    refusedAttempts.admit(kind, at: Self.elapsed, hasRoom: disk == .ample)
  }

  /// Once a second, and at the end: nobody may find out how often something was tried by looking for what is in memory only.
  func noteUncounted(atEnd: Bool = false) {
    if atEnd { noteTurnedAway() }
    guard refusedAttempts.count + refusedHandshakes.count > 0, disk == .ample || atEnd && disk == .scarce else {
      return
    }
    let records =
      refusedAttempts.takeUncounted(at: Self.elapsed, atEnd: atEnd)
      + refusedHandshakes.takeUncounted(at: Self.elapsed, atEnd: atEnd)
    for record in records { engine.note(record, at: clock.now()) }
    if !records.isEmpty { thread.post {} }
  }

  // MARK: Asking

  func askAudit<Request: WireMessage>(_ call: IncomingCall, _ request: Request.Type) throws(Refusal) {
    do {
      _ = try Request(decoding: call.payload)
    } catch {
      throw error.refusal
    }
    engine.reply(.past(call.handle, path: call.path, payload: call.payload), .success([]))
  }

  func answerAudit(_ call: CallHandle, _ path: String, _ payload: [UInt8]) {
    guard let historian else { return }
    let box = Unowned(self)
    if path == AuditMethods.list.path, let request = try? AuditRequest(decoding: payload) {
      historian.audit(request, through: engine.durableThrough) { list in
        box.thread.post { box.value.server.answer(call, list.map { $0.encoded() }) }
      }
    } else if let request = try? AuditVerification(decoding: payload) {
      historian.verify(request, through: engine.durableThrough) { verdict in
        box.thread.post { box.value.server.answer(call, verdict.map { $0.encoded() }) }
      }
    }
  }
}

extension Caller {
  init(_ call: IncomingCall) {
    self.init(principal: call.principal, traceparent: call.traceparent, key: call.key, from: call.from)
  }
}
