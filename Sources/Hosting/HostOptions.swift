import ArgumentParser
import Bus
import Glibc
import Messages
import Metrics
import Processes
import Providers

/// The options of every tier: the same names for all four. Each can be given as an environment variable too
/// (`--contact-keys` is `TOCSIN_CONTACT_KEYS`). What is a secret stands in a file that is named here, because whoever is on a machine sees
/// command lines, and whoever can see a container sees its environment.
public struct HostOptions: ParsableArguments, Sendable {
  @Option(help: "Endpoints to bind for tiers and operators, for example tcp://127.0.0.1:7111.")
  public var listen: [String] = []
  @Option(
    help: """
      Endpoints to bind for sources (alert-intake), for example tcp://127.0.0.1:7101: there only what sources need can be \
      called, with payloads up to 64 KiB.
      """)
  public var listenSources: [String] = []
  @Option(
    help: """
      Folder of keys: this tier's own (TIER.secret), who may come in (authorized) and by which keys the other tiers are known \
      (tiers). tocsinctl keys init makes one.
      """)
  public var keys: String?
  @Flag(help: "Run without keys, on endpoints of this machine only: anybody on it may then page and silence people.")
  public var insecureLoopback = false
  @Option(help: "Directory of this tier's journal; nobody else may use it.")
  public var data: String
  @Option(
    help: """
      Endpoint of alert-intake for tiers. Of several intakes give each, in the order of their numbers, to escalator,
      notifier and each intake.
      """)
  public var intake: [String] = []
  @Option(
    help: """
      Which of several intakes behind one address list this is (alert-intake), from 1 to 4: no two may have the same. Not given: the only
      one.
      """)
  public var intakeNumber: UInt32 = 0
  @Option(help: "Endpoint of the scheduler.")
  public var scheduler: String?
  @Option(help: "Endpoint of the escalator.")
  public var escalator: String?
  @Option(help: "Endpoint of the notifier.")
  public var notifier: String?
  @Option(
    help: """
      File with the URL that is asked (GET) each time that a synthetic alert has come through within 90 s (notifier): an outside \
      dead-man's switch, which alarms when it hears nothing. Nobody else may be able to read it: whoever knows it can fake a beat.
      """)
  public var beatUrlFile: String?
  @Option(
    help: """
      Address and port for providers' callbacks (notifier), for example 127.0.0.1:7120: answers to pages by SMS, voice, Slack and \
      links. Loopback, with a proxy that speaks TLS before it.
      """)
  public var callbacks: String?
  @Option(
    help: """
      Where the public reaches that port (notifier), for example https://tocsin.example.com; providers sign it. Without it pages \
      carry no codes, links or buttons.
      """)
  public var callbackUrl: String?
  @Option(
    help: """
      Where the links of pages lead (notifier): the gateway's --page-url, where people answer and see the incident. Not given: to \
      --callback-url.
      """)
  public var answerUrl: String?
  @Option(
    help: """
      Networks inside, separated by commas, that channels may be routed to (notifier), for example 10.2.0.0/16,127.0.0.1: \
      whatever else lies inwards (loopback, private, link-local, metadata and the like) is refused when a request is about to go there.
      """)
  public var allowInward: String?
  @Option(
    help: """
      File with the keys that addresses are sealed with on the notifier's disk, contact-keys in --data when not given. Nobody \
      else may be able to read it; without it the journal can't be read.
      """)
  public var contactKeys: String?
  @Option(help: "File that the console channel writes pages to (notifier); standard output when not given.")
  public var pages: String?
  @Option(
    help: """
      File with the URL that hears, as JSON, when a tier that this one needs is lost and when it is back; no personal data goes \
      there. Nobody else may be able to read it.
      """)
  public var fallbackWebhookFile: String?
  @Option(help: "After how many seconds out of reach another tier is lost.")
  public var peerLostAfter: UInt32 = 60
  @Option(
    help: """
      Address and port for monitoring by HTTP (/metrics, /healthz, /readyz), for example 127.0.0.1:9171; none when not \
      given. Whoever reaches it sees figures and no personal data, and can change nothing.
      """)
  public var metrics: String?
  @Option(
    help: """
      How much to say: trace, debug, info, notice, warning, error. From info on each thing that happens to an alert is a line, with \
      the alert's id as its trace, the same from the source to the provider.
      """)
  public var logLevel: String = "info"
  @Option(help: "How lines of the log look: text for people, json for programs (an object a line).")
  public var logFormat: LogFormat = .text
  @Option(help: "Run the clock this many times as fast; for demos and tests, on a fresh journal only.")
  public var clockRate: Double = 1
  @Option(help: "File that holds where a fast clock began, shared by all tiers.")
  public var clockOrigin: String?
  @Option(
    help: """
      For how many days incidents stay in history after their end (escalator): timelines, reports, reviews, rehearsals. For ever \
      when not given. The journal keeps what it has.
      """)
  public var keepHistory: UInt32?
  @Option(help: "Write a checkpoint after so many rows, or as many as the last one has entries.")
  public var checkpointEvery: UInt64 = 100_000
  @Flag(
    help: """
      Start although the disk has lost rows that were said to be durable. Then tell the others: \
      tocsinctl hand-over-again TIER.
      """)
  public var acceptLoss = false
  @Option(help: ArgumentHelp("End with SIGKILL at the Nth time that a labelled point is reached.", visibility: .hidden))
  public var crashAt: String?
  @Flag(help: ArgumentHelp("Answer calls, and let nothing happen by time.", visibility: .hidden))
  public var stopTimers = false

  public init() {}

  public mutating func validate() throws {
    guard peerLostAfter > 0 else { throw ValidationError("--peer-lost-after must be at least 1") }
    if let callbackUrl {
      guard AddressForm.web.fits(callbackUrl), !callbackUrl.contains("?"), !callbackUrl.contains("#") else {
        throw ValidationError("--callback-url must be \(AddressForm.web.words)")
      }
    }
    if let answerUrl {
      guard AddressForm.web.fits(answerUrl), !answerUrl.contains("?"), !answerUrl.contains("#") else {
        throw ValidationError("--answer-url must be \(AddressForm.web.words)")
      }
    }
    guard intakeNumber <= Peer.intakesAtMost, intake.count <= Int(Peer.intakesAtMost) else {
      throw ValidationError("there are at most \(Peer.intakesAtMost) intakes")
    }
    guard keepHistory != 0 else { throw ValidationError("--keep-history must be at least 1 day") }
    guard clockRate > 0 else { throw ValidationError("--clock-rate must be more than 0") }
    if let metrics, MetricsPlace(metrics) == nil {
      throw ValidationError("--metrics is an IP address and a port, such as 127.0.0.1:9171, not \"\(metrics)\"")
    }
    guard clockRate == 1 || clockOrigin != nil else {
      throw ValidationError("--clock-rate needs --clock-origin, a file that all tiers share")
    }
  }

  /// What stands in a file that an option names; nil: it was not given. A slip ends the start, and not the first use at night.
  static func secret(_ option: String, in file: String?) throws -> String? {
    do {
      return try file.map(SecretFile.text)
    } catch {
      throw HostFailure("\(option): \(error)")
    }
  }

  /// The files of secrets that this process has, as far as its options and not the configuration say; those beside the journal only
  /// where they were made already.
  func secretFiles(of tier: String) -> [String] {
    let beside = [contactKeys ?? "\(data)/contact-keys", "\(data)/answering-secret"]
    return [keys.map { KeyDirectory($0).secretPath(of: tier) }, fallbackWebhookFile, beatUrlFile].compactMap { $0 }
      + beside.filter { access($0, F_OK) == 0 }
  }

  var intakes: UInt32 { UInt32(max(1, intake.count)) }

  /// Endpoints of the tiers that this one owes something, as far as they were given.
  func endpoint(of peer: Peer) -> String? {
    switch peer {
    case .intake: intake.first
    case .furtherIntake(let number): Int(number) <= intake.count ? intake[Int(number) - 1] : nil
    case .scheduler: scheduler
    case .escalator: escalator
    case .notifier: notifier
    case .provider: nil
    }
  }
}
