import ArgumentParser
import Foundation
import Messages
import Wire

/// Everything that happens, as it becomes durable.
struct Watch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Follow what happens, live, until interrupted.",
    discussion: """
        tocsinctl watch
        tocsinctl watch 2f-1k
        tocsinctl watch --from-sequence 1 -o json   everything so far and then live,
                                                    a JSON object a line

      When the escalator is away, watching goes on where it stopped as soon as it is
      back.
      """)

  @Argument(help: ArgumentHelp("One incident; all when not given.", valueName: "id"))
  var incident: String?
  @Option(help: ArgumentHelp("Begin at this sequence of the escalator's journal.", valueName: "n"))
  var fromSequence: UInt64 = 0
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let times = global.times
    let request = WatchRequest(incidentId: incident ?? "", fromSequence: fromSequence)
    var following = Following(cluster: global.cluster, request: request)
    try await following.run { line in
      switch global.output {
      case .table: Answer.stream(TimelineText.line(line, times, withIncident: incident == nil))
      case .json: Answer.stream(Answer.oneLine(try Answer.json(line)))
      }
    }
  }
}
