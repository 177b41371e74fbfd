import ArgumentParser
import Bus
import Configuration
import Foundation
import Machinery
import Messages

/// Why a command ended badly, as words on standard error and as an exit code for scripts.
enum Failure: Int32, Error {
  case refused = 1
  case usage = 2
  case notFound = 3
  case unavailable = 4
  case wrongInput = 5

  init(_ status: Status) {
    switch status {
    case .notFound: self = .notFound
    case .unavailable, .deadlineExceeded, .cancelled, .resourceExhausted, .aborted: self = .unavailable
    default: self = .refused
    }
  }

  /// Says what happened and ends the process. A bare `Failure` has been explained before it was thrown.
  static func end(_ error: any Error) -> Never {
    if let failure = error as? Failure { exit(failure.rawValue) }
    if let (words, failure) = explain(error) {
      say(words)
      exit(failure.rawValue)
    }
    let code = Tocsinctl.exitCode(for: error)
    let message = Tocsinctl.fullMessage(for: error)
    if code.isSuccess {
      print(message)
      exit(0)
    }
    say(message)
    exit(Failure.usage.rawValue)
  }

  /// What a person reads of an error that was met while a command ran, and how the command ends by it; nil: it is the parser's.
  static func explain(_ error: any Error) -> (words: String, failure: Failure)? {
    switch error {
    case let refusal as Refusal: (describe(refusal), Failure(refusal.status))
    case let error as ConfigurationError:
      (
        "\(error.description)\n\(error.problems.count) \(error.problems.count == 1 ? "problem" : "problems"); nothing was sent",
        .wrongInput
      )
    case let failure as JournalFailure: (failure.words, .wrongInput)
    case let error as KeyFileError: (error.description, .wrongInput)
    case let error as WrongInput: (error.description, .wrongInput)
    // Found while running, so there is no usage of one command to show.
    case let error as ValidationError: ("Error: \(error.message)", .usage)
    default: nil
    }
  }

  static func describe(_ refusal: Refusal) -> String {
    var words = refusal.status.name
    if !refusal.message.isEmpty { words += ": " + refusal.message }
    if !refusal.field.isEmpty { words += " (field \(refusal.field))" }
    if let pause = refusal.retryAfter { words += "; try again in \(SpanText.text(pause))" }
    return words
  }

  /// To standard error, where it doesn't disturb what a script reads.
  static func say(_ words: String) {
    let clean = words.split(separator: "\n", omittingEmptySubsequences: false).map { SafeText.line(String($0)) }
    FileHandle.standardError.write(Data((clean.joined(separator: "\n") + "\n").utf8))
  }
}
