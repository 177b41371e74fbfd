/// Does something every few milliseconds for as long as it says that it must go on. Beginning it while it goes on changes
/// nothing: there is never more than one beat to come.
package final class Pulse {
  private let thread: PollThread
  private let milliseconds: Int64
  private let beat: () -> Bool
  private var isGoing = false

  package init(on thread: PollThread, every milliseconds: Int64, _ beat: @escaping () -> Bool) {
    self.thread = thread
    self.milliseconds = milliseconds
    self.beat = beat
  }

  package func begin() {
    guard !isGoing else { return }
    isGoing = true
    thread.after(milliseconds: milliseconds) { [weak self] in
      guard let self else { return }
      isGoing = false
      if beat() { begin() }
    }
  }
}
