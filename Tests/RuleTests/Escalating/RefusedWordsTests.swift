import Escalating
import Messages
import Testing

/// Bad input is refused by field and rule, and changes nothing.
@Suite struct RefusedWordsTests {
  private func field(of input: EscalationInput) -> String? {
    var escalator = Escalator()
    escalator.alert(.sev1)
    let before = escalator.rules
    do throws(Refusal) {
      try escalator.ask(input)
      return nil
    } catch {
      #expect(escalator.rules == before)
      #expect(error.status == .invalidArgument, "\(error)")
      return error.field
    }
  }

  @Test func anAlertThatNoIntakeCanHaveMadeIsRefused() {
    func field(_ change: (inout Alert) -> Void) -> String? {
      var alert = Alert(id: "2f-2", generation: 1, state: .open, severity: .sev1, openedAt: Escalator.start)
      change(&alert)
      return self.field(of: .alert(alert))
    }
    #expect(field { _ in } == nil, "less is enough: an alert that was cut down has no more")
    #expect(field { $0.id = "" } == "id")
    #expect(field { $0.id = "2f/2" } == "id")
    #expect(field { $0.generation = 0 } == "generation")
    #expect(field { $0.state = .unspecified } == "state")
    #expect(field { $0.severity = .unspecified } == "severity")
    #expect(field { $0.openedAt = .unset } == "opened_at_ms")
  }

  @Test func aReceiptThatNamesNoPageIsRefused() {
    func field(_ change: (inout PageReceipt) -> Void) -> String? {
      var receipt = PageReceipt(pageId: "2f-1/ana/1", incidentId: "2f-1", outcome: "handed over", person: "ana")
      change(&receipt)
      return self.field(of: .receipt(receipt))
    }
    #expect(field { _ in } == nil)
    #expect(field { $0.pageId = "" } == "page_id")
    #expect(field { $0.pageId = "2f-2/ana/1" } == "page_id")
    #expect(field { $0.incidentId = "" } == "incident_id")
    #expect(field { $0.person = "" } == "person")
    #expect(field { $0.outcome = "" } == "outcome")
  }

  @Test func whoNamesNoIncidentNoPersonOrNobodyIsToldWhichFieldIsMissing() {
    #expect(field(of: .acknowledge(AcknowledgeRequest(by: "ana"))) == "incident_id")
    #expect(field(of: .acknowledge(AcknowledgeRequest(incidentId: "2f-1"))) == "by")
    #expect(field(of: .resolve(ResolveRequest(by: "ana"))) == "incident_id")
    #expect(field(of: .escalate(EscalateRequest(by: "ana", reason: "help"))) == "incident_id")
    #expect(field(of: .reassign(ReassignRequest(incidentId: "2f-1", by: "ana"))) == "to")
    #expect(field(of: .update(UpdateRequest(by: "ana", status: .identified))) == "incident_id")
    #expect(field(of: .update(UpdateRequest(incidentId: "2f-1", by: "ana"))) == "status")
    #expect(field(of: .timeline(Timeline())) == "team")
  }
}
