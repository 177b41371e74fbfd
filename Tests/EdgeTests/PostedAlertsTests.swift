import AlertSources
import Foundation
import Messages
import Testing

/// What Prometheus posts in Alertmanager's place becomes events.
@Suite struct PostedAlertsTests {
  private static let now = Instant(milliseconds: 1_795_478_800_000)  // 2026-11-24T00:06:40Z

  private func read(_ json: String) throws -> PostedAlerts {
    try PostedAlerts(reading: Array(json.utf8), source: "prometheus", at: Self.now)
  }

  static let labels =
    #"{"alertname":"HighErrorRate","cluster":"eu-1","instance":"web-0:8080","namespace":"aion-production","service":"aion-web-api","severity":"critical"}"#

  @Test func firingUntilLaterIsATrigger() throws {
    let event = try #require(
      try read(
        #"[{"labels":\#(Self.labels),"annotations":{"summary":"5xx above 2 %"},"startsAt":"2026-11-24T00:06:35.32Z","endsAt":"2026-11-24T00:10:35Z","generatorURL":"http://p/graph"}]"#
      ).events.first)
    #expect((event.action, event.source, event.severity) == (.trigger, "prometheus", .sev1))
    #expect((event.summary, event.alertClass) == ("5xx above 2 %", "high_error_rate"))
    #expect(event.occurredAt == Instant(milliseconds: 1_795_478_795_320))
  }

  /// The same alert by way of a real Alertmanager has this fingerprint: Tests/fixtures/alertmanager/webhook-1-three-firing.json.
  @Test func itsKeyIsAlertmanagersFingerprint() throws {
    #expect(try read(#"[{"labels":\#(Self.labels)}]"#).events.first?.dedupKey == "00db3c055e4b4ac8")
  }

  @Test func emptyLabelsAreNone() throws {
    let (with, without) = (#"[{"labels":{"a":"1","b":""}}]"#, #"[{"labels":{"a":"1"}}]"#)
    #expect(try read(with).events.first?.dedupKey == (try read(without).events.first?.dedupKey))
  }

  @Test func whatHasEndedIsAResolve() throws {
    let event = try #require(
      try read(
        #"[{"labels":\#(Self.labels),"startsAt":"2026-11-24T00:00:00Z","endsAt":"2026-11-24T00:06:40Z"}]"#
      ).events.first)
    #expect((event.action, event.occurredAt) == (.resolve, Self.now))
  }

  /// A time of ours would make its end, by its own clock, look older than its beginning.
  @Test func whatNamesNoTimeGetsNone() throws {
    let event = try #require(try read(#"[{"labels":{"alertname":"A"},"endsAt":"0001-01-01T00:00:00Z"}]"#).events.first)
    #expect((event.action, event.occurredAt) == (.trigger, .unset))
    let ended = try #require(try read(#"[{"labels":{"alertname":"A"},"endsAt":"2026-11-24T00:00:00Z"}]"#).events.first)
    #expect((ended.action, ended.occurredAt) == (.resolve, Instant(milliseconds: 1_795_478_400_000)))
  }

  @Test func oneThatIsWrongKeepsNoOtherOut() throws {
    let posted = try read(
      #"[{"labels":{}},{"labels":{"alertname":"A"}},{"labels":{"a":7}},{"labels":{"a":"b"},"startsAt":"noon"},{"labels":{"a":"b"},"startsAt":"2026-11-25T00:00:00Z","endsAt":"2026-11-24T00:00:00Z"}]"#
    )
    #expect(posted.events.count == 1)
    #expect(
      posted.wrong.map(\.at) == ["[0].labels", "[2].labels.a", "[3].startsAt", "[4].startsAt"])
  }

  @Test func whatIsNoListIsRefused() {
    #expect(throws: SourceError.self) { try read(#"{"labels":{"a":"b"}}"#) }
    #expect(throws: SourceError.self) { try read("[") }
  }
}
