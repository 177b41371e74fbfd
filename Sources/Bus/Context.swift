import CZeroMQ
import Messages

/// The process's one ZeroMQ context. It is never terminated: safety must not need a clean exit, and `zmq_ctx_term` hangs
/// while anything lingers.
public enum Context {
  nonisolated(unsafe) static let shared: UnsafeMutableRawPointer = {
    // Safe to share: a ZeroMQ context may be used from any thread (zmq(7), "Thread safety"); it is made once here.
    guard let context = zmq_ctx_new() else { preconditionFailure("zmq_ctx_new failed: \(ZeroMQError.last)") }
    zmq_ctx_set(context, ZMQ_BLOCKY, 0)
    zmq_ctx_set(context, ZMQ_MAX_MSGSZ, 2 * 1_024 * 1_024)
    zmq_ctx_set(context, ZMQ_IO_THREADS, 1)
    return context
  }()

  /// One more than the first is worth its while on the intake, where strangers connect: a flood of theirs then has a thread of its
  /// own; and where one of several servers must be reached, whatever the names of the others do. Set before the first socket is
  /// opened.
  public static var ioThreads: Int {
    get { Int(zmq_ctx_get(shared, ZMQ_IO_THREADS)) }
    set { zmq_ctx_set(shared, ZMQ_IO_THREADS, Int32(newValue)) }
  }

  /// What an option of the context is; for tests.
  package static func option(_ number: Int32) -> Int32 { zmq_ctx_get(shared, number) }

  /// libzmq's version, for `--version` and health.
  public static var version: String {
    var major: Int32 = 0
    var minor: Int32 = 0
    var patch: Int32 = 0
    zmq_version(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }
}

/// What ZeroMQ says went wrong.
public struct ZeroMQError: Error, Hashable, Sendable, CustomStringConvertible {
  public var number: Int32
  public var doing: String

  static var last: ZeroMQError { ZeroMQError(number: zmq_errno(), doing: "") }

  public var description: String {
    "\(doing.isEmpty ? "" : "\(doing): ")\(String(cString: zmq_strerror(number)))"
  }
}
