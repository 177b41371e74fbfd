import ArgumentParser
import Foundation
import Messages
import Wire

/// What people have done before they may be on call.
struct TrainingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training", abstract: "Record training, see who lacks what, and plan shadow weeks.",
    subcommands: [TrainingRecordCommand.self, TrainingList.self, ShadowCommand.self])
}

/// An item done, or lost.
struct TrainingRecordCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "Record that somebody has completed an item, or lost it.",
    discussion: """
        tocsinctl training record ana production-access --on 2026-11-23 --by tara

      \(TrainingItemArgument.allValueStrings.map { "  \($0)" }.joined(separator: "\n"))

      Whoever loses what being on call needs stays on call until cover is arranged,
      and the lead is told.
      """)

  @Argument(help: ArgumentHelp("Who.", valueName: "person"))
  var person: String
  @Argument(help: ArgumentHelp("Which item.", valueName: "item"))
  var item: TrainingItemArgument
  @Option(help: ArgumentHelp("On which day; today (UTC) when not given.", valueName: "date"))
  var on: String = ""
  @Flag(help: "It was taken away: access is gone, or the device.")
  var lost = false
  @Option(help: "What is to be kept with it.")
  var note: String = ""
  @Option(help: ArgumentHelp("Who says so (or TOCSIN_PERSON).", valueName: "person"))
  var by: String?
  @OptionGroup var dryRun: DryRun
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = TrainingRecord(
      person: person, item: item.item, completedOn: on, lost: lost, note: note,
      by: by ?? ProcessInfo.processInfo.environment["TOCSIN_PERSON"] ?? "")
    if try await dryRun.shows(.training(request), global) { return }
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.recordTraining, request)
    try Answer.show(reply, global.output) {
      guard let eligibility = reply.eligibility else { return }
      print("\(SafeText.line(eligibility.person)) \(SafeText.line(eligibility.words))")
      TrainingText.items(of: eligibility).print(otherwise: "")
    }
  }
}

/// Who lacks what, or everything about one person.
struct TrainingList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List who may be on call and what each lacks, or a person's records.",
    discussion: """
        tocsinctl training list ana
      """)

  @Argument(help: ArgumentHelp("Only this person, item by item.", valueName: "person"))
  var person: String?
  @Option(name: .customLong("team"), help: ArgumentHelp("Only a team's people.", valueName: "id"))
  var team: String?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ListPeopleRequest(team: team ?? "")
    var reply = try await global.cluster.call(.scheduler, ScheduleMethods.listEligibility, request)
    if let person {
      reply.people = reply.people.filter { $0.person == person }
      if reply.people.isEmpty { throw Refusal.notFound("nobody is called \(person)", field: "person") }
    }
    try Answer.show(reply, global.output) {
      if person != nil, let one = reply.people.first {
        print("\(SafeText.line(one.person)) \(SafeText.line(one.words))")
        TrainingText.items(of: one).print(otherwise: "nothing is recorded")
        for reminder in one.reminders { print("reminder: \(SafeText.line(reminder))") }
        return
      }
      var table = Table("PERSON", "SOLO WEEK", "FULLY", "MISSING", "REMINDERS")
      for one in reply.people {
        table.add(
          one.person, one.eligible ? "may" : "MAY NOT", one.fully ? "yes" : "no",
          one.missing.isEmpty ? "-" : one.missing.map(\.word).joined(separator: ", "), "\(one.reminders.count)")
      }
      table.print(otherwise: "nobody")
    }
  }
}
