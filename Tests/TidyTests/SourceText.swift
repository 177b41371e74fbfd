import Foundation

/// What a Swift file's text says that the rules about imports and purity are about.
struct SourceText {
  var text: String

  init(_ text: String) {
    // What stands between the words of a declaration is none of its words.
    self.text = text.replacing(#/\/\*(?:.|\n)*?\*\//#) { comment in
      " " + String(repeating: "\n", count: comment.output.count { $0 == "\n" })
    }
  }

  /// The modules that are imported, whole or one name of them, with whatever stands before `import`.
  var imports: [(line: Int, module: String)] {
    let declaration =
      #/(?:^|;)[ \t]*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|actor|protocol|typealias|func|var|let)\s+)?`?([A-Za-z_]\w*)/#
      .anchorsMatchLineEndings()
    return text.matches(of: declaration).map { found in
      (1 + text[..<found.range.lowerBound].count { $0 == "\n" }, String(found.1))
    }
  }

  /// Names that reach for a clock, dice, threads or the outside.
  var impurities: [String] {
    Self.impure.compactMap { name, word, pattern in
      // Looking for a word is quick, and most files hold none of them.
      text.contains(word) && text.contains(pattern.wordBoundaryKind(.simple)) ? name : nil
    }
  }

  // Written out for each use: a Regex is not Sendable.
  private static var impure: [(name: String, word: String, pattern: Regex<Substring>)] {
    [
      ("Date()", "Date", #/\bDate\s*\(\s*\)/#), ("Date.now", "Date", #/\bDate\s*\.\s*now\b/#),
      ("timeIntervalSinceNow", "timeIntervalSinceNow", #/\btimeIntervalSinceNow\b/#),
      ("ContinuousClock", "ContinuousClock", #/\bContinuousClock\b/#),
      ("SuspendingClock", "SuspendingClock", #/\bSuspendingClock\b/#),
      ("DispatchTime", "DispatchTime", #/\bDispatchTime\b/#),
      ("clock_gettime", "clock_gettime", #/\bclock_gettime\b/#), ("gettimeofday", "gettimeofday", #/\bgettimeofday\b/#),
      ("time(nil)", "time", #/\btime\s*\(\s*nil\s*\)/#), (".random(", "random", #/\.\s*random\s*\(/#),
      ("SystemRandomNumberGenerator", "SystemRandomNumberGenerator", #/\bSystemRandomNumberGenerator\b/#),
      ("randomElement()", "randomElement", #/\brandomElement\s*\(\s*\)/#),
      ("shuffled()", "shuffle", #/\bshuffled?\s*\(\s*\)/#), ("UUID()", "UUID", #/\bUUID\s*\(\s*\)/#),
      ("rand()", "rand", #/\b(?:s?rand|d?rand48|random|getrandom|arc4random\w*)\s*\(\s*\)/#),
      ("Task", "Task", #/\bTask\s*(?:\.\s*(?:detached|sleep)\b|<[^>]*>\s*\{|\{|\()/#), ("await", "await", #/\bawait /#),
      ("print(", "print", #/\bprint\s*\(/#), ("fopen", "fopen", #/\bfopen\b/#),
      ("FileManager", "FileManager", #/\bFileManager\b/#), ("FileHandle", "FileHandle", #/\bFileHandle\b/#),
      ("ProcessInfo", "ProcessInfo", #/\bProcessInfo\b/#), ("getenv", "getenv", #/\bgetenv\b/#),
      ("readLine", "readLine", #/\breadLine\s*\(/#),
    ]
  }
}
