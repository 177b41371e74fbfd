import ArgumentParser
import Machinery
import Messages
import Notifying
import Processes
import Providers
import Tiers

/// `alert-intake`: takes alerts in; OK means on disk.
public struct IntakeProgram: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "alert-intake", abstract: "Takes alerts from sources; OK means on disk.", version: tocsinVersion)
  @OptionGroup var options: HostOptions

  public init() {}

  public func run() throws {
    try TierProgram.run(.intake(number: options.intakeNumber, of: options.intakes), options)
  }
}

/// `scheduler`: who is on call, when and why.
public struct SchedulerProgram: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "scheduler", abstract: "Knows who is on call, when and why.", version: tocsinVersion)
  @OptionGroup var options: HostOptions

  public init() {}

  public func run() throws {
    try TierProgram.run(.scheduler(zones: SystemTimeZones.load()), options)
  }
}

/// `escalator`: carries incidents until somebody acts.
public struct EscalatorProgram: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "escalator", abstract: "Carries incidents by their clocks until somebody acts.", version: tocsinVersion
  )
  @OptionGroup var options: HostOptions

  public init() {}

  public func run() throws {
    try TierProgram.run(.escalator(zones: SystemTimeZones.load(), intakes: options.intakes), options)
  }
}

/// `notifier`: makes pages reach people.
public struct NotifierProgram: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "notifier", abstract: "Makes pages reach people, and keeps the ledger of every page.",
    version: tocsinVersion)
  @OptionGroup var options: HostOptions

  public init() {}

  public func run() throws {
    let options = options
    // Its keys and secrets are read before the tier runs.
    try ProcessMemory.hide()
    let reach = try options.allowInward.map { try Reach(allowing: $0) } ?? .outwards
    let conversations = try Conversations(reach: reach)
    let providers = try NotifierProviders.make(
      options, conversations, reach: reach, log: TierProgram.logger("notifier", options))
    let keys = try ContactKeyFile(path: options.contactKeys ?? "\(options.data)/contact-keys").keys()
    let terms = try AnsweringSecret.terms(options)
    let signing = CallbackSigning(TierProgram.logger("notifier", options))
    try TierProgram.run(
      .notifier(zones: SystemTimeZones.load(), contactKeys: keys, answering: terms, intakes: options.intakes), options,
      deliver: { attempt, now, then in
        providers.deliver(HandOver(attempt.asSent(signing), at: now)) { then(Settlement(of: attempt, $0)) }
      }, begun: { try CallbackDoor.open($0, options, terms, conversations, signing) })
  }
}
