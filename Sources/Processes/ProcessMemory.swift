import CProcess
import Glibc

/// Keeps what a tier has in memory (keys, addresses, what pages say) from ending up in a file: no core dumps, whatever the system's
/// `core_pattern` is, and no look from another process of the same user.
public enum ProcessMemory {
  /// Before anything secret is read.
  ///
  /// - Throws: when it didn't take.
  public static func hide() throws(ProcessFailure) {
    guard tocsin_hide_memory() == 0, isHidden else {
      throw ProcessFailure("this process's memory can't be kept out of core dumps: \(String(cString: strerror(errno)))")
    }
  }

  public static var isHidden: Bool { tocsin_memory_is_hidden() != 0 }
}
