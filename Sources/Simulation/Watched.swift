import Messages
import Notifying
import Wire

/// Runs that are watched: synthetic alerts go through the tiers, and accepted alerts are compared with the ledger.
extension Slices {
  /// Without a watch: most runs, as it makes them much longer.
  var unwatched: Slices { with(nil, syntheticEvery: .zero) }

  /// As shipped, but slower: a run lasts for days of its own time.
  func watched(every span: Span) -> Slices {
    guard var watch = (try? NotificationConfiguration(decoding: notification))?.watch else { return self }
    watch.syntheticLostAfter = Promises.Watch.syntheticLostAfter
    return with(watch, syntheticEvery: span)
  }

  private func with(_ watch: Watch?, syntheticEvery: Span) -> Slices {
    guard var notification = try? NotificationConfiguration(decoding: notification),
      var intake = try? IntakeConfiguration(decoding: intake)
    else { return self }
    notification.watch = watch
    intake.syntheticEvery = syntheticEvery
    var slices = self
    slices.notification = notification.encoded()
    slices.intake = intake.encoded()
    return slices
  }
}
