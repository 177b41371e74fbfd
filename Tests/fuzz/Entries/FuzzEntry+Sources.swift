import AlertSources
import JSON
import Messages

/// What alert sources post to the gateway, a format at a time.
extension FuzzEntry {
  static let sources: [FuzzEntry] = [
    alertmanager, prometheus, grafana, pagerDuty, pagerDutyChange, pagerDutyFirst, opsgenie, goAlert, events,
  ]

  // MARK: Alertmanager and its kin

  private static let ofAlertmanager: Set = ["payload", "version", "alerts", "status", "labels", "fingerprint"]

  /// Alertmanager's webhook.
  static let alertmanager = FuzzEntry(
    "alertmanager", isTaken: { (try? AlertmanagerWebhook(reading: $0))?.events.isEmpty == false },
    seeds: { Samples.fixtures("alertmanager").filter { $0.count <= 4_096 } },
    .atOnce { bytes in
      let promises = SourcePromises(fields: ofAlertmanager) { $0["labels"]?["severity"]?.orNone }
      promises.hold(of: bytes) { () throws(SourceError) in
        let webhook = try AlertmanagerWebhook(reading: bytes, source: "s")
        promises.hold(webhook.events, webhook.wrong, of: alerts(bytes), bytes)
        return nil
      }
    })

  private static func alerts(_ bytes: [UInt8]) -> [JSONValue?] { SourcePromises.json(bytes)?["alerts"]?.elements ?? [] }

  /// What Prometheus posts to `/api/v2/alerts`.
  static let prometheus = FuzzEntry(
    "prometheus",
    isTaken: { (try? PostedAlerts(reading: $0, source: "s", at: postedAt))?.events.isEmpty == false },
    seeds: {
      texts(
        #"""
        [{"labels":{"alertname":"DiskFull","severity":"critical","service":"postgres","empty":""},"annotations":{"summary":"98 %","up":true,"n":1},
        "startsAt":"2026-11-24T01:02:03.004Z","endsAt":"2026-11-24T05:02:03+01:00","generatorURL":"http://prom/graph?g0"},
        {"labels":{"alertname":"Ended","severity":" WARNING\n"},"endsAt":"2026-11-24T01:02:03Z"}]
        """#,
        #"[{"labels":{}},{"labels":7},7,{"labels":{"a":"b"},"endsAt":"noon"},{"labels":{"a":"b"},"startsAt":"2027-01-01T00:00:00Z","endsAt":"2026-01-01T00:00:00Z"}]"#,
        #"[{"labels":{"a\u0001":"1","a\t":"2","a ":"3","severity":"dreadful"},"endsAt":"0001-01-01T00:00:00Z"}]"#)
    },
    .atOnce { bytes in
      let promises = SourcePromises(fields: ["payload", "labels", "startsAt", "endsAt"]) {
        $0["labels"]?["severity"]?.orNone
      }
      promises.hold(of: bytes) { () throws(SourceError) in
        let posted = try PostedAlerts(reading: bytes, source: "s", at: postedAt)
        promises.hold(posted.events, posted.wrong, of: SourcePromises.json(bytes)?.elements ?? [], bytes)
        return nil
      }
    })

  private static let postedAt = Instant(milliseconds: 1_795_489_200_000)

  /// Grafana's contact point: Alertmanager's envelope, or a rule of before Grafana 8.
  static let grafana = FuzzEntry(
    "grafana", isTaken: { (try? GrafanaWebhook(reading: $0, source: "s"))?.events.isEmpty == false },
    seeds: {
      texts(
        #"""
        {"receiver":"oncall","status":"firing","orgId":1,"version":"1","truncatedAlerts":2,"title":"[FIRING:1]","state":"alerting","alerts":[
        {"status":"firing","labels":{"alertname":"HighLatency","severity":"error"},"annotations":{"summary":"slow","runbook_url":"http://r"},
        "startsAt":"2026-11-24T00:06:35Z","endsAt":"0001-01-01T00:00:00Z","fingerprint":"abc","silenceURL":"http://g/silence",
        "dashboardURL":"http://g/d/1","panelURL":"","imageURL":"http://g/i","values":{"A":7,"B":null},"valueString":"[ A=7 ]"},
        {"status":"resolved","labels":{"alertname":"B"},"endsAt":"2026-11-24T00:01:00Z","fingerprint":"def"}]}
        """#,
        #"""
        {"dashboardId":1,"evalMatches":[{"value":7.5,"metric":"cpu","tags":{}},7],"imageUrl":"http://g/i.png","message":"hot","orgId":2,
        "ruleId":9,"ruleName":"CPUHigh","ruleUrl":"http://g/r","state":"alerting","tags":{"severity":"critical","service":"s"},"title":"CPU"}
        """#,
        #"{"ruleId":99999999999999999999,"state":"no_data","tags":{"severity":1}}"#, #"{"ruleId":1,"state":"ok"}"#,
        #"{"ruleId":1,"state":"paused"}"#, #"{"state":"alerting"}"#)
    },
    .atOnce { bytes in
      let ofAlert = SourcePromises(fields: ofAlertmanager) { $0["labels"]?["severity"]?.orNone }
      // What is no word of a tag is no tag.
      let ofRule = SourcePromises(fields: ["payload", "state", "ruleId"]) { $0["tags"]?["severity"]?.orNone }
      let isEnvelope = SourcePromises.json(bytes)?["alerts"] != nil
      (isEnvelope ? ofAlert : ofRule).hold(of: bytes) { () throws(SourceError) in
        let webhook = try GrafanaWebhook(reading: bytes, source: "s")
        guard isEnvelope else { return webhook.events.first }
        ofAlert.hold(webhook.events, webhook.wrong, of: alerts(bytes), bytes)
        return nil
      }
    })

  // MARK: PagerDuty

  /// `/v2/enqueue`
  static let pagerDuty = FuzzEntry(
    "pagerduty", isTaken: { (try? pagerDutyEvent($0, .events)) != nil },
    seeds: {
      texts(
        #"""
        {"routing_key":"k","event_action":"trigger","dedup_key":"disk","payload":{"summary":"disk full","source":"db-1","severity":"critical",
        "timestamp":"2015-07-17T08:42:58.315+0000","component":"postgres","group":"prod","class":"DiskFull",
        "custom_details":{"free":"2 %","deep":{"a":[1,null,true]}}},"images":[{"src":"https://i","href":"https://h","alt":"a"}],
        "links":[{"href":"https://l","text":"t"},7],"client":"c","client_url":"https://c"}
        """#,
        #"{"routing_key":"k","event_action":"resolve","dedup_key":"d\u0000"}"#,
        #"{"routing_key":"k","event_action":"trigger","payload":{"summary":"s","source":"h","severity":"dreadful","timestamp":"noon","custom_details":"text"}}"#,
        #"{"routing_key":"k","event_action":"acknowledge"}"#, #"{"routing_key":"","event_action":"trigger"}"#)
    },
    .atOnce { bytes in
      SourcePromises(fields: ["payload", "routing_key", "event_action", "dedup_key"]) {
        $0["payload"]?["severity"]?.orNone
      }
      .hold(of: bytes) { () throws(SourceError) in try pagerDutyEvent(bytes, .events) }
    })

  /// `/v2/change/enqueue`
  static let pagerDutyChange = FuzzEntry(
    "pagerduty-change", isTaken: { (try? pagerDutyEvent($0, .change)) != nil },
    seeds: {
      texts(
        #"""
        {"routing_key":"k","payload":{"summary":"2.14 deployed","source":"ci","timestamp":"2026-11-24T03:00:00.5+01:00",
        "custom_details":{"build":7}},"links":[{"href":"https://l","text":"t"}],"images":[{"src":"https://i"}]}
        """#, #"{"routing_key":"k","payload":{"summary":"s","custom_details":[1,[2],{}]}}"#, #"{"routing_key":"k"}"#)
    },
    .atOnce { bytes in
      SourcePromises(fields: ["payload", "routing_key"]) { _ in nil }
        .hold(of: bytes) { () throws(SourceError) in
          let event = try pagerDutyEvent(bytes, .change)
          promise(event.action == .change, "a change pages nobody: \(SourcePromises.shown(bytes))")
          return event
        }
    })

  /// `/generic/2010-04-15/create_event.json`
  static let pagerDutyFirst = FuzzEntry(
    "pagerduty-v1", isTaken: { (try? pagerDutyEvent($0, .version1)) != nil },
    seeds: {
      texts(
        #"""
        {"service_key":"k","event_type":"trigger","incident_key":"i","description":"disk full","details":{"severity":"warning","free":2},
        "client":"c","client_url":"https://c","contexts":[{"type":"link","href":"https://h","text":"t"},{"type":"image","src":"https://i","alt":"a"},7]}
        """#, #"{"service_key":"k","event_type":"resolve","incident_key":"i"}"#,
        #"{"service_key":"k","event_type":"trigger","description":"d","details":"text"}"#,
        #"{"service_key":"k","event_type":"shout"}"#)
    },
    .atOnce { bytes in
      SourcePromises(fields: ["payload", "service_key", "event_type", "incident_key", "description"]) {
        $0["details"]?["severity"]?.orNone
      }
      .hold(of: bytes) { () throws(SourceError) in try pagerDutyEvent(bytes, .version1) }
    })

  private static func pagerDutyEvent(_ bytes: [UInt8], _ form: PagerDutyEvent.Form) throws(SourceError) -> Event {
    try PagerDutyEvent(PagerDutyEvent.keyed(bytes, as: form), source: "s").event
  }

  // MARK: Opsgenie, GoAlert, our own

  static let opsgenie = FuzzEntry(
    "opsgenie", isTaken: { (try? OpsgenieAlert(reading: $0, source: "s")) != nil },
    seeds: {
      texts(
        #"""
        {"message":"disk full","alias":"db-1/disk","description":"98 %","responders":[{"type":"team","name":"ops"}],"actions":["Restart",7],
        "tags":["a","b",{}],"details":{"service":"postgres","alertname":"DiskFull","n":5},"entity":"db-1","source":"zabbix","priority":"P1",
        "user":"x","note":"n"}
        """#, #"{"message":"m","priority":"P9"}"#, #"{"message":"m","priority":4}"#, #"{"message":"m","priority":{}}"#,
        #"{"message":"m","priority":"p5 "}"#, #"{"alias":7}"#)
    },
    .atOnce { bytes in
      SourcePromises(fields: ["payload", "message", "alias"], severity: { $0["priority"]?.orNone }, without: .sev3)
        .hold(of: bytes) { () throws(SourceError) in try OpsgenieAlert(reading: bytes, source: "s").event }
    })

  /// GoAlert's generic integration: JSON, or what isn't, a form.
  static let goAlert = FuzzEntry(
    "goalert", isTaken: { (try? goAlertEvent($0)) != nil },
    seeds: {
      texts(
        #"{"summary":"disk full","details":"98 %","action":"trigger","dedup":"d","meta":{"severity":"info","service":"postgres","n":1}}"#,
        #"{"summary":"s","action":"close"}"#, #"{"action":"close","dedup":"d"}"#, #"{"action":"shout"}"#,
        "summary=disk+full&details=98%25&dedup=d&meta=service%3Dpg&meta=severity=critical&action=",
        "action=close&dedup=%00", "summary=&action=%zz")
    },
    .atOnce { bytes in
      SourcePromises(fields: ["payload", "summary", "action", "dedup"]) { $0["meta"]?["severity"]?.orNone }
        .hold(of: bytes, saying: isJSON(bytes) ? SourcePromises.json(bytes) : formSeverity(bytes)) {
          () throws(SourceError) in try goAlertEvent(bytes)
        }
    })

  private static func isJSON(_ bytes: [UInt8]) -> Bool { bytes.first == UInt8(ascii: "{") }

  /// As JSON has it; of several, the last is meant.
  private static func formSeverity(_ bytes: [UInt8]) -> JSONValue {
    let said = FormFields(urlEncoded: bytes).all.last { $0.name == "meta" && $0.value.hasPrefix("severity=") }
    let word = JSONValue.string(String((said?.value ?? "").dropFirst("severity=".count)))
    return .object([.init(name: "meta", value: .object([.init(name: "severity", value: word)]))])
  }

  private static func goAlertEvent(_ bytes: [UInt8]) throws(SourceError) -> Event {
    if isJSON(bytes) { return try GoAlertEvent(reading: bytes, source: "s").event }
    return try GoAlertEvent(fields: FormFields(urlEncoded: bytes).all, source: "s").event
  }

  /// Our own form: an object, a list of them, or, behind a line of its own, one a line.
  static let events = FuzzEntry(
    "events", isTaken: { (try? plainEvents($0))?.events.isEmpty == false },
    seeds: {
      let one = #"""
        {"action":"trigger","source":"cron","dedup_key":"backup","severity":"SEV-3","summary":"no backup","class":"missing","service":"pg",
        "labels":{"host":"db-1"},"links":[{"href":"https://x","text":"y"}],"details":"...","occurred_at":"2026-11-24T03:00:00.5+01:00"}
        """#
      return texts(
        one, "[\(one),7,{\"action\":\"change\",\"summary\":\"s\"}]",
        "\n\(one.split(separator: "\n").joined())\n\n{\"summary\":1}\n{\"action\":\"ack\",\"dedup_key\":\"d\"}\r\n",
        #"{"summary":"s","severity":"critical\n"}"#, #"[{"summary":"s"},{"unknown":1},{"links":[{}]}]"#)
    },
    .atOnce { bytes in
      let promises = SourcePromises(
        fields: [
          "payload", "action", "source", "dedup_key", "severity", "summary", "class", "service", "labels", "links",
          "details", "occurred_at",
        ], severity: { $0["severity"] }, leavesToIntake: true)
      promises.hold(of: bytes) { () throws(SourceError) in
        let read = try plainEvents(bytes)
        if bytes.first == 0x0a {
          let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
          let places = lines.indices.filter { lines[$0].contains { ![0x20, 0x0d, 0x09].contains($0) } }
          promise(
            read.places.count + read.wrong.count == places.count,
            "each line is read or refused: \(SourcePromises.shown(bytes))")
          for (event, place) in zip(read.events, read.places) {
            let line = Int(place.dropFirst(5)).map { lines[$0 - 1] } ?? []
            promises.hold(of: Array(line)) { () throws(SourceError) in event }
          }
          for error in read.wrong { promises.hold(of: bytes) { () throws(SourceError) -> Event? in throw error } }
          return nil
        }
        guard let all = SourcePromises.json(bytes)?.elements else { return read.events.first }
        promises.hold(read.events, read.wrong, of: all, bytes)
        return nil
      }
    })

  private static func plainEvents(_ bytes: [UInt8]) throws(SourceError) -> PlainEvents {
    try PlainEvents(reading: bytes, isLines: bytes.first == 0x0a, source: "s")
  }

  private static func texts(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }
}
