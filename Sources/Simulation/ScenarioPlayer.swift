import CivilTime
import Machinery
import Messages
import Wire

/// Plays a scenario: a text of commands and of what people then hear, line by line.
///
/// Lines that begin with `> ` are commands; `#` begins a remark; everything else is what came of the commands and is written
/// anew. So the transcript of a run is the scenario again, and a difference is a change of behaviour. Commands:
///
///     > alert SEV-1 CLASS SERVICE "SUMMARY" KEY        a source reports; KEY names the incident from here on
///     > over KEY                                       … and says that it is over
///     > sources intake2                                reach this one of several intakes from here on
///     > wait 5m, > wait-until 2026-11-29T23:00         time passes (s, m, h, d)
///     > ack KEY PERSON                                 also: resolve KEY PERSON ["NOTE"]
///     > escalate KEY PERSON TIER "REASON"              TIER 0: the next one
///     > reassign KEY PERSON TO
///     > update KEY PERSON identified "IMPACT" "ACTIONS" "NEXT" "ETA"
///     > override TIER PERSON 2h "REASON"               from now on, of the shipped team, by its lead
///     > stop notifier, > start notifier                a tier dies, and comes back
///     > break sms, > mend sms                          a provider refuses a channel
///     > clock escalator 1h                             a tier's wall clock jumps
///     > lose notifier 1                                a tier's disk has lost its last rows; an operator accepts that
///     > team data PERSON PERSON PERSON                 a further team, whose tiers 1 to 3 these people hold
///     > service redis data                             a service is another team's from now on
///     > show KEY, > timeline KEY, > oncall TIER        what operators see
///
/// Others are listed where they are obeyed: `ScenarioPlayer+Answers`, `+Contacts`, `+Hands`, `+Pages`, `+Policy`, `+Reviews`,
/// `+Intake`, `+Schedule`, `+Duty`, `+Staff`.
public final class ScenarioPlayer {
  let world: World
  let shipped: Slices
  private var output: [String] = []
  private var ids: [String: String] = [:]
  /// Which of several intakes sources reach.
  private(set) var reached = Peer.intake

  /// - Parameters:
  ///   - isAnswerable: whether pages can be answered by their own channels.
  ///   - intakes: how many there are.
  ///   - hasSchedule: false: nothing reaches the scheduler, so that no schedule comes until `> unblock scheduler`.
  public init(
    slices: Slices, zones: TimeZones, startingAt start: Instant, isAnswerable: Bool = false, intakes: UInt32 = 1,
    hasSchedule: Bool = true
  ) {
    world = World(
      seed: 1, startingAt: start - .seconds(5), zones: zones, answering: isAnswerable ? Self.answering : nil,
      intakes: intakes)
    shipped = slices
    if !hasSchedule { world.network.isolated.insert(.scheduler) }
    world.configure(slices.unwatched)
    world.providers.onDelivery = { [weak self] in self?.hear($0) }
  }

  /// - Returns: the transcript, and what was not as promised.
  public func play(_ scenario: String) -> (transcript: String, violations: [String]) {
    for line in scenario.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("#") || line.isEmpty { output.append(line) }
      guard line.hasPrefix("> ") else { continue }
      output.append(line)
      do throws(Refusal) {
        try obey(Self.words(String(line.dropFirst(2))))
      } catch {
        output.append("! \(error.status.name) \(error.field.isEmpty ? "" : "\(error.field): ")\(error.message)")
      }
    }
    while output.last?.isEmpty == true { output.removeLast() }
    return (output.joined(separator: "\n") + "\n", world.report.violations)
  }

  // MARK: Commands

  private func obey(_ words: [String]) throws(Refusal) {
    func word(_ index: Int) -> String { index < words.count ? words[index] : "" }
    switch word(0) {
    case "alert": try alert(word(1), word(2), word(3), word(4), key: word(5))
    case "over":
      let event = Event(action: .resolve, source: "scenario", dedupKey: word(1))
      try call(reached, IntakeMethods.publish, event) { $0.disposition == .passedOn ? "\($0.disposition)" : "" }
    case "sources": reached = try node(word(1)).peer
    case "wait": try wait(word(1))
    case "wait-until": try wait(until: Directive(words, now: world.agenda.now).instant(word(1)))
    case "ack":
      let request = AcknowledgeRequest(incidentId: id(word(1)), by: word(2), via: "scenario")
      try call(.escalator, EscalationMethods.acknowledge, request, \.explanation)
    case "resolve":
      let request = ResolveRequest(incidentId: id(word(1)), by: word(2), note: word(3))
      try call(.escalator, EscalationMethods.resolve, request, \.explanation)
    case "escalate":
      let request = EscalateRequest(incidentId: id(word(1)), by: word(2), tier: UInt32(word(3)) ?? 0, reason: word(4))
      try call(.escalator, EscalationMethods.escalate, request, \.explanation)
    case "reassign":
      let request = ReassignRequest(incidentId: id(word(1)), by: word(2), to: word(3))
      try call(.escalator, EscalationMethods.reassign, request, \.explanation)
    case "update":
      let request = UpdateRequest(
        incidentId: id(word(1)), by: word(2), status: Self.status(word(3)), impact: word(4), actions: word(5),
        next: word(6), eta: word(7))
      try call(.escalator, EscalationMethods.postUpdate, request, \.explanation)
    case "override" where UInt32(word(1)) != nil: try override(UInt32(word(1)) ?? 0, word(2), word(3), word(4))
    case "stop":
      let node = try node(word(1))
      node.crash()
      world.promises.fell(node.peer, at: world.agenda.now)
    case "start":
      let node = try node(word(1))
      node.start()
      world.promises.rose(node.peer, at: world.agenda.now)
      settle()
    case "break": world.providers.broken.insert(word(1))
    case "mend": world.providers.broken.remove(word(1))
    case "clock":
      let back = word(2).hasPrefix("-")
      let span = try Self.span(back ? String(word(2).dropFirst()) : word(2))
      try node(word(1)).stepClock(by: back ? .zero - span : span)
      settle()
    case "watch": try watch()
    case "stop-timers": try setTimers(of: word(1), run: false)
    case "run-timers": try setTimers(of: word(1), run: true)
    case "block": world.network.isolated.insert(try node(word(1)).peer)
    case "unblock": world.network.isolated.remove(try node(word(1)).peer)
    case "lose": try lose(node(word(1)), Int(word(2)) ?? 1)
    case "team": try team(word(1), Array(words.dropFirst(2)))
    case "policy": try changePolicy(words)
    case "service": try service(word(1), of: word(2))
    case "show": try show(id(word(1)))
    case "pages": try pages(id(word(1)))
    case "timeline": timeline(id(word(1)))
    case "oncall": try onCall(UInt32(word(1)) ?? 0)
    default: try obeyHands(words)
    }
  }

  func alert(
    _ severity: String, _ alertClass: String, _ service: String, _ summary: String, key: String
  ) throws(Refusal) {
    let event = Event(
      action: .trigger, source: "scenario", dedupKey: key, severity: Self.severity(severity), summary: summary,
      alertClass: alertClass, service: service)
    try call(reached, IntakeMethods.publish, event) { [self] in
      if !key.isEmpty, ids[key] == nil || reached == .intake { ids[key] = $0.alertId }
      return "  \($0.alertId) \($0.disposition)\($0.count > 1 ? ", seen \($0.count) times" : "")"
    }
  }

  private func override(_ tier: UInt32, _ person: String, _ span: String, _ reason: String) throws(Refusal) {
    let now = world.agenda.now
    let request = OverrideRequest(
      team: "platform", tier: tier, person: person, fromAt: now, untilAt: now + (try Self.span(span)), reason: reason,
      by: "tara")
    try call(.scheduler, ScheduleMethods.addOverride, request) { "  \($0.overrideId)" }
  }

  func output(_ line: String) { output.append("  \(line)") }

  private func show(_ id: String) throws(Refusal) {
    guard let incident = world.escalator.rules?.incident(id) else { throw .notFound("no incident \(id)") }
    let owner = incident.owner.isEmpty ? "" : ", owner \(incident.owner)"
    let next = incident.nextStep.isEmpty ? "" : "; next \(incident.nextStep) at \(clock(incident.nextStepAt))"
    output.append("  \(incident.state), tier \(incident.tier)\(owner)\(next)")
    guard incident.newerPolicyVersion > 0 else { return }
    output.append("  by version \(incident.policyVersion) of its policy; the newest is \(incident.newerPolicyVersion)")
  }

  private func timeline(_ id: String) {
    world.escalator.forEachLine { line in
      if line.subject == id { output.append("  \(clock(line.at)) \(line.kind): \(line.text)") }
    }
  }

  private func onCall(_ tier: UInt32) throws(Refusal) {
    guard let rules = world.scheduler.rules else { throw Refusal(.unavailable, "the scheduler is down") }
    let reply = try rules.onCall(OnCallRequest(team: "platform", tier: tier), now: world.agenda.now)
    for shift in reply.shifts {
      output.append("  tier \(shift.tier): \(shift.person.isEmpty ? "nobody" : shift.person) (\(shift.explanation))")
    }
  }

  private func wait(_ text: String) throws(Refusal) {
    world.agenda.run(until: second(of: world.agenda.now) + (try Self.span(text)) + .milliseconds(400))
  }

  /// To within the second that is named, as if somebody had looked at a clock.
  private func wait(until instant: Instant) throws(Refusal) {
    guard instant > world.agenda.now else { throw .invalid("time", "has passed") }
    world.agenda.run(until: instant + .milliseconds(400))
  }

  /// Calls a tier and lets what follows at once happen.
  func call<Request, Response>(
    _ peer: Peer, _ method: Method<Request, Response>, _ request: Request, _ words: @escaping (Response) -> String
  ) throws(Refusal) {
    var answer: Result<[UInt8], Refusal>?
    // A second has room for a few calls; then the next one begins.
    let next = second(of: world.agenda.now) + .seconds(1)
    if next - world.agenda.now < .milliseconds(70) { world.agenda.run(until: next + .milliseconds(1)) }
    let before = output.count
    world.network.call(
      peer, from: nil, SimulatedRequest(path: method.path, payload: request.encoded(), token: .key(world.makeKey()))
    ) { answer = $0 }
    settle()
    let heard = Array(output[before...])
    output.removeLast(heard.count)
    defer { output += heard }
    guard let answer else { throw Refusal(.unavailable, "no answer from the \(peer)") }
    let bytes = try answer.get()
    guard let response = try? Response(decoding: bytes) else {
      throw Refusal(.internal, "unreadable answer")
    }
    let said = words(response)
    if !said.isEmpty { output.append(said.hasPrefix("  ") ? said : "  \(said)") }
  }

  /// What follows at once happens; the clock stays within its second.
  func settle() {
    world.agenda.run(
      until: min(world.agenda.now + .milliseconds(60), second(of: world.agenda.now) + .milliseconds(990)))
  }

  private func second(of instant: Instant) -> Instant {
    Instant(milliseconds: instant.milliseconds / 1_000 * 1_000)
  }

  // MARK: Words

  private func hear(_ delivery: SimulatedProviders.Delivery) {
    let attempt = delivery.attempt
    let whom = attempt.name.isEmpty ? "" : " -> \(attempt.name)"
    let text = attempt.text.split(separator: "\n").joined(separator: " / ")
    output.append("\(clock(delivery.at)) \(attempt.channel)\(whom): \(text)")
  }

  /// "11-24 03:02:10"
  func clock(_ instant: Instant) -> String {
    let text = instant.rfc3339
    return String(text.dropFirst(5).prefix(14)).replacing("T", with: " ")
  }

  func id(_ key: String) -> String { ids[key] ?? key }

  func node(_ name: String) throws(Refusal) -> any Node {
    guard let node = world.nodes.first(where: { $0.peer.rawValue == name }) else {
      throw .invalid("tier", "\"\(name)\" is none of intake, scheduler, escalator, notifier")
    }
    return node
  }

  static func words(_ line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    var isBegun = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
        isBegun = true
      } else if character == " ", !isQuoted {
        if isBegun { words.append(word) }
        word = ""
        isBegun = false
      } else {
        word.append(character)
        isBegun = true
      }
    }
    return isBegun ? words + [word] : words
  }

  static func span(_ text: String) throws(Refusal) -> Span {
    guard let count = Int64(text.dropLast()), let unit = text.last else {
      throw .invalid("span", "\"\(text)\" is none")
    }
    switch unit {
    case "s": return .seconds(count)
    case "m": return .minutes(count)
    case "h": return .hours(count)
    case "d": return .days(count)
    default: throw .invalid("span", "\"\(text)\" ends with none of s, m, h, d")
    }
  }

  static func severity(_ text: String) -> Severity {
    Severity.allCases.first { "SEV-\($0.rawValue)" == text } ?? .unspecified
  }

  static func status(_ text: String) -> UpdateStatus {
    UpdateStatus.allCases.first { "\($0)" == text } ?? .unspecified
  }
}
