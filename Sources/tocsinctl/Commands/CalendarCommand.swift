import ArgumentParser
import Foundation
import Messages
import Wire

/// The schedule in people's own calendars.
struct CalendarCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calendar", abstract: "Take shifts into your own calendar.", subcommands: [CalendarExport.self])
}

/// A person's shifts, or a team's, as an iCalendar file.
struct CalendarExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a person's or a team's shifts as iCalendar (RFC 5545).",
    discussion: """
        tocsinctl calendar export --person ana >ana.ics
        tocsinctl calendar export --team platform --file platform.ics

      What is promised and what people arranged is in it, from 90 days back to a year
      ahead. An event keeps its UID: after a swap the giver's is CANCELLED and the
      taker's appears, with a higher SEQUENCE. With --file the file is replaced as a
      whole, so that it can be served to calendars that subscribed.
      """)

  @Option(help: ArgumentHelp("Whose shifts; in all teams when --team isn't given.", valueName: "id"))
  var person: String?
  @Option(help: ArgumentHelp("Which team's.", valueName: "id"))
  var team: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("From when: \(TimeArgument.help).", valueName: "time"))
  var from: TimeArgument?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Until when; two years after the beginning at most.", valueName: "time")
  )
  var until: TimeArgument?
  @Option(help: ArgumentHelp("Where to; standard output when not given.", valueName: "path"))
  var file: String?
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    if person == nil && team == nil { throw ValidationError("name a person or a team: --person, --team, or both") }
    if file != nil && global.output == .json { throw ValidationError("--file or -o json, not both") }
  }

  func run() async throws {
    let request = FeedRequest(
      team: team ?? "", person: person ?? "", fromAt: try from.instant(global.times),
      untilAt: try until.instant(global.times))
    let reply = try await global.cluster.call(.scheduler, CalendarMethods.feed, request)
    if global.output == .json {
      print(try Answer.json(reply))
      return
    }
    guard let file else {
      FileHandle.standardOutput.write(Data(reply.text))
      return
    }
    do {
      try Data(reply.text).write(to: URL(fileURLWithPath: file), options: .atomic)
    } catch {
      throw WrongInput("\(file): cannot be written: \(error.localizedDescription)")
    }
    print("\(file): \(reply.events) events, \(reply.cancelled) of them cancelled; \(promised(reply))")
  }

  private func promised(_ reply: FeedReply) -> String {
    guard reply.publishedUntilAt.isSet else { return "nothing is promised yet" }
    return "promised until \(global.times.short(reply.publishedUntilAt))"
  }
}
