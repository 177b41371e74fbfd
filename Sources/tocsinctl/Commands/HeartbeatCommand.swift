import ArgumentParser
import Messages
import Wire

/// Heartbeats: sources that must report, and become an alert when they don't.
struct HeartbeatCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heartbeat", abstract: "Say that all is well, and list who must say so.",
    subcommands: [HeartbeatSend.self, HeartbeatList.self])
}

/// The last line of a nightly job.
struct HeartbeatSend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Report that all is well; OK means that intake has it on disk.",
    discussion: """
        pg_dump ... && tocsinctl heartbeat send backup-postgres

      Which heartbeats there are, how often they must come and how bad it is when
      they don't is configuration (kind: Heartbeats). A source's key reports its own
      only: what configuration names as source, or the heartbeat's name.
      """)

  @Argument(help: ArgumentHelp("The heartbeat.", valueName: "name"))
  var name: String
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let times = global.times
    let reply = try await beat()
    try Answer.show(reply, global.output) {
      print("\(SafeText.line(name)) heard; an alert if not again by \(times.full(reply.dueAt))")
    }
  }

  /// Each of several intakes waits for it: all that can be reached hear it, and one is enough for the source.
  private func beat() async throws -> BeatReply {
    let answers = try await global.cluster.each(HeartbeatsMethods.beat, BeatRequest(name: name))
    guard let heard = answers.lazy.compactMap({ try? $0.answer.get() }).first else {
      if case .failure(let refusal)? = answers.first?.answer { throw refusal }
      throw Refusal(.unavailable, "there is no intake")
    }
    for case (let tier, .failure(let refusal)) in answers {
      Failure.say("\(tier.name) has not heard it: \(Failure.describe(refusal))")
    }
    return heard
  }
}

/// Who must report, and when each last did.
struct HeartbeatList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the sources that must report, and when each last did.",
    discussion: """
        tocsinctl heartbeat list
      """)

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let times = global.times
    let list = try await heartbeats()
    try Answer.show(list, global.output) {
      var table = Table(
        "HEARTBEAT", "EVERY", "GRACE", "SEVERITY", "SERVICE", "SOURCE", "LAST (\(times.zone))", "DUE", "STATE")
      for status in list.heartbeats {
        guard let heartbeat = status.heartbeat else { continue }
        table.add(
          heartbeat.name, heartbeat.every.words, heartbeat.grace.words, heartbeat.severity.word, heartbeat.service,
          heartbeat.source.isEmpty ? heartbeat.name : heartbeat.source,
          status.lastAt.isSet ? times.short(status.lastAt) : "never", times.short(status.dueAt),
          status.missing ? "missing" : "ok")
      }
      table.print(otherwise: "no heartbeats")
    }
  }

  /// Each as the intake knows it that has heard it last; missing where one of them misses it, which is an alert.
  private func heartbeats() async throws -> Messages.HeartbeatList {
    var list = Messages.HeartbeatList()
    for (_, one) in try await global.cluster.known(HeartbeatsMethods.list, HeartbeatsRequest()) {
      for status in one.heartbeats {
        guard let index = list.heartbeats.firstIndex(where: { $0.heartbeat?.name == status.heartbeat?.name }) else {
          list.heartbeats.append(status)
          continue
        }
        let isMissing = list.heartbeats[index].missing || status.missing
        if status.lastAt > list.heartbeats[index].lastAt { list.heartbeats[index] = status }
        list.heartbeats[index].missing = isMissing
      }
    }
    return list
  }
}
