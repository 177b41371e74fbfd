import Messages

/// A page's life as people read it: what was planned, each attempt in the provider's words, and what is next.
enum PageText {
  static func lines(_ page: ShowPageReply, _ times: Times) -> [String] {
    var lines = ["\(page.pageId): \(page.person.isEmpty ? "" : "to \(page.person), ")\(page.about)"]
    if !page.because.isEmpty { lines.append("  because: \(page.because)") }
    lines.append("  decided \(times.full(page.pagedAt))\(page.wanted ? "" : "; not wanted any more")")
    if !page.remark.isEmpty { lines.append("  \(page.remark)") }
    if page.deliveries.isEmpty { lines.append("  by no channel") }
    for life in page.deliveries { lines += delivery(life, times) }
    lines += page.refused.map { "refused answer by \($0.channel), \(times.full($0.at)): \($0.reason)" }
    return (lines + page.told).map(SafeText.line)
  }

  private static func delivery(_ life: DeliveryLife, _ times: Times) -> [String] {
    guard let delivery = life.delivery else { return [] }
    let id = delivery.providerId.isEmpty ? "" : " (\(delivery.providerId))"
    var lines = ["\(delivery.channel): \(delivery.state.word)\(id)"]
    lines += life.events.map { "  \(times.clock($0.at))  \(event($0))" }
    if !life.next.isEmpty {
      lines.append("  \(life.nextAt.isSet ? times.clock(life.nextAt) : "next")  \(life.next)")
    }
    return lines
  }

  private static func event(_ event: DeliveryEvent) -> String {
    let words = event.words.isEmpty ? "" : ": \(event.words)"
    switch (event.state, event.question) {
    case (.planned, _): return "brought forward\(words)"
    case (.due, 0): return "attempt \(event.attempt), by \(event.provider)"
    case (.due, let number): return "question \(number) to \(event.provider): what became of attempt \(event.attempt)?"
    case (.unspecified, _): return "nothing new\(words)"
    case (let state, _): return "\(state.word)\(words)"
    }
  }
}
