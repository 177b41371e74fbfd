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
        tocsinctl call                                         lists the methods
        tocsinctl call Intake/ListAlerts '{"limit": 5}'
        tocsinctl call /tocsin.health.v1.Health/Check --tier notifier
        echo '{"team": "platform"}' | tocsinctl call Schedule/OnCall -

      The JSON has the field names of the .proto files. A stream is shown as an
      object a line, until interrupted. A method that this program was not built
      with is called by what its tier says of it.
      """)

  @Argument(help: "The method: Service/Method, or its whole path.")
  var method: String?
  @Argument(help: "The request as JSON, or - to read it from standard input.")
  var json: String = "{}"
  @Option(
    help: ArgumentHelp(
      "Which tier answers a method that all have: alert-intake, scheduler, escalator, notifier.", valueName: "name"))
  var tier: String?
  @Flag(help: "Ask the tier for its messages although they are known here, as is done for a method that isn't.")
  var reflect = false
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    guard let method else {
      for method in Schema.methods {
        print("\(method.path)  \(method.input) -> \(method.streams ? "stream " : "")\(method.output)")
      }
      return
    }
    let called = try await CalledMethod(method, tier: tier, reflect: reflect, in: global.cluster)
    let text = json == "-" ? String(decoding: try InputFile.bytes("-"), as: UTF8.self) : json
    let request: [UInt8]
    do throws(WireError) {
      request = try called.encode(text)
    } catch {
      throw WrongInput(error.field.isEmpty ? error.rule : "\(error.field): \(error.rule)")
    }
    if called.path == EscalationMethods.watch.path, !reflect {
      var following = Following(cluster: global.cluster, request: try WatchRequest(decoding: request))
      try await following.run { Answer.stream(Answer.oneLine(try Answer.json($0))) }
    } else if called.description.streams {
      try await follow(called, request)
    } else {
      print(try called.decode(try await global.cluster.raw(called.tier, called.path, request)))
    }
  }

  /// A stream lasts as long as its reader: when the time of one call is over, the next begins.
  private func follow(_ called: CalledMethod, _ request: [UInt8]) async throws {
    // A tier that isn't there is told at once, not waited for.
    _ = try await global.cluster.call(called.tier, HealthMethods.check, HealthRequest())
    while true {
      do {
        for try await bytes in try await global.cluster.rawStream(called.tier, called.path, request) {
          Answer.stream(Answer.oneLine(try called.decode(bytes)))
        }
        return
      } catch let refusal as Refusal where refusal.status == .deadlineExceeded {
        continue
      }
    }
  }
}
