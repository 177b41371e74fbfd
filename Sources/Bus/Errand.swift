/// Work for a poll thread that is one object, so that handing it over allocates nothing more.
class Errand: @unchecked Sendable {
  // Sendable because it is made by one thread, handed over once, and then touched by the poll thread only, but for what a
  // subclass declares atomic.

  /// On the poll thread.
  func run() {}
}
