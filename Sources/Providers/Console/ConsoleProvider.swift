import Foundation
import Messages

/// Writes each page as one line to a file or to standard output: the default of a cluster that has no real channels
/// yet.
///
///     2026-11-24T03:02:10Z push -> Ana Alvarez: [SEV-1] aion-ai-inference: no ready pods (2f-1k) …
///
/// Lines of a text are joined by " / ". A line is written by one call, so that lines of several processes never mix.
public final class ConsoleProvider: Provider {
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "console")

  /// - Parameter path: appended to; nil for standard output.
  public init(path: String?) throws {
    guard let path else {
      descriptor = STDOUT_FILENO
      return
    }
    descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ProviderFailure("\(path): \(String(cString: strerror(errno)))") }
  }

  public func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    let line = Array((Self.line(handOver) + "\n").utf8)
    queue.async { [descriptor] in
      let written = write(descriptor, line, line.count)
      then(
        written == line.count
          ? HandOverOutcome(.ok, "written")
          : HandOverOutcome(
            .unavailable, "the console took \(written) of \(line.count) bytes: \(String(cString: strerror(errno)))"))
    }
  }

  static func line(_ handOver: HandOver) -> String {
    let seconds = handOver.at.milliseconds / 1_000
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    let stamp = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    let whom = handOver.person.isEmpty ? "" : " -> \(handOver.name)"
    let words = handOver.text.split(separator: "\n").joined(separator: " / ")
    return "\(stamp) \(handOver.channel)\(whom): \(words)"
  }
}

/// Why a provider can't work at all, for the operator.
public struct ProviderFailure: Error, CustomStringConvertible {
  public var description: String

  init(_ description: String) {
    self.description = description
  }
}
