import AlertSources
import Messages
import Testing

/// A script can hand over events as lines of JSON.
@Suite struct EventLineTests {
  private func complaint(_ line: String) -> String? {
    do {
      _ = try EventLine.event(line, number: 7, source: "cron")
      return nil
    } catch { return error.description }
  }

  @Test func aLineIsAnEvent() throws {
    let line = """
      {"summary":"no backup","severity":"SEV-3","dedup_key":"backup","class":"backup_missing","service":"postgres",\
      "labels":{"b":"2","a":"1"},"links":[{"href":"https://x"}],"details":"d","occurred_at":"1970-01-01T00:00:05Z"}
      """
    let event = Event(
      action: .trigger, source: "cron", dedupKey: "backup", severity: .sev3, summary: "no backup",
      alertClass: "backup_missing", service: "postgres",
      labels: [Label(name: "a", value: "1"), Label(name: "b", value: "2")], links: [Link(href: "https://x")],
      details: "d", occurredAt: Instant(milliseconds: 5_000))
    #expect(try EventLine.event(line, number: 1, source: "cron") == event)
  }

  @Test func theLinesOwnSourceWins() throws {
    let event = try EventLine.event(#"{"action":"resolve","source":"a","dedup_key":"k"}"#, number: 1, source: "b")
    #expect((event.source, event.action) == ("a", .resolve))
  }

  /// Found by fuzzing: it ended there on its way, and "disk\0a" acknowledged "disk".
  @Test func whatWouldEndAtANULIsRefusedByItsField() throws {
    for (line, field) in [
      (#"{"action":"ack","dedup_key":"disk\u0000a"}"#, "dedup_key"), (#"{"class":"\u0000"}"#, "class"),
      (#"{"service":"a\u0000"}"#, "service"), (#"{"source":"a\u0000"}"#, "source"),
      (#"{"labels":{"a":"b\u0000"}}"#, "labels"), (#"{"labels":{"a\u0000":"b"}}"#, "labels"),
      (#"{"links":[{"href":"x\u0000"}]}"#, "links"), (#"{"links":[{"href":"x","text":"\u0000"}]}"#, "links"),
    ] { #expect(complaint(line) == "line 7, \(field): expected text without NUL, found one") }
    let event = try EventLine.event(#"{"summary":"a\u0000b","details":"\u0000"}"#, number: 1, source: "s")
    #expect((event.summary, event.details) == ("a b", " "))
  }

  @Test func aWrongLineIsNamed() {
    #expect(
      complaint("{")
        == "line 7: expected well-formed JSON, found text that is not JSON: a name in quotes is expected (line 1)")
    #expect(complaint(#"{"summary":1}"#) == "line 7, summary: expected a string, found a number")
    #expect(complaint(#"{"sumary":"x"}"#)?.hasSuffix("found \"sumary\"") == true)
    #expect(
      complaint(#"{"action":"shout"}"#)
        == "line 7, action: expected trigger, acknowledge, resolve or change, found \"shout\"")
  }
}
