import CProcess
import Glibc

/// How many files, connections among them, this process may have open, and how many it has.
public enum OpenFiles {
  /// As many as a program of ours makes use of: what is more would only let strangers take memory, a connection each.
  public static let wanted = 65_536

  public static var most: Int { tocsin_open_files_at_most() }

  /// Takes as many as the system grants; a shell or a service manager often gives a process 1,024 of far more that it may have.
  ///
  /// - Parameter wanted: more than that are left alone, and nothing is given back that is there already.
  /// - Returns: how many it may have open now.
  @discardableResult public static func raise(to wanted: Int = OpenFiles.wanted) -> Int {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var files = rlimit()
    if getrlimit(resource, &files) == 0, files.rlim_cur < rlim_t(wanted) {
      files.rlim_cur = min(rlim_t(wanted), files.rlim_max)
      setrlimit(resource, &files)
    }
    return most
  }

  public static var count: Int {
    guard let folder = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // The folder itself, and its two dots.
    return max(0, count - 3)
  }
}
