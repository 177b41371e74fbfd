import Dispatch

/// The figures of a whole cluster at one door: those of each tier, asked when somebody looks and once a second at most, with a label
/// `tier` and `instance`.
///
/// A tier that doesn't answer within a second shows as `tocsin_tier_up 0`, and costs whoever looks that second.
public actor Gathering {
  private static let patience: Int64 = 1_000
  private static let isNewFor: UInt64 = 1_000_000_000

  private let places: [GatheredPlace]
  private let own: GatheredPlace
  private let queue = DispatchQueue(label: "gathering")
  private var latest: (outcomes: [GatheringRound.Outcome], at: UInt64)?
  private var running: Task<[GatheringRound.Outcome], Never>?

  /// - Parameter own: as what the door's own figures are shown.
  public init(_ places: [GatheredPlace], own: GatheredPlace) {
    self.places = places
    self.own = own
  }

  /// All figures, those of the door's own program first.
  func text(with figures: [Figure]) async -> String {
    let outcomes = await outcomes()
    func samples(_ value: (GatheringRound.Outcome) -> Double) -> [Figure.Sample] {
      zip(places, outcomes).map { place, outcome in .init(value(outcome), place.labels) }
    }
    let ours = [
      Figure(
        "tocsin_tier_up", .gauge, "1 where a tier's figures are among these, 0 where it didn't answer in time.",
        [.init(1, own.labels)] + samples { $0.text == nil ? 0 : 1 }),
      Figure(
        "tocsin_tier_gathered_seconds", .gauge, "How long a tier took to answer with its figures.",
        samples { $0.seconds }),
    ]
    var merged = MergedExposition()
    merged.add(Exposition.text(ours + figures), own.labels)
    for (place, outcome) in zip(places, outcomes) {
      if let text = outcome.text { merged.add(text, place.labels) }
    }
    return merged.text
  }

  private func outcomes() async -> [GatheringRound.Outcome] {
    if let latest, MetricsDoor.now() < latest.at + Self.isNewFor { return latest.outcomes }
    if let running { return await running.value }
    let (places, queue) = (places.map(\.place), queue)
    let task = Task {
      await withCheckedContinuation { continuation in
        queue.async { continuation.resume(returning: GatheringRound.ask(places, within: Self.patience)) }
      }
    }
    running = task
    let outcomes = await task.value
    latest = (outcomes, MetricsDoor.now())
    running = nil
    return outcomes
  }
}
