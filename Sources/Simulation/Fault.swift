/// What can go wrong in a simulated run. A report counts each, so that a run that saw none of a kind can't pass for one that
/// withstood it.
public enum Fault: String, CaseIterable, Hashable, Sendable {
  // Processes and their disks
  case crash
  /// Rows that were written and not flushed were gone after a crash.
  case droppedWrites
  case diskBroken, diskFull
  /// The disk said that a flush failed, and had done it.
  case diskDenied
  /// The disk said that a flush was done, and rows were gone after a crash.
  case tailLost

  // The network
  case lost, doubled, delayed, reordered
  /// A copy came again minutes later.
  case echoed
  /// A tier was cut off from everybody for a while.
  case isolated

  // Providers
  case providerFailed, providerRefused, answerSwallowed, channelOutage
  /// 429, with Retry-After.
  case providerLimited
  /// No answer, and nothing was taken.
  case providerHung
  /// What was taken never arrived.
  case messageUndelivered
  case receiptLate, receiptDoubled, receiptReordered
  /// A provider's list did not show yet what it had taken.
  case listLagged

  case clockStep
  /// A tier answered its calls, and nothing happened there by time.
  case timersStill
}

/// The labelled points of the loop at which a process may end: the same as those of `--crash-at`.
public enum CrashPoint: String, CaseIterable, Hashable, Sendable {
  case decide, append, flush, reply, send, confirm
}

/// The kinds of trouble that a seed chooses from. Each that it chose must have happened, or its run was not what it seems.
public enum TroubleKind: String, CaseIterable, Hashable, Sendable {
  case network, crashes, disks, lyingDisks, providers, clocks, timers

  /// At least one of these faults shows that the trouble came.
  var faults: Set<Fault> {
    switch self {
    case .network: [.lost, .doubled, .delayed, .reordered, .echoed, .isolated]
    case .crashes: [.crash]
    case .disks: [.diskBroken, .diskFull, .diskDenied]
    case .lyingDisks: [.tailLost]
    case .providers:
      [
        .providerFailed, .providerRefused, .answerSwallowed, .channelOutage, .providerLimited, .providerHung,
        .messageUndelivered,
      ]
    case .clocks: [.clockStep]
    case .timers: [.timersStill]
    }
  }
}
