import Synchronization
import Testing

@testable import Hosting

/// What a flood of forged callbacks can make the log say.
@Suite struct ChangedWordsTests {
  @Test func whatStaysWrongIsToldOnce() {
    let lines = Mutex<[String]>([])
    let words = ChangedWords { line in lines.withLock { $0.append(line) } }
    for _ in 1...1_000 {
      words.note("a can't be read", of: "a")
      words.note("", of: "b")
    }
    #expect(lines.withLock { $0 } == ["a can't be read"])
    words.note("a can be read by others", of: "a")
    words.note("", of: "a")
    for _ in 1...3 { words.note("a can't be read", of: "a") }
    #expect(lines.withLock { $0 } == ["a can't be read", "a can be read by others", "a can't be read"])
  }
}
