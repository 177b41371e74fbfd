import Messages

/// Services, routes, alert classes and heartbeats: intake's slice.
extension Draft {
  func readServices(_ field: Field) {
    guard let fields = field.fields(["kind", "team", "policy", "services"]) else { return }
    let team = fields.required("team")?.mention(of: .team) ?? ""
    let policy = fields.required("policy")?.mention(of: .policy) ?? ""
    for (key, value) in fields.required("services")?.entries(of: "names to services") ?? [] {
      guard let name = key.name() else { continue }
      define(.service, name)
      if value.node.scalar?.string.isEmpty == true {
        services.append(Service(name: name.value, team: team, policy: policy))
        continue
      }
      guard let service = value.fields(["team", "policy", "runbook"]) else { continue }
      services.append(
        Service(
          name: name.value,
          team: service.optional("team")?.mention(of: .team) ?? team,
          policy: service.optional("policy")?.mention(of: .policy) ?? policy,
          runbook: service.optional("runbook")?.text() ?? ""))
    }
  }

  func readRoutes(_ field: Field) {
    guard let fields = field.fields(["kind", "routes"]) else { return }
    let read = fields.required("routes")?.list(of: "routes", atLeast: 0) { self.readRoute($0) }
    routes += read ?? []
  }

  private func readRoute(_ field: Field) -> Route? {
    guard let fields = field.fields(["name", "when", "team", "policy"]) else { return nil }
    var route = Route()
    if let name = fields.required("name")?.name() {
      define(.route, name)
      route.name = name.value
    }
    for (key, value) in fields.required("when")?.entries(of: "label names to values") ?? [] {
      guard let name = key.text(limit: 128), let wanted = value.text(limit: 1_024) else { continue }
      if name == "service" {
        route.service = wanted
      } else {
        route.labels.append(Label(name: name, value: wanted))
      }
    }
    route.team = fields.required("team")?.mention(of: .team) ?? ""
    route.policy = fields.required("policy")?.mention(of: .policy) ?? ""
    return route
  }

  func readHeartbeats(_ field: Field) {
    guard let fields = field.fields(["kind", "heartbeats"]) else { return }
    for (key, value) in fields.required("heartbeats")?.entries(of: "names to heartbeats") ?? [] {
      guard let name = key.name() else { continue }
      define(.heartbeat, name)
      guard let heartbeat = value.fields(["every", "grace", "severity", "service", "class", "source"]) else { continue }
      heartbeats.append(
        Heartbeat(
          name: name.value, every: heartbeat.required("every")?.span(atLeast: .minutes(1)) ?? .zero,
          grace: heartbeat.required("grace")?.span(atLeast: .minutes(1)) ?? .zero,
          severity: heartbeat.required("severity")?.severity() ?? .unspecified,
          service: heartbeat.optional("service")?.mention(of: .service) ?? "",
          alertClass: heartbeat.optional("class")?.mention(of: .alertClass) ?? "",
          source: heartbeat.optional("source")?.text(limit: 64) ?? ""))
    }
  }

  func readAlertClass(_ field: Field) {
    guard let fields = field.fields(["kind", "name", "title", "steps", "runbook"]) else { return }
    var alertClass = AlertClass()
    if let name = fields.required("name")?.name() {
      define(.alertClass, name)
      alertClass.name = name.value
    }
    alertClass.title = fields.required("title")?.text(limit: 128) ?? ""
    alertClass.steps = fields.required("steps")?.list(of: "steps") { $0.text() } ?? []
    alertClass.runbook = fields.optional("runbook")?.text() ?? ""
    classes.append(alertClass)
  }
}
