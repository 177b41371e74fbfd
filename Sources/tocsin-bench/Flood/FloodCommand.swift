import ArgumentParser
import Bus
import Foundation
import Messages
import Wire

/// `flood`: what one source that sends without end does to the others, and to the people (requirements I5 and N5).
struct FloodCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flood",
    abstract: "One source sends 20,000 alerts a second while 20 others send 5 each.",
    discussion: """
      The four real executables with the configuration that is shipped. The others' time for an answer OK, from when each alert was
      due, is measured without the flood (the floor) and with it. Each of their alerts is an incident of its own, all for one
      person; the flood is of one service and class, as a storm is. Whatever was answered OK must in the end be open at intake, and
      an incident or part of one. What people got is read off the console's log: the fullest minute of anybody, first pages of a
      service apart, which are never held. The flood comes from a process of its own.
      """)
  @Option(help: "How long each of the two measurements takes, in seconds.") var seconds = 60
  @Option(help: "What the flooding source sends a second.") var rate = 20_000
  @Option(help: "Configuration that the cluster gets.") var config = "compose/config"
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  static let sources = 20
  static let each = 5
  /// How long the escalator may take for what intake has taken.
  private static let patience: UInt64 = 180_000_000_000

  func run() async throws {
    try report.tell(await measure())
  }

  func measure() async throws -> Report {
    let cluster = try BenchCluster(tiers, config: config)
    defer { cluster.end() }
    let each = Self.sources * Self.each * seconds
    let quiet = try Latencies(try await others(cluster, from: "before"), atLeast: each, "calls of others")
    let flood = try ChildProcess.again(["flood-source", cluster.intake, String(rate), String(seconds)])
    // It has begun when it says so.
    guard try flood.firstLine() == "begins" else { throw BenchFailure("the flood did not begin") }
    let flooded = try Latencies(try await others(cluster, from: "during"), atLeast: each, "calls of others")
    let words = try flood.firstLine().split(separator: " ").compactMap { Int($0) }
    guard words.count == 3 else { throw BenchFailure("the flood says nothing of how it went") }
    let (taken, refused, took) = (words[0], words[1], Double(words[2]) / 1e9)
    let expected = taken + 2 * each
    let behind = try await lookForLost(expected, cluster)
    let people = try FloodedPeople(log: cluster.pagesLog)
    var report = Report()
    report.add(
      Figure(
        name: "others during a flood: p99", value: flooded.microseconds(0.99) / 1_000, unit: "ms",
        floor: quiet.microseconds(0.99) / 1_000, target: .ratioAtMost(2)))
    report.add(
      Figure(
        name: "others during a flood: p50", value: flooded.microseconds(0.5) / 1_000, unit: "ms",
        floor: quiet.microseconds(0.5) / 1_000))
    report.add(
      Figure(
        name: "flood: answered", value: Double(taken + refused) / took, unit: "answers/s",
        target: .atLeast(0.95 * Double(rate))))
    report.add(Figure(name: "flood: taken", value: Double(taken) / took, unit: "alerts/s"))
    report.add(
      Figure(
        name: "answered OK, and no incident nor part of one", value: Double(max(0, expected - behind.heard)),
        unit: "alerts", target: .atMost(0)))
    report.add(
      Figure(
        name: "in incidents, and never answered OK", value: Double(max(0, behind.heard - expected)), unit: "alerts",
        target: .atMost(0)))
    report.add(Figure(name: "after the flood until all were", value: behind.seconds, unit: "s"))
    report.add(
      Figure(
        name: "messages in the fullest minute of anybody", value: Double(people.fullestMinute), unit: "",
        target: .atMost(5)))
    report.add(Figure(name: "besides, first pages of a service", value: Double(people.firstPages), unit: ""))
    report.remark(people.words)
    return report
  }

  /// Intake must have open all that was answered OK, and the escalator an incident for each, or one that it is part of.
  private func lookForLost(_ expected: Int, _ cluster: BenchCluster) async throws -> (heard: Int, seconds: Double) {
    let began = PollThread.now()
    let intake = try Connection(on: PollThread(name: "looking"), endpoint: cluster.intakeOfTiers)
    let known = try await intake.call(IntakeMethods.listAlerts, ListAlertsRequest(limit: 1), timeout: .seconds(30))
    guard known.open == UInt64(expected) else {
      throw BenchFailure("\(expected) were answered OK, and \(known.open) are open")
    }
    let escalator = try Connection(on: PollThread(name: "looking"), endpoint: cluster.escalator)
    var heard = 0
    while PollThread.now() < began + Self.patience {
      heard = try await alertsHeard(by: escalator)
      if heard >= expected { break }
      try await Task.sleep(nanoseconds: 500_000_000)
    }
    return (heard, Double(PollThread.now() - began) / 1e9)
  }

  /// Of the sources here: incidents of anything else count for nothing.
  private func alertsHeard(by escalator: Connection) async throws -> Int {
    let services = Set([BenchEvent.service] + (0..<Self.sources).map(Self.service))
    var heard = 0
    var after = ""
    repeat {
      let reply = try await escalator.call(
        EscalationMethods.listIncidents, ListIncidentsRequest(limit: 1_000, after: after), timeout: .seconds(30))
      heard += reply.incidents.reduce(0) { $0 + (services.contains($1.service) ? 1 + Int($1.moreAlerts) : 0) }
      after = reply.after
    } while !after.isEmpty
    return heard
  }

  private static func service(_ source: Int) -> String { "service-\(source)" }

  /// Nanoseconds from when each alert was due, whatever became of the one before, to its answer OK.
  private func others(_ cluster: BenchCluster, from name: String) async throws -> [UInt64] {
    try await withThrowingTaskGroup(of: [UInt64].self) { group in
      let step = 1_000_000_000 / UInt64(Self.each)
      let start = PollThread.now()
      for source in 0..<Self.sources {
        let connection = try Connection(on: PollThread(name: "source"), endpoint: cluster.intake)
        // Not all at the same instant.
        let first = start + step + step * UInt64(source) / UInt64(Self.sources)
        group.addTask {
          var took: [UInt64] = []
          for number in 0..<seconds * Self.each {
            let due = first + UInt64(number) * step
            let now = PollThread.now()
            if now < due { try await Task.sleep(nanoseconds: due - now) }
            let event = Event(
              action: .trigger, source: "other-\(source)", dedupKey: "\(name)-\(number)", severity: .sev3,
              summary: "a quiet source has something to say", alertClass: "\(name)-\(number)",
              service: Self.service(source))
            _ = try await connection.call(IntakeMethods.publish, event, timeout: .seconds(30))
            took.append(PollThread.now() - due)
          }
          return took
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }
}
