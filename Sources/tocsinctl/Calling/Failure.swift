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
    switch error {
    case let failure as Failure:
      exit(failure.rawValue)
    case let refusal as Refusal:
      say(describe(refusal))
      exit(Failure(refusal.status).rawValue)
    case let error as ConfigurationError:
      say(error.description)
      say("\(error.problems.count) \(error.problems.count == 1 ? "problem" : "problems"); nothing was sent")
      exit(Failure.wrongInput.rawValue)
    case let failure as JournalFailure:
      say(failure.words)
      exit(Failure.wrongInput.rawValue)
    case let error as KeyFileError:
      say(error.description)
      exit(Failure.wrongInput.rawValue)
    case let error as WrongInput:
      say(error.description)
      exit(Failure.wrongInput.rawValue)
    case let error as ValidationError:
      // Found while running, so there is no usage of one command to show.
      say("Error: \(error.message)")
      exit(Failure.usage.rawValue)
    default:
      let code = Tocsinctl.exitCode(for: error)
      let message = Tocsinctl.fullMessage(for: error)
      if code.isSuccess {
        print(message)
        exit(0)
      }
      say(message)
      exit(Failure.usage.rawValue)
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
