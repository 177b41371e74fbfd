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
      object a line, until interrupted.
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
    guard let known = found.first else { throw await unknown(method) }
    guard let tier = Tier(answering: known.path) ?? Tier.allCases.first(where: { $0.name == self.tier }) else {
      throw ValidationError("every tier answers \(known.path): say which with --tier")
    }
    let text = json == "-" ? String(decoding: try InputFile.bytes("-"), as: UTF8.self) : json
    let request: [UInt8]
    do throws(WireError) {
      request = try MessageJSON.encode(fullName: known.input, json: text)
    } catch {
      throw WrongInput(error.field.isEmpty ? error.rule : "\(error.field): \(error.rule)")
    }
    if known.path == EscalationMethods.watch.path {
      var following = Following(cluster: global.cluster, request: try WatchRequest(decoding: request))
      try await following.run { Answer.stream(Answer.oneLine(try Answer.json($0))) }
    } else if known.streams {
      try await follow(known, tier, request)
    } else {
      let answer = try await global.cluster.raw(tier, known.path, request)
      print(try MessageJSON.decode(fullName: known.output, bytes: answer))
    }
  }

  /// A stream lasts as long as its reader: when the time of one call is over, the next begins.
  private func follow(_ method: MethodDescription, _ tier: Tier, _ request: [UInt8]) async throws {
    // A tier that isn't there is told at once, not waited for.
    _ = try await global.cluster.call(tier, HealthMethods.check, HealthRequest())
    while true {
      do {
        for try await bytes in try await global.cluster.rawStream(tier, method.path, request) {
          Answer.stream(Answer.oneLine(try MessageJSON.decode(fullName: method.output, bytes: bytes)))
        }
        return
      } catch let refusal as Refusal where refusal.status == .deadlineExceeded {
        continue
      }
    }
  }

  /// A tier of a newer version may have methods whose messages this program was not built with: then it says whose they are.
  private func unknown(_ method: String) async -> WrongInput {
    for tier in Tier.allCases {
      guard
        let reply = try? await global.cluster.call(
          tier, ReflectionMethods.describe, DescribeRequest(), timeout: .milliseconds(500)),
        let path = reply.methods.first(where: { $0 == method || $0.hasSuffix(".\(method)") })
      else { continue }
      return WrongInput(
        "the \(tier.name) has \(path), but this tocsinctl was built without its messages: use the cluster's version, or a "
          + "client made from Reflection/Describe")
    }
    return WrongInput("there is no method \"\(method)\"; `tocsinctl call` lists them")
  }
}
