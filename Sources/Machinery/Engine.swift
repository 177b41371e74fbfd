import DequeModule
import Messages

/// The loop body around any machine: decide, apply, keep, and only then show and send.
///
/// The engine does no I/O and owns no thread: a shell (the real one, or the simulation's) feeds it what arrived, takes the
/// rows that must become durable, says when they are, and gets back the replies and payments that may now leave.
/// State changes at once, in place; what others can see of it waits for the disk. So when an append fails for good the
/// process must end: its state is ahead of its journal.
public final class Engine<Rules: Machine, Ticket: Sendable> {
  /// What a caller is told once its row is durable.
  public struct Reply: Sendable {
    public var ticket: Ticket
    public var result: Result<[UInt8], Refusal>
  }

  /// Lent, not copied: there is much in it, and each call looks at it.
  public internal(set) var rules: Rules {
    _read { yield state }
    _modify { yield &state }
  }
  private var state: Rules
  public private(set) var epoch: UInt64 = 0
  public private(set) var answered = AnsweredCalls()
  /// The number of the last row that has been decided, durable or not.
  public private(set) var decidedThrough: UInt64 = 0
  public private(set) var durableThrough: UInt64 = 0
  public private(set) var lastStart: (started: Started, at: Instant)?
  /// Who may come in, as it was last told of; nil: never.
  public private(set) var keysKnown: KeysKnown?

  /// Only tests stop them: what then depends on time does not happen.
  public var timersRun = true

  public let codec: EntryCodec<Rules.Fact>
  var books: [PaymentBook]
  private var batch: [Row] = []
  private var waiting: Deque<(sequence: UInt64, reply: Reply)> = []
  var staged: Deque<(sequence: UInt64, payment: Payment<Rules.Debt>)> = []

  /// - Parameter peers: whom this tier pays, each with how many payments may be under way at once.
  public init(rules: Rules, codec: EntryCodec<Rules.Fact>, peers: [Peer: Int]) {
    state = rules
    self.codec = codec
    books = peers.sorted { $0.key.rawValue < $1.key.rawValue }.map { PaymentBook(peer: $0.key, window: $0.value) }
  }

  // MARK: Starting

  /// Fold a row from a checkpoint or the journal.
  public func replay(_ body: [UInt8], sequence: UInt64?) throws {
    replay(try codec.decode(body), sequence: sequence)
  }

  public func replay(_ entry: Entry<Rules.Fact>, sequence: UInt64?) {
    fold(entry)
    if let sequence {
      decidedThrough = sequence
      durableThrough = sequence
    }
  }

  /// Where the journal ends, when the checkpoint already covers all of it.
  public func continueAfter(_ sequence: UInt64) {
    decidedThrough = sequence
    durableThrough = sequence
  }

  /// A process begins to use what was replayed.
  public func start(_ started: Started, at now: Instant) {
    var started = started
    started.epoch = epoch + 1
    started.answersGoneAt = answered.forgottenThrough
    keep(Entry(at: now, mark: Mark(kind: .started(started))))
  }

  // MARK: What arrives

  /// A call that may change something. Its reply comes out of `durable(through:)`, or of `takeReplies` when nothing had to
  /// be written for it.
  ///
  /// - Parameter witness: asked before the facts of a change are applied; what it returns is asked after, and gives the record
  ///   that stands in the change's own row.
  /// - Returns: why the rules refused it; nil when they didn't.
  @discardableResult
  public func receive(
    _ input: Rules.Input, as call: CallIdentity?, ticket: Ticket, at now: Instant,
    encode: (Rules.Answer) -> [UInt8], witness: ((Rules, Rules.Answer) -> (Rules) -> AuditRecord?)? = nil
  ) -> Refusal? {
    if let call {
      switch answered.verdict(on: call, at: now) {
      case .new: break
      case .answeredBefore(let answer):
        reply(ticket, answer.result)
        return nil
      case .refused(let refusal):
        reply(ticket, .failure(refusal))
        return nil
      }
    }
    do {
      let decision = try rules.decide(input, at: now)
      let answer = encode(decision.answer)
      let stored =
        decision.facts.isEmpty && decision.isForgotten ? nil : call.map { Answered(of: $0, answer: answer, at: now) }
      if stored != nil || !decision.facts.isEmpty {
        let testimony = decision.facts.isEmpty ? nil : witness?(rules, decision.answer)
        var entry = Entry(at: now, answered: stored, facts: decision.facts)
        fold(entry)
        entry.audited = testimony?(rules)
        append(entry)
      }
      reply(ticket, .success(answer))
      return nil
    } catch {
      reply(ticket, .failure(error))
      return error
    }
  }

  /// A record of what changed nothing here: an attempt that was refused, or a change of what lies beside the journal.
  public func note(_ record: AuditRecord, at now: Instant) {
    keep(Entry(at: now, audited: record))
  }

  /// The list of those who may come in is another one.
  public func keysChanged(to known: KeysKnown, _ record: AuditRecord, at now: Instant) {
    keep(Entry(at: now, mark: Mark(kind: .keysKnown(known)), audited: record))
  }

  /// An answer that reads state and changes nothing: shown when what it read is durable.
  public func reply(_ ticket: Ticket, _ result: Result<[UInt8], Refusal>) {
    waiting.append((decidedThrough, Reply(ticket: ticket, result: result)))
  }

  /// Let time pass: everything that is due, up to `limit` facts. Returns whether more is due.
  @discardableResult
  public func lapse(at now: Instant, limit: Int = 512) -> Bool {
    guard timersRun else { return false }
    var facts: [Rules.Fact] = []
    while facts.count < limit, let due = rules.nextDeadline, due <= now {
      let next = rules.lapse(at: now)
      guard !next.isEmpty else { break }
      for fact in next { rules.apply(fact, at: now) }
      facts += next
    }
    if !facts.isEmpty { append(Entry(at: now, facts: facts)) }
    return rules.nextDeadline.map { $0 <= now } ?? false
  }

  /// The wall clock jumped.
  public func clockStepped(by span: Span, at now: Instant) {
    keep(Entry(at: now, mark: Mark(kind: .clockStepped(ClockStepped(by: span)))))
  }

  /// A peer's journal has lost its end: whatever is open is handed over again.
  public func handOverAgain(to peer: Peer, at now: Instant) {
    keep(Entry(at: now, mark: Mark(kind: .peerLost(PeerLost(peer: peer.rawValue)))))
  }

  /// Leave proof that writing works.
  public func probe(_ probed: Probed, at now: Instant) {
    keep(Entry(at: now, mark: Mark(kind: .probed(probed))))
  }

  // MARK: What leaves

  /// Rows that must become durable next, in order.
  public func takeBatch() -> [Row] {
    defer { batch.removeAll(keepingCapacity: true) }
    return batch
  }

  public var hasRowsToWrite: Bool { !batch.isEmpty }

  /// Everything up to this row is on disk.
  public func durable(through sequence: UInt64) {
    precondition(sequence <= decidedThrough, "row \(sequence) is durable but only \(decidedThrough) were decided")
    durableThrough = max(durableThrough, sequence)
  }

  /// Replies whose rows are durable, in order.
  public func takeReplies(_ send: (Reply) -> Void) {
    while let first = waiting.first, first.sequence <= durableThrough {
      waiting.removeFirst()
      send(first.reply)
    }
  }

  /// How many replies wait for the disk.
  public var repliesWaiting: Int { waiting.count }

  /// The fewest entries that fold into the present state, for a checkpoint at `durableThrough`.
  public func condensed(at now: Instant) -> [Entry<Rules.Fact>] {
    // The start goes first: to the rules it means that a process took over, which must not happen again to what follows.
    var entries: [Entry<Rules.Fact>] = []
    if let (started, at) = lastStart {
      var started = started
      started.answersGoneAt = answered.forgottenThrough
      entries.append(Entry(at: at, mark: Mark(kind: .started(started))))
    }
    if let keysKnown { entries.append(Entry(at: now, mark: Mark(kind: .keysKnown(keysKnown)))) }
    entries += rules.condensed().map { Entry(at: now, facts: [$0]) }
    entries += answered.all.map { Entry(at: $0.answeredAt, answered: $0) }
    return entries
  }

  // MARK: -

  func keep(_ entry: Entry<Rules.Fact>) {
    fold(entry)
    append(entry)
  }

  func append(_ entry: Entry<Rules.Fact>) {
    decidedThrough += 1
    batch.append(Row(at: entry.at, body: codec.encode(entry)))
  }

  private func fold(_ entry: Entry<Rules.Fact>) {
    for fact in entry.facts { rules.apply(fact, at: entry.at) }
    if let answer = entry.answered { answered.remember(answer, at: entry.at) }
    switch entry.mark?.kind {
    case .started(let started):
      epoch = max(epoch, started.epoch)
      answered.forgot(through: started.answersGoneAt)
      lastStart = (started, entry.at)
      rules.restarted(at: entry.at)
      if started.afterLoss { rules.skipNumbers(over: started.lost) }
    case .clockStepped(let step):
      if let start = lastStart?.started { lastStart?.started.wallAt = start.wallAt + step.by }
      answered.clockStepped(by: step.by)
      rules.clockStepped(by: step.by)
      for index in books.indices { books[index].clockStepped(by: step.by) }
    case .peerLost(let lost): if let peer = Peer(rawValue: lost.peer) { rules.peerLost(peer, at: entry.at) }
    case .keysKnown(let known): keysKnown = known
    case .probed, nil: break
    }
  }
}

extension Answered {
  init(of call: CallIdentity, answer: [UInt8], at now: Instant) {
    self.init(principal: call.principal, requestHash: call.requestHash, answer: answer, answeredAt: now)
    switch call.token {
    case .key(let key): self.key = key
    case .session(let session, let sequence, let acknowledgedThrough):
      self.session = session
      self.sequence = sequence
      self.acknowledgedThrough = acknowledgedThrough
    }
  }

  var result: Result<[UInt8], Refusal> {
    guard status == 0 else {
      return .failure(Refusal(Status(rawValue: status) ?? .unknown, statusMessage, field: field))
    }
    return .success(answer)
  }
}
