import ArgumentParser
import Messages

/// The operator's hand on the cluster: every command is one or a few calls of the public protocol, and no rules.
@main
struct Tocsinctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tocsinctl",
    abstract: "See and steer a Tocsin cluster: alerts, incidents, who is on call, configuration.",
    discussion: """
      First steps:
        tocsinctl health                              is everything up?
        tocsinctl apply -f compose/config --dry-run   what would this change?
        tocsinctl alert send --severity SEV-1 --class service_down "no ready pods"
        tocsinctl incident list                       what is open, and what is next
        tocsinctl incident ack 2f-1k --by ana         I am on it
        tocsinctl oncall                              who is on call, until when
        tocsinctl schedule show                       who holds which week
        tocsinctl watch                               everything as it happens

      Where the cluster is: --base-port N (or TOCSIN_BASE_PORT) for a local one,
      7100 when not given: intake listens on N+11 (on N+1 for sources), the
      scheduler on N+2, the escalator on N+3, the notifier on N+4. Each tier can be
      given its own address instead, such as --intake tcp://10.0.0.5:7111.

      With which key: --key-file FILE (or TOCSIN_KEY_FILE), such as
      data/keys/admin.secret; the file tiers beside it has the keys of the tiers.

      Output: tables for people; -o json for scripts, in the field names of the
      .proto files. Times are shown in your time zone (TZ), with --utc in UTC.
      Complete commands in your shell with
        tocsinctl --generate-completion-script bash|zsh|fish

      Exit codes:
        0  done
        1  refused: the answer says which field and why
        2  usage: unknown command or option
        3  not found: no such incident, alert, person, team, override, swap, work
        4  unavailable: no answer in time, or not every tier is SERVING
        5  what was read is wrong: configuration, payload or JSON; nothing was sent
      """,
    version: "tocsinctl 0.1",
    subcommands: [
      Apply.self, CheckConfig.self, AlertCommand.self, SilenceCommand.self, HeartbeatCommand.self, ChangeCommand.self,
      IncidentCommand.self, ReviewCommand.self, ReportCommand.self, PolicyCommand.self,
      OnCall.self,
      ScheduleCommand.self,
      CalendarCommand.self, OverrideCommand.self, CoverCommand.self, SwapCommand.self, TimeOffCommand.self,
      RotationCommand.self,
      HandoffCommand.self, ReadyCommand.self, TaskCommand.self, PersonCommand.self, TrainingCommand.self,
      PayCommand.self, CompDayCommand.self,
      PageCommand.self, ChannelCommand.self, ContactCommand.self, RuleCommand.self, KeysCommand.self, AuditCommand.self,
      Watch.self, HealthCommand.self, Doctor.self, ExportCommand.self, BackupCommand.self, RestoreCommand.self,
      HandOverAgain.self, Call.self,
    ])

  /// As ArgumentParser's own `main`, but with our exit codes.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      Failure.end(error)
    }
  }
}
