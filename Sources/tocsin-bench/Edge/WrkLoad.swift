import Foundation

/// wrk with a script of ours: each alert that it sends is new.
final class WrkLoad {
  struct Body {
    var path: String
    /// 1: an event by itself; more: a webhook of Alertmanager.
    var alerts: Int
    var key: String
  }
  struct Outcome {
    var alertsPerSecond: Double
    /// Milliseconds.
    var p50: Double
    var p99: Double
  }

  private let executable: String
  private let threads: Int
  private let script: String
  private var runs = 0
  private var answered: [String: Int] = [:]

  init(_ executable: String, threads: Int, in place: Place) throws {
    guard FileManager.default.fileExists(atPath: executable) else {
      throw BenchFailure("\(executable) is missing: install wrk")
    }
    self.executable = executable
    self.threads = threads
    script = "\(place.directory)/load.lua"
    try Self.text.write(toFile: script, atomically: true, encoding: .utf8)
  }

  /// How many alerts a server answered 2xx, of all runs.
  func alertsAnswered(by url: String) -> Int { answered[url] ?? 0 }

  /// - Throws: when anything wasn't answered 2xx.
  func run(_ url: String, _ body: Body, connections: Int, seconds: Int) throws -> Outcome {
    runs += 1
    let process = Process()
    let words = Pipe()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = [
      "-t", "\(threads)", "-c", "\(connections)", "-d", "\(seconds)s", "--timeout", "20s", "-s", script,
      url + body.path,
      "--", "\(body.alerts)", body.key, "\(runs)",
    ]
    process.standardOutput = words
    try process.run()
    let said = String(decoding: words.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard let line = said.split(separator: "\n").first(where: { $0.hasPrefix("told ") }) else {
      throw BenchFailure("wrk said nothing that is understood: \(said)")
    }
    let numbers = line.split(separator: " ").dropFirst().compactMap { Double($0) }
    guard numbers.count == 5 else { throw BenchFailure("wrk said nothing that is understood: \(said)") }
    let (requests, microseconds, failures) = (numbers[0], numbers[1], numbers[2])
    guard failures == 0, requests > 0 else {
      throw BenchFailure("\(Int(failures)) requests were not answered 2xx by \(url)")
    }
    answered[url, default: 0] += Int(requests) * body.alerts
    return Outcome(
      alertsPerSecond: requests * Double(body.alerts) * 1e6 / microseconds, p50: numbers[3] / 1_000,
      p99: numbers[4] / 1_000)
  }

  private static let text = """
    local threads = 0
    function setup(thread)
      threads = threads + 1
      thread:set("number", threads)
    end
    function init(args)
      alerts, key, run = tonumber(args[1]), args[2], args[3]
      count = 0
      wrk.method = "POST"
      wrk.headers["Authorization"] = "Bearer " .. key
      wrk.headers["Content-Type"] = "application/json"
    end
    local function one()
      count = count + 1
      return string.format("%s%02d%010d", run, number, count)
    end
    function request()
      if alerts == 1 then
        return wrk.format(nil, nil, nil, string.format(
          '{"summary":"5xx of aion-web-api above 2 %% for five minutes","severity":"SEV-2","class":"high_error_rate",' ..
          '"service":"aion-web-api","dedup_key":"%s","details":"The rate of answers with status 5xx has been above the threshold."}',
          one()))
      end
      local all = {}
      for place = 1, alerts do
        all[place] = string.format(
          '{"status":"firing","labels":{"alertname":"HighErrorRate","severity":"critical","service":"aion-web-api",' ..
          '"namespace":"aion-production","pod":"aion-web-api-7c9d8b5f6-x2x7k","region":"eu-central-1"},"annotations":' ..
          '{"summary":"5xx of aion-web-api above 2 %% for five minutes"},"startsAt":"2026-11-24T00:00:00Z","fingerprint":"%s"}',
          one())
      end
      return wrk.format(nil, nil, nil, '{"version":"4","status":"firing","alerts":[' .. table.concat(all, ",") .. ']}')
    end
    function done(summary, latency, requests)
      local errors = summary.errors
      io.write(string.format("told %d %d %d %d %d\\n", summary.requests, summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
    end

    """
}
