import Glibc

/// Keeps one arena a thread, so that decoding costs no allocation in the steady state.
final class ThreadArena {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { storage in
      if let storage { Unmanaged<ThreadArena>.fromOpaque(storage).release() }
    }
    return key
  }()

  private var spare: Arena?

  static var current: UnsafeMutableRawPointer {
    if let storage = pthread_getspecific(key) { return storage }
    let storage = Unmanaged.passRetained(ThreadArena()).toOpaque()
    pthread_setspecific(key, storage)
    return storage
  }

  func take() -> Arena? {
    defer { spare = nil }
    return spare
  }

  func put(_ arena: Arena) { spare = arena }
}
