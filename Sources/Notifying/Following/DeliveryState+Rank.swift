import Messages

/// How much is known of where a delivery is. Reports come late, twice and in any order: one of a lower rank, or of the same, changes
/// nothing.
///
///     handed over -> accepted -> failed -> delivered -> seen -> acknowledged
///
/// A failure outranks what a network said on the way, and that somebody has it outranks a failure: a receipt of the device is the
/// better witness.
extension DeliveryState {
  var rank: Int {
    switch self {
    case .handedOver: 1
    case .accepted: 2
    case .failed: 3
    case .delivered: 4
    case .seen: 5
    case .acknowledged: 6
    case .unspecified, .planned, .due, .unknown, .cancelled, .retrying: 0
    }
  }

  /// Whether a provider has it, or had it.
  var wasTaken: Bool { self != .failed && rank > 0 }

  /// Whether nothing but an answer of the person can follow.
  var isLastWord: Bool { rank >= Self.failed.rank }
}
