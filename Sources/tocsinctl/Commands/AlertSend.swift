import AlertSources
import ArgumentParser
import Messages
import Wire

/// Reports to intake: one alert from flags, or many from a file.
struct AlertSend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Report an alert; OK means that intake has it on disk.",
    discussion: """
      One alert from flags:
        tocsinctl alert send --severity SEV-1 --class service_down "no ready pods"
        tocsinctl alert send --action resolve --key backup-postgres

      Many, one JSON object a line, with the keys action, source, dedup_key,
      severity, summary, class, service, labels, links, details, occurred_at:
        tocsinctl alert send --json-lines events.jsonl

      What Alertmanager sends to a webhook (version 4), each element of its `alerts`
      an alert of its own:
        tocsinctl alert send --alertmanager payload.json
        curl -s http://... | tocsinctl alert send --alertmanager -
      firing is a trigger, resolved a resolve; the fingerprint is the dedup key;
      the class is the alert's name in snake case (ServiceDown is service_down);
      severity words are critical SEV-1, error SEV-2, warning SEV-3, info SEV-4,
      any other SEV-2, and --severity-map page=SEV-1 adds or changes one.
      """)

  @Argument(help: "What is wrong, in a line.")
  var summary: String?

  @Option(help: "trigger, acknowledge, resolve or change.")
  var action: String = "trigger"

  @Option(help: "How bad: SEV-1 .. SEV-4. Required for a trigger.")
  var severity: SeverityArgument?

  @Option(help: ArgumentHelp("Dedup key: the same key while open is one alert.", valueName: "key"))
  var key: String?

  @Option(name: .customLong("class"), help: ArgumentHelp("Alert class; gives the response steps.", valueName: "name"))
  var alertClass: String?

  @Option(help: ArgumentHelp("The service that is affected.", valueName: "name"))
  var service: String?

  @Option(help: ArgumentHelp("Who reports.", valueName: "name"))
  var source: String?

  @Option(name: .customLong("label"), help: ArgumentHelp("A label; as often as needed.", valueName: "name=value"))
  var labels: [PairArgument] = []

  @Option(name: .customLong("link"), help: ArgumentHelp("A link; as often as needed.", valueName: "url"))
  var links: [String] = []

  @Option(help: "More words, at most 32 KiB.")
  var details: String?

  @Option(
    name: .customLong("at"), parsing: .unconditional,
    help: ArgumentHelp("When it happened: \(TimeArgument.help).", valueName: "time"))
  var occurredAt: TimeArgument?

  @Option(help: ArgumentHelp("Events from a file of JSON lines; - is standard input.", valueName: "file"))
  var jsonLines: String?

  @Option(help: ArgumentHelp("An Alertmanager webhook payload; - is standard input.", valueName: "file"))
  var alertmanager: String?

  @Option(
    name: .customLong("severity-map"),
    help: ArgumentHelp("What a severity word means; repeat.", valueName: "word=SEV-n"))
  var severityMap: [PairArgument] = []

  @Option(help: ArgumentHelp("How many events of a file are under way at once.", valueName: "n"))
  var inFlight: Int = 16

  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    if jsonLines != nil && alertmanager != nil { throw ValidationError("--json-lines or --alertmanager, not both") }
    let isFromFile = jsonLines != nil || alertmanager != nil
    if isFromFile && (summary != nil || severity != nil || key != nil) {
      throw ValidationError("a file brings its own summaries, severities and keys")
    }
    guard let action = EventLine.action(action) else {
      throw ValidationError("--action is trigger, acknowledge, resolve or change")
    }
    if !isFromFile && action == .trigger && (severity == nil || summary == nil) {
      throw ValidationError("a trigger needs --severity and a summary")
    }
    for pair in severityMap where SeverityWords.severity(named: pair.value) == nil {
      throw ValidationError("--severity-map \(pair.name)=...: a severity is SEV-1 .. SEV-4")
    }
    guard (1...1_024).contains(inFlight) else { throw ValidationError("--in-flight is from 1 to 1024") }
  }

  func run() async throws {
    let sending = EventSending(cluster: global.cluster, output: global.output, lanes: inFlight)
    try await sending.send(events())
  }

  private var severities: SeverityWords {
    let pairs = severityMap.map { ($0.name, SeverityWords.severity(named: $0.value) ?? SeverityWords.otherwise) }
    return .usual.with(Dictionary(pairs) { $1 })
  }

  private func events() throws -> [Event] {
    if let file = alertmanager {
      do {
        let webhook = try AlertmanagerWebhook(
          reading: InputFile.bytes(file), source: source ?? "alertmanager", severities: severities)
        if webhook.truncated > 0 {
          Failure.say("\(file): Alertmanager left out \(webhook.truncated) alerts of this group (its max_alerts)")
        }
        if let wrong = webhook.wrong.first { throw wrong }
        return webhook.events
      } catch let error as SourceError {
        throw WrongInput(file, error)
      }
    }
    if let file = jsonLines { return try InputFile.events(file, source: source ?? "tocsinctl", severities: severities) }
    return [
      Event(
        action: EventLine.action(action) ?? .trigger, source: source ?? "tocsinctl", dedupKey: key ?? "",
        severity: severity?.severity ?? .unspecified, summary: summary ?? "", alertClass: alertClass ?? "",
        service: service ?? "", labels: labels.map { Label(name: $0.name, value: $0.value) },
        links: links.map { Link(href: $0) }, details: details ?? "", occurredAt: try occurredAt.instant(global.times))
    ]
  }
}
