/// What the incoming primary goes through before the shift, as the procedure has it (requirement S10): data, in its words and
/// order, with the procedure's commands and addresses.
struct ReadinessChecklist: Sendable {
  struct Item: Sendable {
    let text: String
    /// A command, or where to look; may be empty.
    var how = ""
  }
  /// Items are "access-1", "access-2" and so on.
  let id: String
  let title: String
  /// Where the procedure has it.
  let source: String
  let items: [Item]

  static let all = [
    ReadinessChecklist(
      id: "access", title: "access", source: "Tools and Access, Access Checklist, Before going on-call, verify",
      items: [
        Item(text: "PagerDuty mobile app installed and tested", how: "here it is Tocsin's push: tocsinctl ready test"),
        Item(text: "Kubernetes access working"), Item(text: "VPN configured and tested"),
        Item(text: "Grafana access verified"), Item(text: "GitHub access confirmed"),
        Item(text: "Slack notifications enabled"), Item(text: "Phone charged and service working"),
        Item(text: "Laptop charged and ready"), Item(text: "Internet connection stable"),
      ]),
    ReadinessChecklist(
      id: "verify", title: "access verification",
      source: "On-Call Handoff Procedures, Incoming On-Call, Access verification checklist",
      items: [
        Item(text: "Verify Kubernetes access", how: "kubectl get pods -n aion-production"),
        Item(
          text: "Test monitoring access",
          how: "http://grafana.aion.internal:3000, http://prometheus.aion.internal:9090"),
        Item(text: "Verify PagerDuty", how: "mobile app: test notification delivery: tocsinctl ready test"),
        Item(text: "Check Slack", how: "#incidents, #platform-alerts"),
        Item(
          text: "Test deployment access",
          how: "GitHub Actions: verify permissions; Kubernetes: verify deploy permissions"),
      ]),
    ReadinessChecklist(
      id: "before", title: "before the rotation", source: "Best Practices, Preparation, Before your rotation",
      items: [
        Item(text: "Review recent incidents", how: "tocsinctl incident list --all"),
        Item(text: "Update runbooks if needed"), Item(text: "Test all access"),
        Item(text: "Read handoff notes", how: "tocsinctl handoff document"),
        Item(text: "Review monitoring dashboards", how: "http://grafana.aion.internal:3000, AION Overview"),
        Item(text: "Check battery: laptop, phone, backup phone"),
      ]),
  ]
}
