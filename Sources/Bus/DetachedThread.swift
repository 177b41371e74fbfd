import CZeroMQ
import Glibc

/// Begins a thread that nobody waits for, and that takes no signals.
///
/// - Parameter givesWay: it has a processor while nobody else in need of one is left (nice 19). Dispatch's classes of service say as
///   much and do nothing of the kind on Linux; and a thread that once gave way can't be served better again, so it is its own.
public func detachThread(named name: String, givesWay: Bool = false, _ body: @escaping @Sendable () -> Void) {
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
      if work.givesWay { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19) }
      work.body()
      return nil
    }, Unmanaged.passRetained(Work(name, givesWay, body)).toOpaque())
  precondition(code == 0, "pthread_create failed: \(code)")
  pthread_detach(thread)
}
