import ArgumentParser
import Configuration
import Messages
import Wire

/// A method that somebody named, the tier that answers it, and how its messages look: as this program was built with them, or
/// as the tier describes them.
struct CalledMethod {
  let description: MethodDescription
  let tier: Tier
  /// nil when the messages are those that were built in.
  private let reflected: ReflectedSchema?

  var path: String { description.path }

  /// - Throws: that there is no such method, with what there is instead.
  init(_ name: String, tier wanted: String?, reflect: Bool, in cluster: Cluster) async throws {
    let only = try wanted.map(Tier.named)
    if !reflect, let found = Schema.methods.first(where: { Self.isMeant(name, $0.path) }) {
      guard let tier = Tier(answering: found.path) ?? only else {
        throw ValidationError("every tier answers \(found.path): say which with --tier")
      }
      (description, self.tier, reflected) = (found, tier, nil)
      return
    }
    var offered: [Tier: [String]] = [:]
    for tier in only.map({ [$0] }) ?? Tier.allCases {
      let request = DescribeRequest()
      guard
        let reply = try? await cluster.call(tier, ReflectionMethods.describe, request, timeout: .milliseconds(500))
      else { continue }
      offered[tier] = reply.methods
      guard reply.methods.contains(where: { Self.isMeant(name, $0) }) else { continue }
      let schema = try ReflectedSchema(reply.fileDescriptorSet)
      guard let found = schema.methods.first(where: { Self.isMeant(name, $0.path) }) else { continue }
      (description, self.tier, reflected) = (found, tier, schema)
      return
    }
    throw Self.unknown(name, offered)
  }

  func encode(_ json: String) throws(WireError) -> [UInt8] {
    guard let reflected else { return try MessageJSON.encode(fullName: description.input, json: json) }
    return try reflected.encode(fullName: description.input, json: json)
  }

  func decode(_ bytes: [UInt8]) throws(WireError) -> String {
    guard let reflected else { return try MessageJSON.decode(fullName: description.output, bytes: bytes) }
    return try reflected.decode(fullName: description.output, bytes: bytes)
  }

  private static func isMeant(_ name: String, _ path: String) -> Bool { path == name || path.hasSuffix(".\(name)") }

  /// "Intake/Publish" for "/tocsin.intake.v1.Intake/Publish".
  private static func short(_ path: String) -> String { path.split(separator: ".").last.map(String.init) ?? path }

  /// What may have been meant, and what the tiers that answered have.
  private static func unknown(_ name: String, _ offered: [Tier: [String]]) -> WrongInput {
    let known = Set(offered.values.joined()).union(Schema.methods.map(\.path))
    var words = "there is no method \"\(name)\""
    if let meant = NearestName.to(short(name), among: known.map(short)) { words += "; did you mean \(meant)?" }
    for tier in Tier.allCases {
      guard let methods = offered[tier] else { continue }
      words += "\n\(tier.name) has \(methods.map(short).sorted().joined(separator: ", "))"
    }
    return WrongInput(offered.isEmpty ? words + "\nno tier answered; `tocsinctl call` lists what is known here" : words)
  }
}
