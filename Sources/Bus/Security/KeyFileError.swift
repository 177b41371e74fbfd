/// Why a file of keys can't be used: which file, which line, and the rule that it breaks. Never what a secret file holds.
public struct KeyFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public var path: String
  /// 0 when it isn't about one line.
  public var line: Int
  public var rule: String
  /// Whether trying again can help with the file as it is: it couldn't be opened or read, which says nothing of what it holds.
  public var isPassing: Bool

  public init(_ path: String, line: Int = 0, isPassing: Bool = false, _ rule: String) {
    self.path = path
    self.line = line
    self.isPassing = isPassing
    self.rule = rule
  }

  public var description: String { line == 0 ? "\(path): \(rule)" : "\(path): line \(line): \(rule)" }
}
