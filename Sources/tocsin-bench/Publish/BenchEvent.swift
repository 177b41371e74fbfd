import Messages
import Wire

/// An event as sources send them, and where in its bytes its number stands.
enum BenchEvent {
  static let service = "aion-web-api"

  /// About 400 bytes on the wire, as alerts are.
  static func make(source: String, severity: Severity) -> ([UInt8], Int) {
    let number = "000000000000"
    let event = Event(
      action: .trigger, source: source, dedupKey: "bench/\(number)", severity: severity,
      summary: "5xx of aion-web-api above 2 % for five minutes", alertClass: "high_error_rate",
      service: service,
      labels: [
        Label(name: "namespace", value: "aion-production"), Label(name: "pod", value: "aion-web-api-7c9d8b5f6-x2x7k"),
        Label(name: "region", value: "eu-central-1"), Label(name: "job", value: "aion-web-api"),
        Label(name: "prometheus", value: "monitoring/k8s"),
      ],
      details: "The rate of answers with status 5xx has been above the threshold for five minutes.",
      occurredAt: Instant(milliseconds: 1_800_000_000_000))
    let bytes = event.encoded()
    let digits = Array(number.utf8)
    let place = bytes.indices.first { bytes[$0...].starts(with: digits) }
    guard let place else { preconditionFailure("the event holds no number") }
    return (bytes, place)
  }
}
