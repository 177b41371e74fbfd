import ArgumentParser

/// `all`: every figure, in a few minutes.
struct AllCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "all", abstract: "Everything, in a few minutes.")
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  func run() async throws {
    let place = tiers.on.isEmpty ? [] : ["--on", tiers.on]
    let programs = (tiers.programs.isEmpty ? [] : ["--programs", tiers.programs]) + place
    var all = Report()
    all.add(try await CallsCommand.parse([]).measure())
    all.add(try await CallsCommand.parse(["--burst", "1000", "--burst", "100000"]).measure())
    all.add(try PublishCommand.parse(programs).measure())
    all.add(try await PageCommand.parse(programs).measure())
    all.add(try await OpenCommand.parse(programs).measure())
    all.add(try await TimersCommand.parse(programs).measure())
    all.add(try await ScheduleCommand.parse(programs).measure())
    all.add(try await FiguresCommand.parse(programs).measure())
    all.add(try await FloodCommand.parse(programs + ["--seconds", "20"]).measure())
    all.add(try await SurgeCommand.parse(programs).measure())
    let handover = try HandoverCommand.parse(programs)
    if let obstacle = handover.obstacle {
      all.remark("handover was left out: \(obstacle)")
    } else {
      all.add(try await handover.measure())
    }
    let edge = try EdgeCommand.parse(programs)
    if let obstacle = edge.obstacle {
      all.remark("edge was left out: \(obstacle)")
    } else {
      all.add(try edge.measure())
    }
    try report.tell(all)
  }
}
