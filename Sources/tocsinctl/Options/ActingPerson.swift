import ArgumentParser
import Foundation

/// Who does this: asked of every command that changes something in somebody's name.
struct ActingPerson: ParsableArguments {
  @Option(name: .customLong("by"), help: ArgumentHelp("Who you are, by id (or TOCSIN_PERSON).", valueName: "person"))
  var given: String?

  mutating func validate() throws {
    if id.isEmpty { throw ValidationError("say who you are: --by PERSON, or set TOCSIN_PERSON") }
  }

  var id: String { given ?? ProcessInfo.processInfo.environment["TOCSIN_PERSON"] ?? "" }
}
