import CZeroMQ
import Glibc

/// Begins a thread that lives as long as the process, and takes no signals.
func detachThread(named name: String, _ body: @escaping @Sendable () -> Void) {
  final class Work: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
      self.name = name
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
      work.body()
      return nil
    }, Unmanaged.passRetained(Work(name, body)).toOpaque())
  precondition(code == 0, "pthread_create failed: \(code)")
  pthread_detach(thread)
}
