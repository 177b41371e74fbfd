import ArgumentParser
import Messages

/// An item of the training programme on the command line, in the words of the configuration.
struct TrainingItemArgument: ExpressibleByArgument, Sendable {
  var item: TrainingItem

  init?(argument: String) {
    let known = TrainingItem.allCases.first { $0 != .unspecified && $0.word == argument.lowercased() }
    guard let known else { return nil }
    item = known
  }

  static let allValueStrings = TrainingItem.allCases.filter { $0 != .unspecified }.map(\.word)
}
