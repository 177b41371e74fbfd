import Glibc

/// The labelled points at which tests end a tier with SIGKILL (`--crash-at LABEL:N`: at the Nth time that the label is
/// reached). In normal running it costs one comparison.
struct CrashPoint: Sendable {
  enum Label: String, Sendable, CaseIterable {
    case decide, append, flush, reply, send, confirm
    /// Around a provider's being asked: the intent is not on disk yet; it is, and the provider not asked; the provider has answered
    /// and that is not on disk; it is, and nobody has been told.
    case intend, ask, answered, tell
  }
  private let label: Label?
  private let at: Int
  private var reached = 0

  /// - Parameter text: "flush:3", or nil for never.
  init(_ text: String?) throws {
    guard let text else {
      label = nil
      at = 0
      return
    }
    let parts = text.split(separator: ":")
    guard parts.count == 2, let label = Label(rawValue: String(parts[0])), let at = Int(parts[1]) else {
      throw HostFailure("--crash-at takes LABEL:N with a label of \(Label.allCases.map(\.rawValue)), not \"\(text)\"")
    }
    self.label = label
    self.at = at
  }

  var isWatched: Bool { label != nil }

  mutating func reach(_ here: Label) {
    guard here == label else { return }
    reached += 1
    if reached == at { kill(getpid(), SIGKILL) }
  }
}
