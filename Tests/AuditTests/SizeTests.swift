import CivilTime
import Messages
import Testing
import Tiers

/// How large a request of each method may be.
@Suite struct SizeTests {
  private func refusal<Rules>(_ command: Command<Rules>, bytes: Int) -> String {
    do throws(Refusal) {
      _ = try command.input(Array(repeating: 0, count: bytes), Caller(principal: .admin))
      return ""
    } catch {
      return error.message
    }
  }

  private func check<Rules>(_ tier: Tier<Rules>) {
    for (path, command) in tier.commands {
      let isLong = !command.needsKey || path.hasSuffix("/Configure")
      let most = isLong || path.hasSuffix("/Publish") || path.hasSuffix("/Beat") ? 1_024 * 1_024 : 64 * 1_024
      #expect(refusal(command, bytes: most + 1).contains("at most \(most) are taken"), "\(path)")
      #expect(!refusal(command, bytes: most).contains("are taken"), "\(path)")
    }
  }

  /// Of sources the door takes no more than 64 KiB at once (`DoorTests`).
  @Test func whatPeopleAskIsShortAndWhatTiersHandOverMayBeLong() {
    check(Tier.intake())
    check(Tier.scheduler(zones: TimeZones()))
    check(Tier.escalator(zones: TimeZones()))
    check(Tier.notifier)
  }
}
