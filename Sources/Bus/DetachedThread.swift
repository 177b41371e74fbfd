import CZeroMQ
import Glibc

/// Begins a thread that nobody waits for, and that takes no signals.
///
/// - Parameter givesWay: where processors are short it has a tenth of one (nice 10). Dispatch's classes of service say as much
///   and do nothing of the kind on Linux; and a thread that once gave way can't be served better again, so it is its own.
/// - Returns: false when the system has no thread to give.
public func detachThread(named name: String, givesWay: Bool = false, _ body: @escaping @Sendable () -> Void) -> Bool {
  final class Work: Sendable {
    let name: String
    let givesWay: Bool
    let body: @Sendable () -> Void
    init(_ name: String, _ givesWay: Bool, _ body: @escaping @Sendable () -> Void) {
      self.name = name
      self.givesWay = givesWay
      self.body = body
    }
  }
  let work = Unmanaged.passRetained(Work(name, givesWay, body))
  var thread = pthread_t()
  let code = pthread_create(
    &thread, nil,
    { opaque in
      let work = Unmanaged<Work>.fromOpaque(opaque!).takeRetainedValue()
      var signals = sigset_t()
      sigfillset(&signals)
      pthread_sigmask(SIG_BLOCK, &signals, nil)
      pthread_setname_np(pthread_self(), String(work.name.prefix(15)))
      // Of this thread alone, as Linux has it. Refused, it only costs others time.
      if work.givesWay { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10) }
      work.body()
      return nil
    }, work.toOpaque())
  guard code == 0 else {
    work.release()
    return false
  }
  pthread_detach(thread)
  return true
}

/// Begins a thread without which the process is of no use.
func beginThread(named name: String, _ body: @escaping @Sendable () -> Void) {
  guard detachThread(named: name, body) else { fatalError("the system has no thread for \(name)") }
}
