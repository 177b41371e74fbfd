import Glibc

/// The end of a tier's process, after its last words.
public enum ProcessEnd {
  /// How long the log's reader may take for them, in milliseconds.
  private static let patience = 500

  /// Ends at once but for what was logged, and runs nothing that a library would do at exit.
  public static func now(_ status: Int32) -> Never {
    OutgoingLines.standardError.flush(within: patience)
    _exit(status)
  }

  /// For ends that are not ours: a mistake in the options, a journal that can't be opened.
  public static func flushesAtExit() {
    atexit { OutgoingLines.standardError.flush(within: ProcessEnd.patience) }
  }
}
