/// The checklists of a handoff as the procedure has them (requirement H1): data, in its words and order.
struct HandoffChecklist: Sendable {
  /// Items are "before-1", "before-2" and so on.
  let id: String
  let title: String
  /// Whose it is: the outgoing primary's, or the incoming one's.
  let isOutgoing: Bool
  /// Where the procedure has it.
  let source: String
  let items: [String]

  static let all = [
    HandoffChecklist(
      id: "before", title: "before the handoff call", isOutgoing: true,
      source: "On-Call Handoff Procedures, Handoff Checklist, Outgoing On-Call, Before handoff call",
      items: [
        "Review all incidents from past week", "Document any recurring issues", "Update known issues log",
        "Prepare handoff notes", "Update runbooks if needed",
      ]),
    HandoffChecklist(
      id: "call", title: "during the handoff call", isOutgoing: false,
      source: "On-Call Handoff Procedures, Handoff Checklist, Incoming On-Call, During handoff call",
      items: [
        "Ask clarifying questions", "Verify understanding of active issues", "Confirm escalation contacts",
        "Test alert delivery", "Verify access to all tools",
      ]),
    HandoffChecklist(
      id: "after", title: "after the handoff", isOutgoing: false,
      source: "On-Call Handoff Procedures, Handoff Checklist, Incoming On-Call, After handoff",
      items: [
        "Read through handoff notes", "Review incident response playbook", "Check PagerDuty schedule",
        "Verify phone notifications working", "Confirm laptop/tools ready", "Review recent deployments",
      ]),
    HandoffChecklist(
      id: "rotation", title: "during the rotation", isOutgoing: false,
      source: "Best Practices, Preparation, During your rotation",
      items: [
        "Keep phone charged and nearby", "Test internet connectivity", "Stay within 15 minutes of laptop",
        "Avoid alcohol if you might be impaired", "Have backup communication method",
      ]),
  ]
}
