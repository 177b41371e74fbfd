import JSON
import Messages

/// Reads what is sent to GoAlert's generic integration (`/api/v2/generic/incoming`): a form, or JSON.
///
/// What brings no `dedup` is the same alert as another with the same words, as it is there.
public struct GoAlertEvent: Hashable, Sendable {
  public var event: Event

  public init(
    reading json: [UInt8], source: String, severities: SeverityWords = .usual
  ) throws(SourceError) {
    let payload = try Given(reading: json)
    _ = try payload.members()
    try self.init(
      summary: payload.string("summary") ?? "", details: payload.ornament("details"),
      action: payload.string("action") ?? "", dedup: payload.string("dedup") ?? "",
      meta: payload.ornaments("meta"), source: source, severities: severities)
  }

  /// - Parameter fields: of the form and of the query, in their order; `meta` as often as there is something to say.
  public init(
    fields: [(name: String, value: String)], source: String, severities: SeverityWords = .usual
  ) throws(SourceError) {
    func field(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }
    var meta: [String: String] = [:]
    for pair in fields where pair.name == "meta" {
      let parts = pair.value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { meta[String(parts[0])] = String(parts[1]) }
    }
    try self.init(
      summary: field("summary"), details: field("details"), action: field("action"), dedup: field("dedup"),
      meta: meta, source: source, severities: severities)
  }

  private init(
    summary: String, details: String, action: String, dedup: String, meta: [String: String], source: String,
    severities: SeverityWords
  ) throws(SourceError) {
    guard ["", "close", "trigger"].contains(action) else {
      throw SourceError(at: "action", expected: "close or nothing", found: "\"\(EventLimits.clip(action, to: 40))\"")
    }
    guard !summary.isEmpty || (action == "close" && !dedup.isEmpty) else {
      throw SourceError(at: "summary", expected: "what is wrong, in a line", found: "none")
    }
    let key = dedup.isEmpty ? "auto:" + LabelFingerprint.of(["summary": summary, "details": details]) : dedup
    event = Event(
      action: action == "close" ? .resolve : .trigger, source: source,
      dedupKey: EventLimits.key(key))
    guard event.action == .trigger else { return }
    event.severity = severities.severity(of: meta["severity"] ?? "")
    event.service = EventLimits.clip(meta["service"] ?? "", to: EventLimits.name)
    event.summary = EventLimits.clip(summary, to: EventLimits.summary)
    event.labels = SourceWords.labels(meta)
    SourceWords.add([], details: [details], to: &event)
  }
}
