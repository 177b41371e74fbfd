import AlertSources
import Foundation
import Messages
import Serving
import Testing

@testable import Relaying

/// Grafana's, Opsgenie's, GoAlert's and our own plain form become events.
@Suite struct OtherFormatsTests {
  // MARK: Grafana

  @Test func grafanasAlertsAreAlertmanagersWithMoreLinks() throws {
    let json = """
      {"receiver":"oncall","status":"firing","orgId":1,"version":"1","truncatedAlerts":0,"title":"[FIRING:1]","state":"alerting","alerts":[
      {"status":"firing","labels":{"alertname":"HighLatency","severity":"error"},"annotations":{"summary":"slow"},
      "startsAt":"2026-11-24T00:06:35Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://g/alerting","fingerprint":"abc",
      "silenceURL":"http://g/silence","dashboardURL":"http://g/d/1","panelURL":"","values":{"A":7,"B":null},"valueString":"[ A=7 ]","orgId":1},
      {"status":"resolved","labels":{"alertname":"B"},"annotations":{},"startsAt":"2026-11-24T00:00:00Z","endsAt":"2026-11-24T00:01:00Z","fingerprint":"def","values":null}]}
      """
    let events = try GrafanaWebhook(reading: Array(json.utf8), source: "grafana").events
    #expect(events.map(\.action) == [.trigger, .resolve])
    #expect(events[0].links.map(\.text) == ["source", "dashboard", "silence"])
    #expect((events[0].details, events[0].severity, events[0].dedupKey) == ("[ A=7 ]", .sev2, "abc"))
  }

  @Test func grafanaBeforeEightSendsOneRule() throws {
    func read(_ state: String) throws -> Event? {
      try GrafanaWebhook(
        reading: Array(
          #"{"dashboardId":1,"evalMatches":[{"value":7.5,"metric":"cpu","tags":{}}],"imageUrl":"http://g/i.png","message":"hot","orgId":2,"panelId":2,"ruleId":9,"ruleName":"CPUHigh","ruleUrl":"http://g/r","state":"\#(state)","tags":{"severity":"warning"},"title":"[Alerting] CPU"}"#
            .utf8), source: "grafana"
      ).events.first
    }
    let event = try #require(try read("alerting"))
    #expect((event.dedupKey, event.summary, event.alertClass) == ("grafana/2/9", "[Alerting] CPU", "cpu_high"))
    #expect((event.severity, event.details) == (.sev3, "hot\ncpu: 7.5"))
    #expect(try read("ok") == Event(action: .resolve, source: "grafana", dedupKey: "grafana/2/9"))
    #expect(try read("no_data")?.details.contains("no data") == true)
    #expect(try read("paused") == nil && read("pending") == nil)
    #expect(throws: SourceError.self) { try GrafanaWebhook(reading: Array("{}".utf8), source: "g") }
  }

  /// Against openssl: `printf '1795478800:{}' | openssl dgst -sha256 -hmac secret`.
  @Test func grafanasSignatureIsOfTheBodyAndOfItsTime() {
    let secret = SigningSecret("secret".utf8)
    let now = Instant(milliseconds: 1_795_478_800_000)
    func isGood(_ signature: String, time: String = "", body: String = "{}", at instant: Instant? = nil) -> Bool {
      var head = WebHead("POST", "/grafana")
      head.headers[GrafanaSignature.header] = signature
      if !time.isEmpty { head.headers[GrafanaSignature.timeHeader] = time }
      return GrafanaSignature.isGood(WebRequest(head, body: Array(body.utf8)), secret, at: instant ?? now)
    }
    let plain = "77325902caca812dc259733aacd046b73817372c777b8d95b402647474516e13"
    let timed = "50df19acff8d739cb2d86d9e28f68f3d60a84991d92f1a2c67a778560bf271e9"
    #expect(isGood(plain) && isGood(plain.uppercased()))
    #expect(!isGood(plain, body: "{ }") && !isGood("") && !isGood(String(plain.dropLast())))
    #expect(isGood(timed, time: "1795478800"))
    #expect(!isGood(timed) && !isGood(plain, time: "1795478800") && !isGood(timed, time: "1795478801"))
    #expect(!isGood(timed, time: "1795478800", at: now + .minutes(6)), "an old copy")
    #expect(!isGood(timed, time: "99999999999999999999"))
  }

  // MARK: Opsgenie

  @Test func anOpsgenieAlertIsAnEvent() throws {
    let json = """
      {"message":"disk full","alias":"db-1/disk","description":"98 %","responders":[{"type":"team","name":"ops"}],
      "actions":["Restart"],"tags":["a","b"],"details":{"service":"postgres","alertname":"DiskFull"},"entity":"db-1",
      "source":"zabbix","priority":"P1","user":"x","note":"n"}
      """
    let event = try OpsgenieAlert(reading: Array(json.utf8), source: "og").event
    #expect((event.action, event.dedupKey, event.severity) == (.trigger, "db-1/disk", .sev1))
    #expect((event.service, event.alertClass, event.summary) == ("postgres", "disk_full", "disk full"))
    #expect(event.details == "98 %\nn\n- Restart")
    #expect(
      event.labels.contains(Label(name: "tags", value: "a,b"))
        && event.labels.contains(Label(name: "entity", value: "db-1")))
    let plain = try OpsgenieAlert(reading: Array(#"{"message":"m"}"#.utf8), source: "og").event
    #expect((plain.severity, plain.dedupKey) == (.sev3, ""), "P3 is Opsgenie's own default")
    #expect(throws: SourceError.self) { try OpsgenieAlert(reading: Array("{}".utf8), source: "og") }
  }

  @Test func aPriorityThatCannotBeReadIsNoMilderThanAWordThatNobodyKnows() throws {
    func severity(_ priority: String, _ words: SeverityWords = .usual) throws -> Severity {
      try OpsgenieAlert(
        reading: Array(#"{"message":"m","priority":\#(priority)}"#.utf8), source: "og", severities: words
      ).event.severity
    }
    for (priority, expected) in [
      (#""P9""#, Severity.sev2), (#""dreadful""#, .sev2), ("{}", .sev2), (#"{"name":"P4"}"#, .sev2), ("[]", .sev2),
      ("true", .sev2), ("9", .sev2), ("4", .sev2), ("3", .sev2), ("1", .sev1),
      // What there is to read is read, and what says nothing is P3, as there.
      (#""P4""#, .sev4), (#""p1\n""#, .sev1), ("null", .sev3), (#""""#, .sev3),
    ] { #expect(try severity(priority) == expected, "\(priority)") }
    #expect(try severity("null", .usual.with(["P3": .sev4])) == .sev4)
    #expect(try severity(#""P9""#, .usual.with(["p9": .sev4])) == .sev4)
  }

  /// A template leaves a line end behind, and what it names still wakes somebody.
  @Test func spacesAroundASeveritySayNothing() throws {
    #expect(SeverityWords.usual.severity(of: " Critical\r\n") == .sev1)
    #expect(SeverityWords.usual.severity(of: "\tsev-1 ") == .sev1)
    #expect(SeverityWords.usual.severity(of: " ") == .sev2)
  }

  /// Intake refuses an event in which a label's name occurs twice, and the page would be lost.
  @Test func namesThatAreTheSameOnceCleanedAreOneLabel() throws {
    let json = #"{"message":"m","details":{"a\u0001":"1","a\t":"2","a ":"3"}}"#
    let event = try OpsgenieAlert(reading: Array(json.utf8), source: "og").event
    #expect(event.labels.map(\.name) == ["a ", "a\t"])
  }

  @Test func aRuleOfManyDigitsHasAKeyThatIntakeTakes() throws {
    let digits = String(repeating: "9", count: 300)
    func key(_ state: String, _ rule: String) throws -> String {
      let json = #"{"ruleId":\#(rule),"state":"\#(state)"}"#
      return try #require(try GrafanaWebhook(reading: Array(json.utf8), source: "g").events.first).dedupKey
    }
    #expect(try key("alerting", digits).utf8.count <= 255)
    #expect(try key("alerting", digits) == key("ok", digits))
    #expect(try key("alerting", digits) != key("alerting", digits + "1"))
  }

  /// It is shown in a terminal and stands in the log.
  @Test func aRefusalIsOneShortLineWhateverWasSent() throws {
    let name = #"x\u001b[31m\n\u202e"# + String(repeating: "y", count: 5_000)
    let error = try #require(throws: SourceError.self) {
      try GoAlertEvent(reading: Array(#"{"\#(name)":1,"\#(name)":2}"#.utf8), source: "ga")
    }
    #expect(error.at == "payload" && error.found.hasPrefix("text that is not JSON"))
    let webhook = try AlertmanagerWebhook(
      reading: Array(#"{"version":"4","alerts":[{"status":"firing","labels":{"\#(name)":1}}]}"#.utf8))
    let wrong = try #require(webhook.wrong.first)
    #expect(wrong.at.hasPrefix("alerts[0].labels.x"))
    for error in [error, wrong] {
      #expect(error.description.utf8.count <= 1_024 && !error.description.unicodeScalars.contains { $0.isHidden })
    }
  }

  @Test func aLongAliasIsStillOneKey() throws {
    let alias = String(repeating: "x", count: 500)
    let made = try OpsgenieAlert(
      reading: Array(#"{"message":"m","alias":"\#(alias)"}"#.utf8), source: "og"
    ).event.dedupKey
    #expect(made.utf8.count <= 255 && made == OpsgenieAlert.event(.resolve, alias, source: "og").dedupKey)
    #expect(made != OpsgenieAlert.event(.resolve, alias + "y", source: "og").dedupKey)
  }

  @Test func theIdOfARequestSaysWhichAlertItWasAbout() {
    let id = OpsgenieWords.request(of: "db-1/dïsk")
    #expect(OpsgenieWords.key(of: id) == "db-1/dïsk")
    #expect(
      OpsgenieWords.key(of: "zz") == nil && OpsgenieWords.key(of: "") == nil && OpsgenieWords.key(of: "abc") == nil)
  }

  @Test func noOpsgenieAlertIsLostForAnOrnament() throws {
    let json =
      #"{"message":"m","tags":["a",7,{}],"actions":"restart","details":{"service":5,"up":true,"deep":{"a":1}},"entity":9,"source":[],"description":8,"note":{},"priority":{}}"#
    let event = try OpsgenieAlert(reading: Array(json.utf8), source: "og").event
    #expect(
      event.labels
        == [("entity", "9"), ("service", "5"), ("tags", "a,7"), ("up", "true")].map { Label(name: $0, value: $1) })
    #expect((event.service, event.details, event.severity) == ("5", "8", .sev2))
    for details in ["7", "[]", #""text""#, "null"] {
      let json = #"{"message":"m","details":\#(details)}"#
      #expect(try OpsgenieAlert(reading: Array(json.utf8), source: "og").event.labels.isEmpty, "\(details)")
    }
  }

  @Test func noAlertOfAlertmanagersFormsIsLostForAnOrnament() throws {
    for (annotations, details) in [
      (#"{"summary":7,"up":true,"none":null,"deep":{"a":1},"list":[1],"description":1.5}"#, "1.5\nup: true"),
      ("7", ""), ("[]", ""), (#""text""#, ""),
    ] {
      let alert =
        #"{"status":"firing","labels":{"alertname":"A"},"annotations":\#(annotations),"generatorURL":{},"startsAt":7,"valueString":[],"dashboardURL":true}"#
      let webhook = try AlertmanagerWebhook(
        reading: Array(#"{"version":"4","alerts":[\#(alert)],"truncatedAlerts":3}"#.utf8))
      #expect(webhook.wrong.isEmpty && webhook.events.count == 1 && webhook.truncated == 3, "\(webhook.wrong)")
      #expect(webhook.events.first?.details == details, "\(annotations)")
      #expect(webhook.events.first?.summary == (details.isEmpty ? "A" : "7"))
      let posted = try PostedAlerts(
        reading: Array(#"[{"labels":{"alertname":"A"},"annotations":\#(annotations),"generatorURL":["x"]}]"#.utf8),
        source: "p", at: Instant(milliseconds: 1_795_478_800_000))
      #expect(posted.wrong.isEmpty && posted.events.first?.details == details, "\(posted.wrong)")
    }
  }

  @Test func noAlertOfGrafanaBeforeEightOrOfGoAlertIsLostForAnOrnament() throws {
    let rule =
      #"{"ruleId":9,"state":"alerting","tags":{"severity":1,"team":{}},"message":5,"ruleName":[],"title":true,"ruleUrl":{},"imageUrl":7,"evalMatches":[7,{"metric":1,"value":"x"}]}"#
    let event = try #require(try GrafanaWebhook(reading: Array(rule.utf8), source: "g").events.first)
    #expect((event.severity, event.summary, event.labels) == (.sev1, "true", [Label(name: "severity", value: "1")]))
    #expect(event.details == "5\nvalue: none\n1: none")
    for tags in ["[]", "7", #""a""#] {
      let json = #"{"ruleId":9,"state":"alerting","tags":\#(tags)}"#
      #expect(try GrafanaWebhook(reading: Array(json.utf8), source: "g").events.count == 1, "\(tags)")
    }
    let generic = #"{"summary":"s","details":7,"meta":{"severity":1,"x":{},"up":false}}"#
    let read = try GoAlertEvent(reading: Array(generic.utf8), source: "ga").event
    #expect((read.details, read.severity) == ("7", .sev1))
    #expect(read.labels == [Label(name: "severity", value: "1"), Label(name: "up", value: "false")])
    #expect(
      try GoAlertEvent(reading: Array(#"{"summary":"s","meta":[],"details":{}}"#.utf8), source: "ga").event.details
        .isEmpty)
  }

  // MARK: GoAlert

  @Test func aGoAlertFormIsAnEvent() throws {
    let fields = FormFields(
      urlEncoded: "summary=disk+full&details=98%25&dedup=d&meta=service%3Dpg&meta=severity=critical&action=".utf8
    ).all
    let event = try GoAlertEvent(fields: fields, source: "ga").event
    #expect((event.action, event.dedupKey, event.summary) == (.trigger, "d", "disk full"))
    #expect((event.details, event.service, event.severity) == ("98%", "pg", .sev1))
    let json = try GoAlertEvent(
      reading: Array(
        #"{"summary":"disk full","details":"98%","dedup":"d","meta":{"service":"pg","severity":"critical"}}"#.utf8),
      source: "ga"
    ).event
    #expect(json == event)
  }

  @Test func whatBringsNoKeyIsKnownByItsWords() throws {
    func key(_ action: String, _ summary: String) throws -> String {
      try GoAlertEvent(fields: [("summary", summary), ("action", action)], source: "ga").event.dedupKey
    }
    #expect(try key("", "a") == key("close", "a"))
    #expect(try key("", "a") != key("", "b"))
    #expect(throws: SourceError.self) { try GoAlertEvent(fields: [], source: "ga") }
    #expect(throws: SourceError.self) {
      try GoAlertEvent(fields: [("summary", "a"), ("action", "shout")], source: "ga")
    }
  }

  // MARK: Plain

  @Test func plainEventsComeAloneInAListOrALineEach() throws {
    func read(_ json: String, isLines: Bool = false) throws -> [String] {
      try PlainEvents(reading: Array(json.utf8), isLines: isLines, source: "s").events.map(\.summary)
    }
    #expect(try read(#"{"summary":"a","severity":"SEV-3"}"#) == ["a"])
    #expect(try read(#"[{"summary":"a"},{"summary":"b"}]"#) == ["a", "b"])
    #expect(try read("{\"summary\":\"a\"}\n\r\n{\"summary\":\"b\"}\n", isLines: true) == ["a", "b"])
    #expect {
      try read(#"{"summary":7}"#)
    } throws: {
      ($0 as? SourceError)?.description == "summary: expected a string, found a number"
    }
  }

  @Test func oneWrongEventOfManyKeepsNoOtherOut() throws {
    let list = try PlainEvents(reading: Array(#"[{"summary":"a"},{"summary":7},3,{"summary":"b"}]"#.utf8), source: "s")
    #expect(list.events.map(\.summary) == ["a", "b"] && list.places == ["[0]", "[3]"])
    #expect(
      list.wrong.map(\.description) == [
        "[1].summary: expected a string, found a number", "[2].payload: expected an object, found a number",
      ])
    let lines = try PlainEvents(
      reading: Array("{\"summary\":\"a\"}\n{\n{\"summary\":\"b\"}".utf8), isLines: true, source: "s")
    #expect(lines.events.map(\.summary) == ["a", "b"] && lines.places == ["line 1", "line 3"])
    #expect(lines.wrong.count == 1 && lines.wrong[0].description.hasPrefix("line 2"))
  }
}
