import CProcess
import Glibc

/// How many files may be open, and how many are.
enum OpenFiles {
  static var most: Int { tocsin_open_files_at_most() }

  static var count: Int {
    guard let folder = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // The folder itself, and its two dots.
    return max(0, count - 3)
  }
}
