import Messages

/// Several pages in one message: how many incidents, how bad, of which services; the worst of them by name, and how to answer.
///
/// Of one incident the newest page of the most serious purpose speaks, because it says how things stand.
struct DigestText {
  /// One page of each incident, the worst first.
  private let incidents: [Page]
  private let isRepeat: Bool
  /// What else is told of the only incident.
  private let also: [String]
  /// How many are named where there is no room for all.
  private static let named = 3
  private static let servicesNamed = 4

  init(_ pages: [Page], isRepeat: Bool) {
    var speaking: [String: Page] = [:]
    for page in pages {
      if let other = speaking[page.incidentId], !page.speaks(before: other) { continue }
      speaking[page.incidentId] = page
    }
    incidents = speaking.values.sorted {
      ($0.severity.order, $0.openedAt, $0.incidentId) < ($1.severity.order, $1.openedAt, $1.incidentId)
    }
    self.isRepeat = isRepeat
    let speaker = incidents.count == 1 ? incidents[0] : nil
    also = pages.filter { $0.purpose == .tell && speaker != nil && $0.id != speaker?.id && !$0.because.isEmpty }
      .sorted { $0.id < $1.id }.prefix(Self.named).map { CleanText.line($0.because, limit: 200) }
  }

  /// "[SEV-1] 7 incidents: redis 4, aion-web-api 2, kafka"
  var title: String {
    guard let worst = incidents.first else { return "" }
    guard incidents.count > 1 else { return PageText.title(of: worst) }
    return CleanText.line("[\(worst.severity.words)] \(count): \(services(upTo: .max))", limit: 250)
  }

  /// What somebody can do about each of them by the message itself: the worst that are named, in that order.
  ///
  /// - Parameter ways: how one page is answered by the channel; nil where it can't be.
  func answerable(_ ways: (Page) -> AnswerWays?) -> [(incident: String, ways: AnswerWays)] {
    incidents.prefix(Self.named).compactMap { page in ways(page).map { (page.incidentId, $0) } }
  }

  /// - Parameters:
  ///   - ways: how its incident is answered by the channel, where it is about one.
  ///   - each: how one of several is.
  func text(by channel: String, ways: AnswerWays? = nil, each: (Page) -> AnswerWays? = { _ in nil }) -> String {
    guard let worst = incidents.first else { return "" }
    guard incidents.count > 1 else {
      let text = PageText.text(of: worst, by: channel, isRepeat: isRepeat, ways: ways)
      return also.isEmpty || channel == "sms" || channel == "voice"
        ? text : "\(text); also: \(also.joined(separator: "; "))"
    }
    let mark = isRepeat ? "(possible repeat) " : ""
    switch PersonalChannel(rawValue: channel) {
    case .sms: return sms(mark, each)
    case .voice: return voice(mark, worst, isAnswered: each(worst) != nil)
    case .email: return email(mark, each)
    case .push, .slack, nil: return short(mark, worst)
    }
  }

  private func sms(_ mark: String, _ each: (Page) -> AnswerWays?) -> String {
    let codes = answerable(each).reduce(into: [:]) { $0[$1.incident] = $1.ways.code }
    let ids = incidents.prefix(Self.named).map { page in
      codes[page.incidentId].map { "\(page.incidentId) \($0)" } ?? page.incidentId
    }.joined(separator: ", ")
    let more = incidents.count > Self.named ? " +\(incidents.count - Self.named)" : ""
    let call = codes.isEmpty ? asking.map { "; ack \($0.incidentId)" } ?? "" : "; reply a code to ack that one"
    let tail = " (\(ids)\(more))\(call)"
    return CleanText.cut("\(mark)\(title)", max(20, PageText.smsCharacters - tail.count)) + tail
  }

  private func voice(_ mark: String, _ worst: Page, isAnswered: Bool) -> String {
    let summary = CleanText.line(worst.summary, limit: 120)
    let service = worst.service.isEmpty ? "" : "\(CleanText.line(worst.service)): "
    return "\(mark)This is Tocsin. \(count), the worst of severity \(worst.severity.rawValue). "
      + "\(spokenServices). The worst is \(service)\(summary). Incident \(worst.incidentId)."
      + (isAnswered ? " For that one, press 4 to acknowledge, 5 to escalate, 6 to resolve." : "")
  }

  private func short(_ mark: String, _ worst: Page) -> String {
    let first = incidents.prefix(Self.named).map { line(of: $0, limit: 100) }.joined(separator: "; ")
    let more = incidents.count > Self.named ? "; and \(incidents.count - Self.named) more" : ""
    return "\(mark)[\(worst.severity.words)] \(count): \(services(upTo: Self.servicesNamed)). \(first)\(more)"
      + (asking.map { "; ack each: tocsinctl incident ack \($0.incidentId)" } ?? "")
  }

  private func email(_ mark: String, _ each: (Page) -> AnswerWays?) -> String {
    var lines = ["\(mark)\(title)"]
    lines += incidents.flatMap { page in
      let because = page.because.isEmpty ? "" : " - \(CleanText.line(page.because, limit: 200))"
      return [line(of: page, limit: 250) + because]
        + (each(page).map { ["  Acknowledge: \($0.link(.acknowledge))"] } ?? [])
    }
    if let asking, each(asking) == nil { lines.append("Acknowledge each: tocsinctl incident ack \(asking.incidentId)") }
    return lines.joined(separator: "\n")
  }

  /// "Reminder: [SEV-2] redis: pod 1 is gone (15-1)"
  private func line(of page: Page, limit: Int) -> String {
    CleanText.cut("\(page.purpose.prefix)\(PageText.title(of: page))", limit) + " (\(page.incidentId))"
  }

  /// The worst that somebody is asked to answer.
  private var asking: Page? { incidents.first { $0.purpose == .duty } }

  private var count: String { "\(incidents.count) incidents" }

  /// "redis 4, aion-web-api 2, kafka"
  private func services(upTo limit: Int) -> String {
    let all = countedServices
    let named = all.prefix(limit).map { $0.count == 1 ? $0.name : "\($0.name) \($0.count)" }.joined(separator: ", ")
    return all.count > limit ? "\(named) and \(all.count - limit) more services" : named
  }

  /// "4 of redis, 2 of aion-web-api, and more of 3 other services"
  private var spokenServices: String {
    let all = countedServices
    let named = all.prefix(Self.servicesNamed).map { "\($0.count) of \($0.name)" }.joined(separator: ", ")
    guard all.count > Self.servicesNamed else { return named }
    return "\(named), and more of \(all.count - Self.servicesNamed) other services"
  }

  /// The most troubled first.
  private var countedServices: [(name: String, count: Int)] {
    var counts: [String: Int] = [:]
    for page in incidents { counts[page.service, default: 0] += 1 }
    return counts.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }.map { service, count in
      (service.isEmpty ? "no service" : CleanText.line(service, limit: 60), count)
    }
  }
}

extension Page {
  fileprivate func speaks(before other: Page) -> Bool {
    (purpose.weight, pagedAt, id) > (other.purpose.weight, other.pagedAt, other.id)
  }
}

extension Severity {
  /// The worst first; one that isn't known last.
  fileprivate var order: UInt32 { self == .unspecified ? .max : rawValue }
}

extension PagePurpose {
  /// What asks for an answer weighs more than words about it.
  fileprivate var weight: Int {
    switch self {
    case .duty: 3
    case .reminder: 2
    case .headsUp: 1
    case .tell, .test, .synthetic, .watch, .unspecified: 0
    }
  }
}
