import ArgumentParser
import Messages
import Wire

/// Channels: how their providers fare, and whom the limits hold up.
struct ChannelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channel", abstract: "See how channels and providers fare, and what limits hold back.",
    subcommands: [ChannelStatusCommand.self])
}

/// One line a provider, or a person.
struct ChannelStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show each channel's providers, or with --people who has had how many messages.",
    discussion: """
        tocsinctl channel status
        tocsinctl channel status --people

      Counts are messages of the last hour. HELD are deliveries that are due and wait
      until their person may get the next message; WAITING are those that wait for
      their provider.
      """)

  @Flag(help: "Who has had messages in the last minute, or has pages held.")
  var people = false
  @Option(help: ArgumentHelp("With --people: only this one.", valueName: "id"))
  var person: String?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard person == nil || people else { throw ValidationError("--person goes with --people") }
  }

  func run() async throws {
    try await people ? showPeople() : showChannels()
  }

  private func showChannels() async throws {
    let reply = try await global.cluster.call(.notifier, ChannelsMethods.status, ChannelStatusRequest())
    let times = global.times
    try Answer.show(reply, global.output) {
      var table = Table(
        "CHANNEL", "PROVIDER", "UNDER WAY", "HANDED OVER", "FAILED", "UNKNOWN", "RATE", "WAITING", "HELD",
        "LAST TROUBLE (\(times.zone))")
      for channel in reply.channels {
        table.add(
          channel.channel, provider(channel), "\(channel.underWay)", "\(channel.handedOver)", "\(channel.failed)",
          "\(channel.unknown)", rate(channel, times), "\(channel.waiting)", "\(channel.held)",
          channel.failedAt.isSet ? "\(times.clock(channel.failedAt)) \(channel.words)" : "")
      }
      table.print(otherwise: "no channels")
    }
  }

  private func provider(_ channel: ChannelStatus) -> String {
    let isStandingIn = channel.isSecond && channel.inUse
    return "\(channel.provider)\(channel.isSecond ? " (second\(isStandingIn ? ", in use" : ""))" : "")"
  }

  /// "1 in 1 s, next 10:04:07"
  private func rate(_ channel: ChannelStatus, _ times: Times) -> String {
    guard let rate = channel.rate else { return "" }
    let next = channel.freeAt.isSet ? ", next \(times.clock(channel.freeAt))" : ""
    return "\(rate.messages) in \(rate.per.words)\(next)"
  }

  private func showPeople() async throws {
    let request = PacesRequest(person: person ?? "")
    let reply = try await global.cluster.call(.notifier, ChannelsMethods.paces, request)
    let times = global.times
    try Answer.show(reply, global.output) {
      var table = Table("PERSON", "BY", "LAST MINUTE", "HELD", "NEXT (\(times.zone))")
      for pace in reply.paces {
        table.add(
          pace.person, pace.channel.isEmpty ? "push, sms, voice" : pace.channel,
          "\(pace.taken) of \(pace.pagesPerMinute)", "\(pace.held)",
          pace.nextSlotAt.isSet ? times.clock(pace.nextSlotAt) : "now")
      }
      table.print(otherwise: "nobody has had a message in the last minute")
      if reply.more { print("more: --person ID") }
    }
  }
}
