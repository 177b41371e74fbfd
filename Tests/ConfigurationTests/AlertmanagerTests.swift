import AlertSources
import Alerting
import Machinery
import Messages
import Testing

/// What a real Alertmanager sent becomes events, one for each alert.
@Suite struct AlertmanagerTests {
  private func read(_ name: String) throws -> [Event] {
    try AlertmanagerWebhook(reading: Repository.sample(name)).events
  }

  @Test func threeFiringAlertsOfOneGroupAreThreeEvents() throws {
    let events = try read("webhook-1-three-firing")
    #expect(events.map(\.dedupKey) == ["00db3c055e4b4ac8", "e2bf51d9826f97a1", "3224d008fcd259be"])
    #expect(events.map(\.summary) == (0...2).map { "5xx ratio 7.\($0)% on web-\($0)" })
    #expect(events.allSatisfy { $0.action == .trigger && $0.severity == .sev1 && $0.alertClass == "high_error_rate" })
    #expect(events.allSatisfy { $0.service == "aion-web-api" && $0.source == "alertmanager" })
    #expect(
      events[0]
        == Event(
          action: .trigger, source: "alertmanager", dedupKey: "00db3c055e4b4ac8", severity: .sev1,
          summary: "5xx ratio 7.0% on web-0", alertClass: "high_error_rate", service: "aion-web-api",
          labels: [
            Label(name: "alertname", value: "HighErrorRate"), Label(name: "cluster", value: "eu-1"),
            Label(name: "instance", value: "web-0:8080"), Label(name: "namespace", value: "aion-production"),
            Label(name: "service", value: "aion-web-api"), Label(name: "severity", value: "critical"),
          ],
          links: [
            Link(href: "https://docs.example.com/runbooks/high_error_rate.md", text: "runbook"),
            Link(href: "http://prometheus.aion.internal:9090/graph?g0.expr=up&g0.tab=1", text: "source"),
          ],
          details: "Error rate above 0.1% for 5m", occurredAt: Instant(milliseconds: 1_795_478_795_320)))
  }

  @Test func serviceDownIsTheClassServiceDown() throws {
    let events = try read("webhook-2-service-down-firing")
    #expect(events.map(\.alertClass) == ["service_down"])
    #expect(events.map(\.severity) == [.sev1])
    #expect(events.map(\.service) == ["aion-ai-inference"])
    #expect(try Repository.shipped().intake.classes.map(\.name).contains(events[0].alertClass))
  }

  @Test func wordsOfAllLanguagesSurvive() throws {
    let event = try #require(try read("webhook-3-unicode-warning").first)
    #expect(event.details == "“checkout” route — latence élevée, 遅延")
    #expect(event.summary == "p95 latency 1.9s (expected < 500ms)")
    #expect(event.severity == .sev3)
    #expect(event.alertClass == "high_latency")
    #expect(event.links.map(\.text) == ["source"])
  }

  @Test func infoIsSev4() throws {
    let event = try #require(try read("webhook-4-info").first)
    #expect(event.severity == .sev4)
    #expect(event.alertClass == "backup_missing")
    #expect(event.service == "postgres")
  }

  @Test func resolvedClosesWhatFired() throws {
    let fired = try #require(try read("webhook-2-service-down-firing").first)
    let resolved = try #require(try read("webhook-5-service-down-resolved").first)
    #expect(resolved.action == .resolve)
    #expect(resolved.dedupKey == fired.dedupKey)
    #expect(resolved.occurredAt == Instant(milliseconds: 1_795_478_799_327))
    #expect(resolved.occurredAt > fired.occurredAt)
  }

  @Test func aMixedGroupIsSortedByAlert() throws {
    let events = try read("webhook-6-mixed")
    #expect(events.map(\.action) == [.trigger, .resolve, .trigger])
    #expect(events[1].occurredAt == Instant(milliseconds: 1_795_478_799_329))
  }

  @Test func severityWordsCanBeGivenOtherMeanings() throws {
    let words = SeverityWords.usual.with(["critical": .sev2, "page": .sev1])
    let events = try AlertmanagerWebhook(
      reading: Repository.sample("webhook-2-service-down-firing"), severities: words
    ).events
    #expect(events.map(\.severity) == [.sev2])
    #expect(words.severity(of: "PAGE") == .sev1)
    #expect(words.severity(of: "SEV-4") == .sev4)
    #expect(words.severity(of: "sev3") == .sev3)
    #expect(words.severity(of: "dreadful") == .sev2)
    #expect(words.severity(of: "") == .sev2)
  }

  @Test func whatIsNoPayloadIsRefusedByPlace() {
    func complaint(_ json: String) -> String? {
      do {
        _ = try AlertmanagerWebhook(reading: Array(json.utf8))
        return nil
      } catch { return error.description }
    }
    #expect(
      complaint("{")
        == "payload: expected well-formed JSON, found text that is not JSON: a name in quotes is expected (line 1)")
    #expect(complaint("{\"version\":\"4\"}") == "alerts: expected a list, found none")
    #expect(complaint("{\"version\":\"3\",\"alerts\":[]}") == "version: expected \"4\", found \"3\"")
    #expect(complaint("{\"version\":\"4\",\"alerts\":[],\"routeLabels\":{}}") == nil)
  }

  @Test func oneThatIsWrongKeepsNoOtherOfItsGroupOut() throws {
    let json = """
      {"version":"4","truncatedAlerts":-1,"alerts":[{"status":"firing","labels":{"a":1}},{"status":"firing","labels":{}},
      {"status":"shouting","labels":{"a":"b"},"fingerprint":"f"},7,
      {"status":"firing","labels":{"a":"b"},"fingerprint":"f","startsAt":"noon"},
      {"status":"resolved","labels":{"a":"b"},"endsAt":"noon"}]}
      """
    let webhook = try AlertmanagerWebhook(reading: Array(json.utf8))
    #expect(webhook.events.map(\.action) == [.trigger, .resolve] && webhook.truncated == 0)
    #expect(webhook.events[0].dedupKey == "f" && !webhook.events[0].occurredAt.isSet)
    #expect(webhook.events[1].dedupKey.count == 16, "by its labels, as Alertmanager makes it")
    #expect(
      webhook.wrong.map(\.at) == [
        "alerts[0].labels.a", "alerts[1].fingerprint", "alerts[2].status", "alerts[3].status",
      ],
      "\(webhook.wrong)")
  }

  @Test func longTextsAreCutAndNotRefused() throws {
    let long = String(repeating: "é", count: 40_000)
    let json =
      "{\"version\":\"4\",\"truncatedAlerts\":3,\"alerts\":[{\"status\":\"firing\",\"labels\":{\"alertname\":\"A\"},"
      + "\"annotations\":{\"summary\":\"\(long)\",\"description\":\"\(long)\"},\"fingerprint\":\"f\"}]}"
    let webhook = try AlertmanagerWebhook(reading: Array(json.utf8))
    #expect(webhook.truncated == 3)
    #expect(webhook.events[0].summary.utf8.count <= 1_024)
    #expect(webhook.events[0].summary.hasSuffix("é…"))
    #expect(webhook.events[0].details.utf8.count <= 32 * 1_024)
  }

  /// What is too long or dirty somewhere is cut, and intake takes the event: the page is what counts.
  @Test(arguments: [
    "label value", "label name", "service", "alert name", "generatorURL", "runbook", "control characters",
    "labels", "summary", "fingerprint", "a time before 1970",
  ]) func whatPrometheusSaysTooMuchOfLosesNoPage(what: String) throws {
    let long = String(repeating: "x", count: 5_000)
    var labels = ["alertname": "A", "service": "web"]
    var more = ""
    switch what {
    case "label value": labels["path"] = long
    case "label name": (labels[long], labels[long + "y"]) = ("a", "b")
    case "service": labels["service"] = long
    case "alert name": labels["alertname"] = long
    case "generatorURL": more = #","generatorURL":"http://prometheus/graph?\#(long)""#
    case "runbook": more = #","annotations":{"runbook_url":"http://\#(long)","description":"it is slow"}"#
    case "control characters":
      labels["path"] = #"a\u0000b\u001b[31m"#
      labels["service"] = #"w\u0007b"#
      more = #","generatorURL":"http://a\u0000b","annotations":{"summary":"s\u0000"}"#
    case "labels": for number in 0..<100 { labels["label-\(number)"] = "x" }
    case "summary": more = #","annotations":{"summary":"\#(long)"}"#
    case "a time before 1970": more = #","startsAt":"1960-01-01T00:00:00Z""#
    default: break
    }
    let pairs = labels.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
    let fingerprint = what == "fingerprint" ? #"f\u0001"# : "f"
    let json =
      #"{"version":"4","alerts":[{"status":"firing","labels":{\#(pairs)},"fingerprint":"\#(fingerprint)"\#(more)}]}"#
    let event = try #require(try AlertmanagerWebhook(reading: Array(json.utf8)).events.first)
    let decision = try Alerts().decide(.publish(event, traceparent: []), at: Instant(milliseconds: 1_795_489_200_000))
    #expect(decision.facts.count == 1)
    let texts =
      [event.dedupKey, event.service, event.alertClass, event.summary] + event.labels.map(\.value)
      + event.links.map(\.href)
    for text in texts { #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control }) }
    switch what {
    case "generatorURL":
      #expect(event.links.isEmpty)
      #expect(event.details == "(the source link of 5024 bytes is too long and was left out)")
    case "runbook":
      #expect(event.details == "it is slow\n(the runbook link of 5007 bytes is too long and was left out)")
    case "label name": #expect(event.labels.count == 3)
    case "labels": #expect(event.labels.count == 64)
    default: break
    }
  }

  @Test func namesBecomeSnakeCase() throws {
    let names = [
      "HTTPErrorsHigh": "http_errors_high", "Node2Down": "node2_down", "disk full!": "disk_full",
      "KubePodOOM": "kube_pod_oom",
      "already_snake": "already_snake", "": "",
    ]
    for (name, expected) in names {
      let json =
        #"{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"\#(name)"},"fingerprint":"f"}]}"#
      #expect(try AlertmanagerWebhook(reading: Array(json.utf8)).events[0].alertClass == expected)
    }
  }

  @Test func timeStampsAreReadWithDecimalsAndOffsets() {
    #expect(RFC3339.instant("1970-01-01T00:00:01Z") == Instant(milliseconds: 1_000))
    #expect(RFC3339.instant("2026-11-24T00:06:35.320239Z") == Instant(milliseconds: 1_795_478_795_320))
    #expect(RFC3339.instant("2026-11-24T01:36:35.3+01:30") == Instant(milliseconds: 1_795_478_795_300))
    #expect(RFC3339.instant("2015-07-17T08:42:58.315+0000") == Instant(milliseconds: 1_437_122_578_315))
    #expect(RFC3339.instant("2000-02-29T00:00:00Z") == Instant(milliseconds: 951_782_400_000))
    #expect(RFC3339.instant("2024-02-29T12:00:00-08:00") == Instant(milliseconds: 1_709_236_800_000))
    for wrong in [
      "", "now", "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00Zx",
      "2026-02-31T00:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
      "2026-06-00T00:00:00Z", "2026-12-32T00:00:00Z",
    ] {
      #expect(RFC3339.instant(wrong) == nil)
    }
  }
}
