import Bus
import Messages
import Synchronization
import Wire

/// Hands alerts in, and reads off the receiver how old their pages were.
final class PageSource: Sendable {
  private let connection: Connection
  private let receiver: PageReceiver
  private let used = Mutex(0)
  /// How long the last pages may take.
  private static let patience: UInt64 = 30_000_000_000

  init(_ connection: Connection, _ receiver: PageReceiver) {
    self.connection = connection
    self.receiver = receiver
  }

  /// Each when the page before is out, and a little rest between. Nanoseconds.
  func oneByOne(_ count: Int) async throws -> [UInt64] {
    var ages: [UInt64] = []
    for number in numbers(count) {
      let began = PollThread.now()
      try await publish(number)
      while receiver.arrival(number) == nil {
        guard PollThread.now() < began + Self.patience else { throw BenchFailure("page \(number) never came") }
        try await Task.sleep(nanoseconds: 500_000)
      }
      if let arrived = receiver.arrival(number) { ages.append(arrived - began) }
      try await Task.sleep(nanoseconds: 5_000_000)
    }
    return ages
  }

  /// By the clock, however long the answers take. Ages in nanoseconds, and alerts a second that were answered OK.
  func steadily(_ rate: Int, seconds: Int) async throws -> (ages: [UInt64], rate: Double) {
    let numbers = numbers(rate * seconds)
    let start = PollThread.now()
    let step = 1_000_000_000 / UInt64(rate)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (place, number) in numbers.enumerated() {
        let due = start + UInt64(place) * step
        let now = PollThread.now()
        if due > now { try await Task.sleep(nanoseconds: due - now) }
        group.addTask(executorPreference: self.connection.executor) { try await self.publish(number) }
      }
      try await group.waitForAll()
    }
    let taken = PollThread.now() - start
    while numbers.contains(where: { receiver.arrival($0) == nil }), PollThread.now() < start + taken + Self.patience {
      try await Task.sleep(nanoseconds: 50_000_000)
    }
    let ages = numbers.enumerated().compactMap { place, number in
      receiver.arrival(number).map { $0 - (start + UInt64(place) * step) }
    }
    return (ages, Double(numbers.count) * 1e9 / Double(taken))
  }

  private func numbers(_ count: Int) -> Range<Int> {
    used.withLock { used in
      defer { used += count }
      precondition(used + count <= receiver.most, "the receiver tells \(receiver.most) pages apart")
      return used..<used + count
    }
  }

  private func publish(_ number: Int) async throws {
    let digits = String(number)
    let name = "bench-" + String(repeating: "0", count: 12 - digits.count) + digits
    let event = Event(
      action: .trigger, source: "tocsin-bench", dedupKey: name, severity: .sev2, summary: "\(name): 5xx above 2 %",
      alertClass: "high_error_rate", service: name,  // of its own, so that it is an incident of its own
      labels: [
        Label(name: "namespace", value: "aion-production"), Label(name: "pod", value: "aion-web-api-7c9d8b5f6-x2x7k"),
      ])
    _ = try await connection.call(IntakeMethods.publish, event, timeout: .seconds(30))
  }
}
