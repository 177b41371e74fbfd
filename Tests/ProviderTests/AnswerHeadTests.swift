import Testing

@testable import Providers

/// What providers say above their answers: whatever its letters, spaces and repetitions.
@Suite struct AnswerHeadTests {
  private func head(_ text: String) -> AnswerHead {
    var head = AnswerHead()
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      Array("\(line)\r\n".utf8).withUnsafeBytes { head.take($0) }
    }
    return head
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\nX-Limit-App-Reset:  17 \nDate: now", "x-limit-app-reset", "17"),
    ("HTTP/1.1 200 OK\nx-limit-app-reset:\t17", "x-limit-app-reset", "17"),
    ("HTTP/1.1 200 OK\nX-A: 1\nX-A: 2", "x-a", "2"),
    ("HTTP/1.1 100 Continue\nX-A: 1\n\nHTTP/1.1 200 OK\nX-B: 2", "x-b", "2"),
    ("HTTP/1.1 200 OK\nX-A:", "x-a", ""),
    ("HTTP/1.1 200 OK\nX-A: a: b", "x-a", "a: b"),
  ])
  func aLineIsFound(text: String, name: String, value: String) { #expect(head(text)[name] == value) }

  @Test(arguments: [
    ("", "x-a"), ("HTTP/1.1 200 OK\nX-AB: 1", "x-a"), ("HTTP/1.1 200 OK\nX-A", "x-a"),
    ("HTTP/1.1 100 Continue\nX-A: 1\n\nHTTP/1.1 200 OK", "x-a"),
    ("HTTP/1.1 200 OK\nLong: " + String(repeating: "a", count: 20_000) + "\n", "long"),
  ])
  func whatIsNotThereIsNothing(text: String, name: String) { #expect(head(text)[name] == nil) }
}
