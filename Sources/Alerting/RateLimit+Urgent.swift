import Messages

extension RateLimit {
  /// What a source may send of SEV-1, resolves and acknowledgements: ten times as much as of anything else, and never less than what a
  /// whole cluster that fails has to say. They wait for nobody else's flood (I5), and are not without end themselves.
  public var ofUrgent: RateLimit {
    RateLimit(perSecond: max(100, Self.tenfold(perSecond)), burst: max(1_000, Self.tenfold(burst)))
  }

  private static func tenfold(_ count: UInt32) -> UInt32 { UInt32(clamping: UInt64(count) * 10) }
}
