import ArgumentParser
import Bus
import CFloors
import Messages

/// What one measurement of calls gave.
struct CallRun {
  /// Calls a second.
  var rate: Double
  /// Microseconds.
  var p50: Double
  var p99: Double

  init(rate: Double, p50: Double, p99: Double) {
    self.rate = rate
    self.p50 = p50
    self.p99 = p99
  }

  init(_ latencies: [UInt64], took nanoseconds: UInt64) {
    let sorted = Latencies(latencies)
    self.init(
      rate: Double(latencies.count) * 1e9 / Double(nanoseconds), p50: sorted.microseconds(0.5),
      p99: sorted.microseconds(0.99))
  }

  static func medians(_ runs: [CallRun]) -> CallRun {
    CallRun(rate: runs.map(\.rate).median, p50: runs.map(\.p50).median, p99: runs.map(\.p99).median)
  }
}

/// Keeps so many calls in flight: each answer begins the next call.
struct CallLoad {
  enum Shape: String, CaseIterable, ExpressibleByArgument {
    case floor
    case onTheLoop = "on-the-loop"
    case anywhere

    /// About how many calls take a second, so that a run is neither too short nor too long.
    func guess(_ inFlight: Int) -> Int {
      let most = self == .floor ? 400_000 : self == .onTheLoop ? 200_000 : 80_000
      return min(most, 6_000 * inFlight)
    }
  }
  let connection: Connection
  let payload: [UInt8]

  init(_ connection: Connection, _ bytes: Int) {
    self.connection = connection
    payload = [UInt8](repeating: 7, count: bytes)
  }

  func run(_ shape: Shape, inFlight: Int, calls: Int, floor: String) async throws -> CallRun {
    switch shape {
    case .floor:
      var latencies = [UInt64](repeating: 0, count: calls)
      let took = floor_make_calls(floor, Int32(inFlight), Int32(calls), Int32(payload.count), &latencies)
      guard took > 0 else { throw BenchFailure("the floor's calls failed") }
      return CallRun(latencies, took: took)
    case .onTheLoop: return try await ours(inFlight, calls, on: connection.executor)
    case .anywhere: return try await ours(inFlight, calls, on: nil)
    }
  }

  private func ours(_ inFlight: Int, _ calls: Int, on executor: TaskRunner?) async throws -> CallRun {
    let began = PollThread.now()
    let latencies = try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for _ in 0..<inFlight {
        group.addTask(executorPreference: executor) { try await callAgainAndAgain(calls / inFlight) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    return CallRun(latencies, took: PollThread.now() - began)
  }

  private func callAgainAndAgain(_ times: Int) async throws -> [UInt64] {
    var latencies: [UInt64] = []
    latencies.reserveCapacity(times)
    for _ in 0..<times {
      let began = PollThread.now()
      let answer = try await connection.raw(ServeEcho.method, payload, timeout: .seconds(30))
      guard answer.count == payload.count else { throw BenchFailure("an echo of another size") }
      latencies.append(PollThread.now() - began)
    }
    return latencies
  }

  /// Starts so many calls at once; the seconds until every one was answered.
  func burst(of count: Int) async throws -> Double {
    let began = PollThread.now()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<count {
        group.addTask {
          let answer = try await connection.raw(ServeEcho.method, payload, timeout: .seconds(60))
          guard answer.count == payload.count else { throw BenchFailure("an echo of another size") }
        }
      }
      try await group.waitForAll()
    }
    return Double(PollThread.now() - began) / 1e9
  }
}
