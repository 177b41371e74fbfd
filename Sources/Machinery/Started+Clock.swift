import Messages

/// What the start of an earlier process tells about the clock that a later one finds.
extension Started {
  /// The smallest difference that counts as a jump; less is drift.
  public static let jump = Span.milliseconds(500)

  /// How far the wall clock jumped since, steps that the journal knows of left out. Within one boot elapsed time says where
  /// it should stand; after a reboot only a clock that went back can be told.
  public func clockJump(to wall: Instant, bootTime now: Span, bootID: String) -> Span? {
    guard bootID == bootId else { return wall < wallAt ? wall - wallAt : nil }
    let difference = wall - (wallAt + (now - bootTime))
    return abs(difference.milliseconds) > Self.jump.milliseconds ? difference : nil
  }
}
