import ArgumentParser
import Bus
import Foundation
import Messages
import Wire

/// Any method, by name: for what has no command of its own, and for trying the protocol.
struct Call: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Call any method with JSON, and show its answer as JSON.",
    discussion: """
        tocsinctl call                                               lists the methods
        tocsinctl call Intake/ListAlerts '{"limit": 5}'
        tocsinctl call /tocsin.health.v1.Health/Check --tier notifier
        echo '{"team": "platform"}' | tocsinctl call Schedule/OnCall -

      The JSON has the field names of the .proto files. A stream is shown as an object a message, until interrupted.
      """)

  @Argument(help: "The method: Service/Method, or its whole path.")
  var method: String?
  @Argument(help: "The request as JSON, or - to read it from standard input.")
  var json: String = "{}"
  @Option(
    help: ArgumentHelp(
      "Which tier answers a method that all have: alert-intake, scheduler, escalator, notifier.", valueName: "name"))
  var tier: String?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    guard let method else {
      for method in Schema.methods {
        print("\(method.path)  \(method.input) -> \(method.streams ? "stream " : "")\(method.output)")
      }
      return
    }
    let found = Schema.methods.filter { $0.path == method || $0.path.hasSuffix(".\(method)") }
    guard let known = found.first else {
      throw WrongInput("there is no method \"\(method)\"; `tocsinctl call` lists them")
    }
    guard let tier = Tier(answering: known.path) ?? Tier.allCases.first(where: { $0.name == self.tier }) else {
      throw WrongInput("every tier answers \(known.path): say which with --tier")
    }
    let text = json == "-" ? String(decoding: try InputFile.bytes("-"), as: UTF8.self) : json
    let request: [UInt8]
    do throws(WireError) {
      request = try MessageJSON.encode(fullName: known.input, json: text)
    } catch {
      throw WrongInput(error.field.isEmpty ? error.rule : "\(error.field): \(error.rule)")
    }
    if known.streams {
      for try await bytes in try await global.cluster.rawStream(tier, known.path, request) {
        print(try MessageJSON.decode(fullName: known.output, bytes: bytes))
      }
    } else {
      let answer = try await global.cluster.raw(tier, known.path, request)
      print(try MessageJSON.decode(fullName: known.output, bytes: answer))
    }
  }
}
