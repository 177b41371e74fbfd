import ArgumentParser
import Messages
import Metrics
import Pages
import Processes

/// What the gateway is started with; each can stand in the environment instead (`--integrations` is `TOCSIN_INTEGRATIONS`).
public struct GatewayOptions: ParsableArguments, Sendable {
  @Option(help: "Address and port for sources' HTTP, for example 127.0.0.1:7106.")
  public var listen: String
  @Option(
    help: """
      Endpoint of alert-intake for sources, for example tcp://127.0.0.1:7101. Of several intakes give each, in the order of their \
      numbers: what one doesn't take goes to the next.
      """)
  public var intake: [String]
  @Option(
    help: """
      Folder (0700) of who may report: for each source NAME.http-key with the keys that it shows here and NAME.secret with its \
      own key; and the file tiers. tocsinctl keys integration NAME makes them.
      """)
  public var integrations: String
  @Option(
    help: """
      Where people reach the pages, for example https://tocsin.example.com; without it none are shown. http:// on this machine only. \
      Needs --scheduler, --escalator and --notifier, and what tocsinctl keys pages makes in the folder of integrations.
      """)
  public var pageUrl: String?
  @Option(
    help: """
      Endpoint of the scheduler, for the pages and for calendars by secret address (/calendar/SECRET.ics), for example \
      tcp://127.0.0.1:7102.
      """)
  public var scheduler: String?
  @Option(help: "Endpoint of the escalator, for the pages and for the public status page (/status); none without it.")
  public var escalator: String?
  @Option(help: "Endpoint of the notifier, for the pages.")
  public var notifier: String?
  @Option(help: "What the status page is called.")
  public var statusTitle: String = "Status"
  @Option(
    help: """
      Header in which a proxy that has seen who somebody is says so, for example X-Forwarded-User: a person's short name. Needs \
      --forward-auth-from and --forward-auth-secret-file.
      """)
  public var forwardAuthHeader: String?
  @Option(
    help:
      "Addresses of those proxies, separated by commas: from anywhere else the header says nothing, for example 10.2.0.5."
  )
  public var forwardAuthFrom: String?
  @Option(
    help: """
      File (mode 400) with what those proxies send in the header Tocsin-Proxy-Secret: without it their header says nothing either.
      """)
  public var forwardAuthSecretFile: String?
  @Option(
    help: """
      Addresses of proxies that say in X-Forwarded-For where a request comes from, separated by commas: tries to sign in are counted \
      by that address. From anywhere else the header says nothing.
      """)
  public var trustedProxies: String?
  @Flag(help: "alert-intake runs without keys (its own --insecure-loopback): on this machine only.")
  public var insecureLoopback = false
  @Option(
    help: """
      Address and port for monitoring by HTTP (/metrics, /healthz, /readyz), for example 127.0.0.1:9175; none when not \
      given.
      """)
  public var metrics: String?
  @Option(
    help: """
      A tier whose figures /metrics shows with its own, as NAME=ADDRESS:PORT, for example alert-intake=127.0.0.1:9171; once for \
      each (several intakes are alert-intake, alert-intake-2, ..).
      """)
  public var gather: [String] = []
  @Option(help: "Certificates (PEM) with which TLS is spoken, its own first; looked at again when the file changes.")
  public var certificate: String?
  @Option(help: "Its key (PEM), which nobody else may read.")
  public var key: String?
  @Option(help: "How much to say: trace, debug, info, notice, warning, error.")
  public var logLevel: String = "info"
  @Option(help: "How lines of the log look: text for people, json for programs (an object a line).")
  public var logFormat: LogFormat = .text

  public init() {}

  /// What the program was called with, and what only the environment says.
  public static func arguments() -> [String] { EnvironmentArguments.all(for: GatewayOptions()) }

  public mutating func validate() throws {
    if let metrics, MetricsPlace(metrics) == nil {
      throw ValidationError("--metrics is an IP address and a port, such as 127.0.0.1:9175, not \"\(metrics)\"")
    }
    guard intake.count <= Int(Peer.intakesAtMost) else {
      throw ValidationError("there are at most \(Peer.intakesAtMost) intakes")
    }
    guard Set(intake).count == intake.count else { throw ValidationError("--intake names one intake twice") }
    for place in gather where GatheredPlace(place) == nil {
      throw ValidationError(
        "--gather is a name, an IP address and a port, such as scheduler=127.0.0.1:9171, not \"\(place)\"")
    }
    guard gather.isEmpty || metrics != nil else {
      throw ValidationError("--gather needs --metrics: what it gathers is shown there")
    }
    guard (certificate == nil) == (key == nil) else {
      throw ValidationError("--certificate and --key go together: TLS needs both")
    }
    if let pageUrl {
      guard SiteURL(pageUrl) != nil else {
        throw ValidationError(
          "--page-url is https:// and a host, without a path (http:// on this machine only), not \"\(pageUrl)\"")
      }
      guard certificate == nil || pageUrl.hasPrefix("https://") else {
        throw ValidationError(
          "with --certificate browsers come by TLS: --page-url must be https://, not \"\(pageUrl)\"")
      }
      guard scheduler != nil, escalator != nil, notifier != nil else {
        throw ValidationError("--page-url needs --scheduler, --escalator and --notifier")
      }
    }
    try validateProxies()
    let endpoints = intake + [scheduler, escalator, notifier].compactMap { $0 }
    guard !insecureLoopback || endpoints.allSatisfy({ $0.contains("127.0.0.1") || $0.contains("[::1]") }) else {
      throw ValidationError("--insecure-loopback is for tiers on this machine")
    }
  }
}
