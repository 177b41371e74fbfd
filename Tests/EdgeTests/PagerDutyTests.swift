import AlertSources
import JSON
import Messages
import Testing

/// What PagerDuty's clients send becomes events (Events API v2, change events, v1).
@Suite struct PagerDutyTests {
  private func read(_ json: String, as form: PagerDutyEvent.Form = .events) throws(SourceError) -> PagerDutyEvent {
    try PagerDutyEvent(try PagerDutyEvent.keyed(Array(json.utf8), as: form), source: "legacy")
  }
  private func complaint(_ json: String, as form: PagerDutyEvent.Form = .events) -> String? {
    do {
      _ = try read(json, as: form)
      return nil
    } catch { return error.description }
  }

  static let trigger = """
    {"routing_key":"0123456789abcdef0123456789abcdef","event_action":"trigger","dedup_key":"srv01/HTTP",
    "payload":{"summary":"Example alert on host1.example.com","source":"monitoringtool:host1","severity":"warning",
    "timestamp":"2015-07-17T08:42:58.315+0000","component":"postgres","group":"prod-datapipe","class":"DeployFailed",
    "custom_details":{"ping time":"1500ms","load avg":0.75,"nested":{"a":[1,2]},"up":true,"none":null}},
    "images":[{"src":"https://example.com/graph.png","alt":"graph"}],
    "links":[{"href":"https://example.com/","text":"Link text"}],
    "client":"Sample Monitoring Service","client_url":"https://monitoring.example.com"}
    """

  @Test func aTriggerIsAnEventWithAllThatItSays() throws {
    let unread = try PagerDutyEvent.keyed(Array(Self.trigger.utf8), as: .events)
    #expect(unread.integrationKey == "0123456789abcdef0123456789abcdef")
    let read = try PagerDutyEvent(unread, source: "legacy")
    #expect(read.dedupKey == "srv01/HTTP")
    let event = read.event
    #expect((event.action, event.source, event.dedupKey) == (.trigger, "legacy", "srv01/HTTP"))
    #expect((event.severity, event.summary) == (.sev3, "Example alert on host1.example.com"))
    #expect((event.alertClass, event.service) == ("deploy_failed", "postgres"))
    #expect(
      event.labels == [
        Label(name: "component", value: "postgres"), Label(name: "group", value: "prod-datapipe"),
        Label(name: "source", value: "monitoringtool:host1"),
      ])
    #expect(
      event.links.map(\.href) == [
        "https://example.com/", "https://example.com/graph.png", "https://monitoring.example.com",
      ])
    #expect(event.links.map(\.text) == ["Link text", "graph", "Sample Monitoring Service"])
    #expect(event.details.hasPrefix("ping time: 1500ms\nload avg: 0.75\nnested: {"))
    #expect(event.details.contains("\nup: true"))
    #expect(event.occurredAt == Instant(milliseconds: 1_437_122_578_315))
  }

  @Test func aTriggerMayBringNoKey() throws {
    let read = try read(
      #"{"routing_key":"k","event_action":"trigger","payload":{"summary":"s","source":"h","severity":"critical"}}"#)
    #expect((read.dedupKey, read.event.dedupKey, read.event.severity) == ("", "", .sev1))
  }

  @Test func acknowledgeAndResolveNeedOnlyTheirKey() throws {
    for (word, action) in [("acknowledge", Action.acknowledge), ("resolve", .resolve)] {
      let read = try read(#"{"routing_key":"k","event_action":"\#(word)","dedup_key":"d"}"#)
      #expect(read.event == Event(action: action, source: "legacy", dedupKey: "d"))
    }
    #expect(
      complaint(#"{"routing_key":"k","event_action":"resolve"}"#)
        == "dedup_key: expected the key of what to resolve, found none")
  }

  /// A resolve may bring the time at which it all began: it is about now all the same.
  @Test func aResolveIsNeverTooOldForWhatItResolves() throws {
    let read = try read(
      #"{"routing_key":"k","event_action":"resolve","dedup_key":"d","payload":{"timestamp":"2015-07-17T08:42:58Z"}}"#)
    #expect(!read.event.occurredAt.isSet)
  }

  @Test func theFourWordsAreTheFourSeverities() throws {
    for (word, severity) in [("critical", Severity.sev1), ("error", .sev2), ("warning", .sev3), ("info", .sev4)] {
      let read = try read(
        #"{"routing_key":"k","event_action":"trigger","payload":{"summary":"s","source":"h","severity":"\#(word)"}}"#)
      #expect(read.event.severity == severity)
    }
  }

  /// PyPI's pagerduty 7.2.0 sends such a time: no alert and no change is lost for it.
  @Test func aTimeThatCantBeReadIsLeftToTheDetails() throws {
    let read = try read(
      #"{"routing_key":"k","event_action":"trigger","payload":{"summary":"s","source":"h","severity":"info","timestamp":"2026-11-24T00:00:00+00:00Z"}}"#
    )
    #expect(!read.event.occurredAt.isSet && read.event.details == "timestamp: 2026-11-24T00:00:00+00:00Z")
  }

  @Test func detailsMayBeText() throws {
    let read = try read(
      #"{"routing_key":"k","event_action":"trigger","payload":{"summary":"s","source":"h","severity":"info","custom_details":"as text"}}"#
    )
    #expect(read.event.details == "as text")
  }

  @Test func aChangeIsAChange() throws {
    let read = try read(
      #"{"routing_key":"k","payload":{"summary":"Build Success","timestamp":"2020-07-17T08:42:58.315+0000","source":"ci","custom_details":{"build_state":"passed"}},"links":[{"href":"https://ci/1","text":"View"}]}"#,
      as: .change)
    #expect((read.event.action, read.event.summary, read.dedupKey) == (.change, "Build Success", ""))
    #expect(read.event.details == "build_state: passed")
    #expect(read.event.links == [Link(href: "https://ci/1", text: "View")])
  }

  @Test func versionOneIsReadToo() throws {
    let trigger = try read(
      #"{"service_key":"k","event_type":"trigger","incident_key":"srv01/HTTP","description":"FAILURE for production/HTTP","client":"Nagios","client_url":"https://n","details":{"load":0.7,"severity":"warning"},"contexts":[{"type":"link","href":"http://a","text":"A"},{"type":"image","src":"https://b","alt":"B"}]}"#,
      as: .version1)
    #expect((trigger.event.summary, trigger.event.severity) == ("FAILURE for production/HTTP", .sev3))
    #expect(trigger.event.links.map(\.text) == ["Nagios", "A", "B"])
    let plain = try read(#"{"service_key":"k","event_type":"trigger","description":"x"}"#, as: .version1)
    #expect((plain.event.severity, plain.dedupKey) == (.sev2, ""))
    #expect(
      try read(#"{"service_key":"k","event_type":"resolve","incident_key":"i"}"#, as: .version1).event.action
        == .resolve)
  }

  @Test func whatIsWrongIsNamed() {
    #expect(complaint("{")?.hasPrefix("payload: expected well-formed JSON") == true)
    #expect(complaint("[]") == "payload: expected an object, found a list")
    #expect(complaint("{}") == "routing_key: expected an integration key, found none")
    #expect(complaint(#"{"routing_key":7}"#) == "routing_key: expected a string, found a number")
    #expect(
      complaint(#"{"routing_key":"k","event_action":"shout"}"#)
        == "event_action: expected trigger, acknowledge or resolve, found another word")
    #expect(
      complaint(#"{"routing_key":"k","event_action":"trigger"}"#)
        == "payload: expected an object, for a trigger, found none")
    #expect(
      complaint(#"{"routing_key":"k","event_action":"trigger","payload":{"source":"h","severity":"info"}}"#)
        == "payload.summary: expected a string, found none")
    #expect(complaint(#"{"routing_key":"k","routing_key":"l"}"#)?.contains("\"routing_key\" is given twice") == true)
    let deep = String(repeating: #"{"a":"#, count: 40)
    #expect(complaint(deep)?.contains("nests deeper than 32") == true)
  }

  /// Other receivers take such texts, and a page is lost for none of them.
  @Test func textThatIsNoUnicodeAndWhatNestsTooDeepLosesNoPage() throws {
    let deep = String(repeating: "[", count: 100) + #"{"a":"]","b":[1,true,null]}"# + String(repeating: "]", count: 100)
    let json =
      #"{"routing_key":"k","event_action":"trigger","payload":{"summary":"a \ud83d b \ud83d\u0041 caf"#
    let rest = #"","source":"h","severity":"info","custom_details":\#(deep)}}"#
    let read = try PagerDutyEvent(
      PagerDutyEvent.keyed(Array(json.utf8) + [0xe9] + Array(rest.utf8), as: .events), source: "s")
    #expect(read.event.summary == "a \u{fffd} b \u{fffd}A caf\u{fffd}")
    #expect(read.event.details.contains("true,null"))
    for broken in ["[}", "[", "", "]", "[1 2 tru]", "[\"a]"] {
      #expect(complaint(String(repeating: "[", count: 40) + broken)?.contains("well-formed JSON") == true, "\(broken)")
    }
    #expect(throws: JSONFault.self) { try JSONValue(parsing: Array(#""\ud83d""#.utf8)) }
  }

  /// What follows half of a pair stands for itself: a quote that is escaped ends no text, and one that isn't does.
  @Test func halfAPairTakesNothingOfWhatFollows() throws {
    func text(_ written: String) throws -> JSONValue {
      try JSONValue(leniently: Array("\"\(written)\"".utf8), valuesAtMost: 10)
    }
    #expect(try text(#"\ud83d\"x"#) == .string("\u{fffd}\"x"))
    #expect(try text(#"\ud83d\n"#) == .string("\u{fffd}\n"))
    #expect(try text(#"\ud83d\\"#) == .string("\u{fffd}\\"))
    #expect(try text(#"\ud83d\ud83d\ude00"#) == .string("\u{fffd}\u{1f600}"))
    #expect(try text(#"\ud83d\u0041\ude00"#) == .string("\u{fffd}A\u{fffd}"))
    #expect(try text(#"\ud83d"#) == .string("\u{fffd}"))
    for broken in [#"\ud83d\u"#, #"\ud83d\u12"#, #"\ud83d\"#, #"\ud83d\x"#] {
      #expect(throws: JSONFault.self, "\(broken)") { try text(broken) }
    }
    for written in [#"\ud83d\""#, #"\ud83d\n"#, #"\ud83d\\"#] {
      #expect(throws: JSONFault.self, "strictly, it is no text") {
        try JSONValue(parsing: Array("\"\(written)\"".utf8))
      }
    }
    #expect(try JSONValue(parsing: Array(#""\ud83d\ude00""#.utf8)) == .string("\u{1f600}"))
  }

  /// The format counts characters, and intake bytes.
  @Test func aLongKeyIsStillOneKey() throws {
    func read(_ key: String, _ action: String) throws -> PagerDutyEvent {
      try self.read(
        #"{"routing_key":"k","event_action":"\#(action)","dedup_key":"\#(key)","payload":{"summary":"s","source":"h","severity":"info"}}"#
      )
    }
    let key = String(repeating: "é", count: 255)
    let fired = try read(key, "trigger")
    #expect(fired.dedupKey == key && fired.event.dedupKey.utf8.count <= 255)
    #expect(try fired.event.dedupKey == read(key, "resolve").event.dedupKey)
    #expect(try fired.event.dedupKey != read(key + "x", "resolve").event.dedupKey)
  }

  @Test func noPageIsLostForAnOrnament() throws {
    let event = try read(
      #"{"routing_key":"k","event_action":"trigger","links":[{"text":"x"},7],"images":[{"src":""},{"src":"http://i"}],"client_url":7,"client":[],"payload":{"summary":"s","source":"h","severity":"info","component":5,"group":{},"class":null,"timestamp":8}}"#
    ).event
    #expect(event.links.map(\.href) == ["http://i", "7"] && event.service == "5")
    let first = try read(
      #"{"service_key":"k","event_type":"trigger","description":"x","contexts":[7,{"type":"link"}],"client_url":{}}"#,
      as: .version1)
    #expect(first.event.links.isEmpty)
    let worded = try read(
      #"{"service_key":"k","event_type":"trigger","description":"x","details":{"severity":1}}"#, as: .version1)
    #expect(worded.event.severity == .sev1)
  }
}
