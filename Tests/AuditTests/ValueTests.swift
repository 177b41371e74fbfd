import Messages
import Testing
import Wire

/// A message in words, and what differs between two.
@Suite struct ValueTests {
  private func values<Message: WireMessage>(_ message: Message, hiding: Set<String> = []) -> [String] {
    MessageValues(of: message, hiding: hiding, instant: { "at \($0.milliseconds)" }).values.map {
      "\($0.name)=\($0.text)"
    }
  }

  @Test func fieldsAreInWordsAndDefaultsAreNotNamed() {
    let incident = Incident(
      id: "2f-1", state: .acknowledged, severity: .sev2, summary: "down", openedAt: Instant(milliseconds: 7),
      flags: ["complexity", "legal"])
    #expect(
      values(incident) == [
        "id=2f-1", "state=acknowledged", "severity=sev2", "summary=down", "opened=at 7", "flags=complexity, legal",
      ])
    #expect(values(Incident()).isEmpty)
    #expect(
      values(incident, hiding: ["summary", "flags", "opened_at_ms"]) == [
        "id=2f-1", "state=acknowledged", "severity=sev2",
      ])
  }

  /// One character of a text may be kilobytes of marks.
  @Test func aTextIsCutByItsBytes() {
    let marks = "a" + String(repeating: "\u{301}", count: 16_000)
    for summary in [marks, String(repeating: "é", count: 20_000), "down " + marks] {
      let text = values(Incident(summary: summary))[0]
      #expect(text.utf8.count <= MessageValues.textAtMost + 20, "\(text.utf8.count)")
    }
  }

  @Test func elementsAreNamedByIdOrPlace() {
    let contact = ContactView(
      person: "ana", methods: [MaskedMethod(channel: "sms", number: 1), MaskedMethod(channel: "push", number: 1)])
    #expect(
      values(contact) == [
        "person=ana", "methods 1 channel=sms", "methods 1 number=1", "methods 2 channel=push", "methods 2 number=1",
      ])
    let list = SwapReply(swap: Swap(id: "swap-1", taker: "ben"))
    #expect(values(list) == ["swap id=swap-1", "swap taker=ben"])
  }

  @Test func changesNameWhatIsNewOtherAndGone() {
    func of(_ incident: Incident?) -> MessageValues? {
      incident.map { MessageValues(of: $0, instant: { "\($0.milliseconds)" }) }
    }
    let before = Incident(id: "2f-1", state: .triggered, summary: "down", owner: "ana")
    let after = Incident(id: "2f-1", state: .resolved, summary: "down", commander: "ben")
    #expect(
      MessageValues.changes(from: of(before), to: of(after)) == [
        AuditChange(name: "state", before: "triggered", after: "resolved"),
        AuditChange(name: "commander", after: "ben"),
        AuditChange(name: "owner", before: "ana"),
      ])
    #expect(MessageValues.changes(from: of(before), to: nil).allSatisfy { $0.after.isEmpty })
    #expect(MessageValues.changes(from: of(before), to: of(before)).isEmpty)
  }

  @Test func bytesThatAreNoMessageHaveNoValues() {
    let name = Incident.fullName
    #expect(MessageValues(fullName: name, bytes: [0xff, 0xff], instant: { _ in "" }) == nil)
    #expect(MessageValues(fullName: "tocsin.None", bytes: [], instant: { _ in "" }) == nil)
    #expect(MessageValues(fullName: name, bytes: [], instant: { _ in "" }) != nil)
  }

  @Test func aLongTextIsCut() {
    let text = String(repeating: "x", count: 1_000)
    #expect(values(Incident(summary: text)) == ["summary=\(text.prefix(MessageValues.textAtMost))…"])
  }

  @Test func aRowsRecordIsFoundWithoutDecodingTheRow() throws {
    let record = AuditRecord(principal: "ana", what: "x")
    for row in [
      AlertingEntry(at: Instant(milliseconds: 1), audited: record).encoded(),
      SchedulingEntry(at: Instant(milliseconds: 1), audited: record).encoded(),
      EscalatingEntry(at: Instant(milliseconds: 1), facts: [EscalationFact()], audited: record).encoded(),
      NotifyingEntry(at: Instant(milliseconds: 1), mark: Mark(kind: .probed(Probed())), audited: record).encoded(),
    ] { #expect(try AuditRecord(inRow: row) == record) }
    #expect(try AuditRecord(inRow: EscalatingEntry(facts: [EscalationFact()]).encoded()) == nil)
  }
}
