import Messages
import Testing
import Wire

struct MessageJSONTests {
  private func fault(_ json: String, as name: String = Event.fullName) -> WireError? {
    do throws(WireError) {
      _ = try MessageJSON.encode(fullName: name, json: json)
      return nil
    } catch {
      return error
    }
  }

  @Test func anEventCanBeWrittenByHand() throws {
    let json = """
      {"action": "ACTION_TRIGGER", "dedup_key": "disk/db-1", "severity": "SEVERITY_SEV2", "summary": "gr\\u00f6\\u00dfer \\ud83d\\udd25",
       "labels": [{"name": "host", "value": "db-1"}], "occurred_at_ms": 1790000000123, "details": null, "alertClass": "disk"}
      """
    let event = try Event(decoding: MessageJSON.encode(fullName: Event.fullName, json: json))
    #expect(
      event
        == Event(
          action: .trigger, dedupKey: "disk/db-1", severity: .sev2, summary: "größer 🔥", alertClass: "disk",
          labels: [Label(name: "host", value: "db-1")], occurredAt: Instant(milliseconds: 1_790_000_000_123)))
    #expect(try MessageJSON.encode(fullName: Event.fullName, json: "").isEmpty)
  }

  @Test func aReplyShowsEveryFieldInTheOrderOfTheProto() throws {
    let reply = PublishReply(alertId: "2f-1k", disposition: .opened, count: .max)
    #expect(
      try MessageJSON.decode(fullName: PublishReply.fullName, bytes: reply.encoded()) == """
        {
          "alert_id": "2f-1k",
          "disposition": "DISPOSITION_OPENED",
          "count": "18446744073709551615",
          "silenced_by": ""
        }
        """)
    let answered = try MessageJSON.decode(
      fullName: "tocsin.journal.v1.Answered", bytes: Answered(key: [0, 255, 16, 1]).encoded())
    #expect(answered.contains("\"key\": \"AP8QAQ==\""))
    #expect(answered.contains("\"sequence\": \"0\""))
  }

  @Test func sixtyFourBitsSurviveAsNumberAndAsText() throws {
    for written in ["18446744073709551615", "\"18446744073709551615\""] {
      let bytes = try MessageJSON.encode(fullName: PublishReply.fullName, json: "{\"count\": \(written)}")
      #expect(try PublishReply(decoding: bytes).count == .max)
    }
    let bytes = try MessageJSON.encode(
      fullName: "tocsin.journal.v1.ClockStepped", json: "{\"by_ms\": -9223372036854775808}")
    #expect(try ClockStepped(decoding: bytes).by == Span(milliseconds: .min))
  }

  @Test func aMistakeNamesItsField() {
    #expect(fault("{\"sumary\": \"x\"}")?.field == "sumary")
    #expect(
      fault("{\"sumary\": \"x\"}")?.rule.hasPrefix("is no field of tocsin.intake.v1.Event, which has action, ") == true)
    #expect(fault("{\"labels\": [{}, {\"nam\": \"x\"}]}")?.field == "labels[1].nam")
    #expect(fault("{\"summary\": 5}") == WireError(field: "summary", rule: "must be a JSON string"))
    #expect(fault("{\"labels\": {}}") == WireError(field: "labels", rule: "must be a JSON array"))
    #expect(fault("{\"labels\": [5]}") == WireError(field: "labels[0]", rule: "must be a JSON object"))
    #expect(fault("{\"severity\": \"sev9\"}")?.rule.contains("SEVERITY_SEV1, SEVERITY_SEV2") == true)
    #expect(fault("{\"occurred_at_ms\": 1.5}")?.field == "occurred_at_ms")
    #expect(fault("{\"summary\": \"a\\u0000b\"}") == WireError(field: "summary", rule: "holds a NUL"))
    #expect(
      fault("{\"limit\": -1}", as: ListAlertsRequest.fullName)?.rule == "must be a whole number from 0 to 4294967295")
    #expect(fault("{\"applied\": 1}", as: ConfigureReply.fullName)?.rule == "must be true or false")
    #expect(fault("{\"key\": \"!\"}", as: "tocsin.journal.v1.Answered")?.rule == "must be a JSON string in base64")
    #expect(fault("{\"started\": {}, \"probed\": {}}", as: Mark.fullName)?.rule.contains("together") == true)
    #expect(fault("{}", as: "tocsin.Nothing")?.rule == "there is no message tocsin.Nothing")
  }

  @Test func whatIsNotJSONIsRefusedWithItsLine() {
    for text in [
      "{", "{]", "{\"summary\" \"x\"}", "{\"summary\": \"x\",}", "{\"summary\": 'x'}", "[1", "{} {}",
      "{\"summary\": \"x}",
      "{\"summary\": \"\\q\"}", "{\"summary\": \"\\ud800\"}", "{\"summary\": \"\\u12\"}", "{\"count\": 01}",
      "{\"count\": 1.}", "nul",
      "{\"count\": 1e}", "{\"count\": -}", "{1: 2}", "{\"summary\": \"a\u{1}\"}",
      "{\"summary\": \"x\", \"summary\": \"y\"}",
      String(repeating: "[", count: 100_000),
    ] {
      let error = fault(text)
      #expect(error?.rule.hasPrefix("is not JSON: ") == true, "\(text.prefix(40))")
    }
    #expect(fault("{\n\n\"summary\": }")?.rule == "is not JSON: a value is expected (line 3)")
  }

  @Test func whatIsPrintedNeitherMovesTheCursorNorBreaksTheText() throws {
    let row = Event(summary: "\u{1b}[2J \u{9b}31m \"q\" \\ \t")
    #expect(throws: WireError.self) { try MessageJSON.decode(fullName: Event.fullName, bytes: row.encoded()) }
    let text = try MessageJSON.decode(fullName: Event.fullName, bytes: Event(summary: "\"q\" \\ \t\n").encoded())
    #expect(text.contains(#""summary": "\"q\" \\ \t\n""#))
  }
}
