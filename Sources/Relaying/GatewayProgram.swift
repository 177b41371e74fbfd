import ArgumentParser
import Dispatch
import Glibc
import Logging
import Messages
import Metrics
import Pages
import Processes
import Serving

/// `gateway`: takes existing sources' HTTP; what it answers 2xx, alert-intake has on disk.
public struct GatewayProgram: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "gateway", abstract: "Takes existing sources' HTTP, unchanged, for alert-intake.",
    version: tocsinVersion)
  @OptionGroup var options: GatewayOptions

  public init() {}

  public func run() throws {
    let options = options
    try ProcessMemory.hide()
    ProcessEnd.flushesAtExit()
    signal(SIGPIPE, SIG_IGN)
    var log = Logger(label: "gateway") { LogLines(label: $0, format: options.logFormat) }
    log.logLevel = Logger.Level(rawValue: options.logLevel) ?? .info
    let forwarded = Self.forwarded(options, log)
    let folder = IntegrationFolder(path: options.integrations, hasKeys: !options.insecureLoopback)
    let lines = IntakeLines(endpoints: options.intake, intakeKey: try folder.intakeKey(), log: log)
    let integrations = Integrations { integration throws(RelayFailure) in try lines.open(for: integration) }
    try integrations.set(try folder.read())
    if integrations.names.isEmpty {
      log.warning("nobody may report yet: tocsinctl keys integration NAME makes a source's keys")
    }
    let noticeboard = Noticeboard(
      NoticeboardFolder(path: options.integrations, hasKeys: !options.insecureLoopback), scheduler: options.scheduler,
      escalator: options.escalator, title: options.statusTitle, log: log)
    noticeboard.follow()
    let tally = Tally()
    let site = Self.site(options, forwarded, tally, log)
    let relay = Relay(
      integrations, noticeboard: noticeboard, pages: site, tally: tally, log: log, isReady: { lines.isAnyUp })
    let identity = try options.identity()
    let server = try Server(
      options.listen, limits: .granted(log), identity: identity, answering: relay.answering)
    let door = options.metrics.flatMap { MetricsPlace($0) }.map {
      Self.monitoring($0, options.gathering, relay, server, lines, identity, log)
    }
    log.notice(
      "takes \(identity == nil ? "HTTP" : "HTTPS") on port \(server.port) for \(integrations.names.count) sources, version \(tocsinVersion)"
    )
    if site != nil, let url = options.pageUrl { log.notice("shows pages to people at \(url)") }
    Self.follow(folder, integrations, lines, log)
    if let identity { Self.follow(identity, log) }
    Self.stopOnSignals(server)
    withExtendedLifetime(door) { while true { pause() } }
  }

  /// What the pages lack shuts no source out.
  private static func site(
    _ options: GatewayOptions, _ forwarded: ForwardedLogin?, _ tally: Tally, _ log: Logger
  ) -> Site? {
    do {
      return try PageProgram.site(options, forwarded: forwarded, tally, log)
    } catch {
      log.error("no pages are shown: \(error)")
      return nil
    }
  }

  /// Nor does a proxy's secret that can't be used: its header is believed by nobody then.
  private static func forwarded(_ options: GatewayOptions, _ log: Logger) -> ForwardedLogin? {
    do {
      return try options.forwardedLogin()
    } catch {
      log.error("no header says who somebody is: \(error)")
      return nil
    }
  }

  /// A source that is added or taken away is known within a second or two, and by which key intake is known; a folder that isn't right
  /// changes nothing.
  private static func follow(
    _ folder: IntegrationFolder, _ integrations: Integrations, _ lines: IntakeLines, _ log: Logger
  ) {
    Follower.follow("integrations", "the folder of integrations", log: log) { () throws(RelayFailure) in
      do throws(RelayFailure) {
        if let key = try folder.intakeKey() { lines.expect(key) }
        try integrations.set(try folder.read())
      } catch {
        throw RelayFailure("what was known before stays in force: \(error)")
      }
    }
  }

  /// A certificate that is renewed is shown to who connects from then on.
  private static func follow(_ identity: TLSIdentity, _ log: Logger) {
    Follower.follow("certificate", "the certificate", log: log) { () throws(RelayFailure) in
      do throws(ServingFailure) {
        guard try identity.look() else { return }
        log.notice(
          "speaks TLS with another certificate, which ends \(WallClock.text(.init(milliseconds: identity.expiresAt * 1_000)))"
        )
      } catch {
        throw RelayFailure("the certificate before stays: \(error)")
      }
    }
  }

  private static func monitoring(
    _ place: MetricsPlace, _ gathering: Gathering?, _ relay: Relay, _ server: Server, _ lines: IntakeLines,
    _ identity: TLSIdentity?, _ log: Logger
  ) -> MetricsDoor {
    final class Shown: @unchecked Sendable {
      // Sendable because it is set once, before anybody can ask.
      var door: MetricsDoor?
    }
    let shown = Shown()
    let door = MetricsDoor(
      place,
      ask: {
        shown.door?.show(
          TierReport(
            GatewayFigures.all(relay, server, lines, identity),
            trouble: lines.isAnyUp ? nil : "alert-intake can't be reached", at: Tally.now()))
      }, gathering: gathering, log: { log.error("\($0)") })
    shown.door = door
    return door
  }

  /// Longer than an event may take to be published.
  private static let lastAnswersWithin = 8.0

  /// What is under way is answered first: nothing is lost without it, and a sender would say it twice.
  private static func stopOnSignals(_ server: Server) {
    for number in [SIGTERM, SIGINT] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        server.stop()
        let end = DispatchTime.now() + lastAnswersWithin
        while server.connections > 0, DispatchTime.now() < end { usleep(20_000) }
        ProcessEnd.now(0)
      }
      source.resume()
      _ = Unmanaged.passRetained(source as AnyObject)
    }
  }
}
