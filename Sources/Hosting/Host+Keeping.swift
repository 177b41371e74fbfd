import Bus
import Machinery
import Messages
import Wire

/// Copies of this tier's journal, for a backup while it works.
extension Host {
  func copyRows(_ call: IncomingCall) throws(Refusal) {
    let request = try CopyRowsRequest(keeping: call)
    guard request.chain.isEmpty || request.chain.count == 32 else {
      throw .invalid("chain", "a hash of the chain has 32 bytes, not \(request.chain.count)")
    }
    guard request.after == 0 || !request.chain.isEmpty else {
      throw .invalid("chain", "goes with after: the hash of the chain at that row")
    }
    copy(call) { copier, then in
      copier.rows(request, through: engine.durableThrough) { then($0.map { $0.encoded() }) }
    }
  }

  func copyCheckpoint(_ call: IncomingCall) throws(Refusal) {
    let request = try CopyCheckpointRequest(keeping: call)
    copy(call) { copier, then in copier.checkpoint(request) { then($0.map { $0.encoded() }) } }
  }

  func copyContactKeys(_ call: IncomingCall) throws(Refusal) {
    guard let keys = tier.contactKeys else {
      throw Refusal(.failedPrecondition, "\(tier.name) has no contact keys: the notifier has them", field: "method")
    }
    log.notice("contact keys are copied for \(call.principal.name)")
    note("copies the contact keys", of: call)
    engine.reply(ticket(call), .success(CopiedContactKeys(text: keys.text).encoded()))
  }

  func listLines(_ call: IncomingCall) throws(Refusal) {
    var request = try ListLinesRequest(keeping: call)
    guard let historian else { throw Refusal(.unimplemented, "\(tier.name) keeps no history") }
    if !request.untilAt.isSet { request.untilAt = clock.now() + .milliseconds(1) }
    guard request.sinceAt < request.untilAt else { throw .invalid("since_at_ms", "must be before until_at_ms") }
    guard historian.listings < Historian<Rules>.listingsAtMost else {
      throw Refusal(
        .resourceExhausted, "\(Historian<Rules>.listingsAtMost) exports are reading", retryAfter: .milliseconds(200))
    }
    historian.listings += 1
    let (box, handle) = (Unowned(self), call.handle)
    historian.list(request, through: engine.durableThrough) { reply in
      box.thread.post {
        historian.listings -= 1
        box.value.server.answer(handle, reply.map { $0.encoded() })
      }
    }
  }

  private func copy(
    _ call: IncomingCall, _ read: (JournalCopier, @escaping @Sendable (Result<[UInt8], Refusal>) -> Void) -> Void
  ) {
    guard !copier.isBusy else {
      return server.answer(
        call.handle,
        .failure(Refusal(.resourceExhausted, "another backup is reading", retryAfter: .milliseconds(200))))
    }
    copier.isBusy = true
    let (box, handle) = (Unowned(self), call.handle)
    read(copier) { answer in
      box.thread.post {
        box.value.copier.isBusy = false
        box.value.server.answer(handle, answer)
      }
    }
  }
}

extension WireMessage {
  fileprivate init(keeping call: IncomingCall) throws(Refusal) {
    do {
      self = try Self(decoding: call.payload, lint: .outside)
    } catch {
      throw error.refusal
    }
  }
}
