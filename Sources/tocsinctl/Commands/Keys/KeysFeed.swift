import ArgumentParser
import Bus
import CivilTime
import Foundation
import Messages
import Subscribing

/// Calendar addresses (S12).
struct KeysFeed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feed", abstract: "Give out, list and revoke addresses that calendars subscribe to.",
    discussion: """
        tocsinctl keys feed make --person ana --url https://oncall.example.com
        tocsinctl keys feed list
        tocsinctl keys feed revoke 3fa1c07e
      Whoever has the address sees the shifts, and nothing else: it is shown once,
      when it is made, and only the digest of its secret is kept, in the file feeds
      of the gateway's folder. The gateway notices a change within two seconds.
      """,
    subcommands: [KeysFeedMake.self, KeysFeedList.self, KeysFeedRevoke.self])
}

/// One more address.
struct KeysFeedMake: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make", abstract: "Make an address for a person's shifts or a team's; prints it, once.")

  @Option(help: ArgumentHelp("Whose shifts; in all teams when --team isn't given.", valueName: "id"))
  var person: String = ""
  @Option(help: ArgumentHelp("Which team's.", valueName: "id"))
  var team: String = ""
  @Option(help: ArgumentHelp("Where calendars reach the gateway, to print the whole address.", valueName: "url"))
  var url: String = ""
  @OptionGroup var gateway: GatewayFolder
  @OptionGroup var folder: KeysFolder

  mutating func validate() throws {
    guard !person.isEmpty || !team.isEmpty else {
      throw ValidationError("name a person or a team: --person, --team, or both")
    }
  }

  func run() throws {
    let (now, path) = (KeysFolder.now, gateway.path(beside: folder))
    try KeyDirectory(path).check()
    let secret = try SubscriptionFile(in: path).change { all throws(SubscriptionFault) in
      try all.add(person: person, team: team, at: now)
    }
    print("\(url.hasSuffix("/") ? String(url.dropLast()) : url)/calendar/\(secret).ics")
  }
}

/// What was given out.
struct KeysFeedList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Which addresses are there, by the beginning of the digest of their secrets.")

  @Option(name: .shortAndLong, help: "How to answer: table or json.")
  var output: OutputFormat = .table
  @OptionGroup var gateway: GatewayFolder
  @OptionGroup var folder: KeysFolder

  private struct Shown: Encodable {
    var digest: String
    var person: String
    var team: String
    var made: String
  }

  func run() throws {
    let all = try SubscriptionFile(in: gateway.path(beside: folder)).read().all
    switch output {
    case .table:
      var table = Table("ADDRESS", "PERSON", "TEAM", "MADE")
      for one in all { table.add(one.digest.short, one.person, one.team, one.madeAt.rfc3339) }
      table.print(otherwise: "no address was given out")
    case .json:
      let shown = all.map {
        Shown(digest: $0.digest.text, person: $0.person, team: $0.team, made: $0.madeAt.rfc3339)
      }
      print(String(decoding: try JSONEncoder().encode(shown), as: UTF8.self))
    }
  }
}

/// No more.
struct KeysFeedRevoke: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Answer an address no longer: the one named, or all of a person and team.")

  @Argument(help: "How the digest begins, as the list shows it: six digits at least.")
  var address: String?
  @Option(help: ArgumentHelp("All addresses of this person.", valueName: "id"))
  var person: String = ""
  @Option(help: ArgumentHelp("All addresses of this team; with --person, of that person there.", valueName: "id"))
  var team: String = ""
  @OptionGroup var gateway: GatewayFolder
  @OptionGroup var folder: KeysFolder

  mutating func validate() throws {
    guard (address == nil) != (person.isEmpty && team.isEmpty) else {
      throw ValidationError("say which: the beginning of its digest, or --person and --team")
    }
    guard address.map({ $0.count >= 6 }) ?? true else { throw ValidationError("six digits of it at least") }
  }

  func run() throws {
    let revoked = try SubscriptionFile(in: gateway.path(beside: folder)).change { all in
      address.map { all.revoke(beginning: $0) } ?? all.revoke(person: person, team: team)
    }
    guard !revoked.isEmpty else { throw Refusal(.notFound, "no such address was given out", field: "address") }
    print(
      "\(revoked.count) \(revoked.count == 1 ? "address" : "addresses") revoked: "
        + revoked.map { "\($0.digest.short) (\($0.whose))" }.joined(separator: ", "))
  }
}
