import ArgumentParser
import Messages
import Wire

/// Asks the scheduler what an edit would change instead of making it.
struct DryRun: ParsableArguments {
  @Flag(name: .customLong("dry-run"), help: "Show who would gain and who would lose which shift; change nothing.")
  var isWanted = false

  /// Shows what the edit would change, if that is all that was asked for.
  func shows(_ edit: PreviewRequest.Edit, _ global: GlobalOptions) async throws -> Bool {
    guard isWanted else { return false }
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.preview, PreviewRequest(edit: edit))
    try Answer.show(reply, global.output) { PreviewText.show(reply, global.times) }
    return true
  }
}
