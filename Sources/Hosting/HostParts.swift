import Bus
import Foundation
import Logging
import Machinery
import Messages
import Metrics
import Processes
import Providers
import SQLiteJournal
import Tiers

/// What a host is made of, ready before its thread starts: the journal open and folded, the clock set.
struct HostParts<Rules: Machine>: @unchecked Sendable {
  // Sendable because it is made on the main thread and handed over, once, to the poll thread; nobody keeps a copy.

  let tier: Tier<Rules>
  let engine: Engine<Rules, Host<Rules>.Ticket>
  let journal: JournalKeeper
  let historian: Historian<Rules>?
  let checkpoints: CheckpointMaker<Rules>
  let log: Logger
  let clock: TierClock
  let crashPoint: CrashPoint
  let startedAt: Instant
  let ends: EndRecord
  let room: DiskRoom
  let messageInHand: MessageInHand
  let deliver: Host<Rules>.Deliver?
  let fallback: FallbackWebhook?
  /// Whether somebody outside hears a beat as long as pages get through.
  let beats: Bool
  let peerLostAfter: Span
  let metricsPlace: MetricsPlace?
  let directory: String
  /// Files of secrets that its options name, and those beside its journal that are there by now.
  let secretFiles: () -> [String]

  init(_ tier: Tier<Rules>, _ options: HostOptions, log: Logger, deliver: Host<Rules>.Deliver?) throws {
    self.tier = tier
    self.log = log
    self.deliver = deliver
    fallback = try HostOptions.secret("--fallback-webhook-file", in: options.fallbackWebhookFile).map {
      try FallbackWebhook(url: $0)
    }
    beats = try HostOptions.secret("--beat-url-file", in: options.beatUrlFile) != nil
    peerLostAfter = .seconds(Int64(options.peerLostAfter))
    metricsPlace = options.metrics.flatMap { MetricsPlace($0) }
    directory = options.data
    secretFiles = { options.secretFiles(of: tier.name) }
    crashPoint = try CrashPoint(options.crashAt)
    let origin = try options.clockOrigin.map { try ClockOrigin(path: $0) }
    var clock = TierClock(rate: options.clockRate, origin: options.clockRate == 1 ? nil : origin)
    let began = PollThread.now()
    if options.acceptLoss { CheckpointFile.removeAll(in: options.data) }
    let checkpoint = CheckpointFile.newest(in: options.data) { log.error("\($0)") }
    let journal = try SQLiteJournal(
      directory: options.data, verifiedThrough: checkpoint?.head ?? .empty, acceptsLoss: options.acceptLoss)
    engine = tier.makeEngine(ticket: Host<Rules>.Ticket.self)
    try Replay.fold(
      into: engine, from: checkpoint, reader: try SQLiteJournalReader(directory: options.data))
    try journal.claim(version: tocsinVersion)
    ends = EndRecord(directory: options.data)
    room = DiskRoom(path: options.data)
    messageInHand = MessageInHand(directory: options.data, personalMethods: tier.personalMethods)
    try Self.checkRate(engine.lastStart?.started, options.clockRate)
    if let started = engine.lastStart?.started, let jump = clock.jumped(since: started) {
      log.warning("the wall clock jumped by \(jump.milliseconds) ms while this tier was down")
      engine.clockStepped(by: jump, at: clock.now())
    }
    if journal.isRestored {
      log.warning(
        "a backup was restored: what was written after row \(journal.head.sequence) is missing. Apply the configuration, then: tocsinctl hand-over-again \(tier.name)"
      )
    }
    engine.timersRun = !options.stopTimers
    startedAt = clock.now()
    engine.start(
      Started(
        bootId: clock.bootID, bootTime: TierClock.read(CLOCK_BOOTTIME) - .unset,
        wallAt: TierClock.read(CLOCK_REALTIME), version: tocsinVersion, clockRate: options.clockRate,
        timeZoneDatabase: SystemTimeZones.release, afterLoss: journal.hasLostRows,
        lost: max(.zero, startedAt - (journal.lastRowAt ?? startedAt))), at: startedAt)
    self.clock = clock
    self.journal = JournalKeeper(journal, contactKeys: tier.contactKeys)
    historian = Historian(
      tier, directory: options.data, keeping: options.keepHistory.map { .days(Int64($0)) }, log: log)
    checkpoints = CheckpointMaker(
      tier, directory: options.data, every: options.checkpointEvery, last: checkpoint, log: log)
    let took = (PollThread.now() - began) / 1_000_000
    log.info("row \(engine.durableThrough), \(engine.rules.openCount) open, folded in \(took) ms")
  }

  /// A journal's instants only make sense at the speed at which they were made.
  private static func checkRate(_ started: Started?, _ rate: Double) throws {
    guard let started, started.clockRate != rate else { return }
    throw HostFailure(
      "this journal has run at \(started.clockRate) times the clock's speed; --clock-rate \(rate) needs a fresh one")
  }
}
