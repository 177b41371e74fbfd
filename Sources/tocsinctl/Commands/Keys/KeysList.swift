import ArgumentParser
import Bus
import CivilTime
import Foundation
import Messages

/// Who may come in.
struct KeysList: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Who may come in, and until when.")

  @Option(name: .shortAndLong, help: "How to answer: table or json.")
  var output: OutputFormat = .table
  @OptionGroup var folder: KeysFolder

  func run() throws {
    try KeysText.show(try folder.directory.authorized().keys, output)
  }
}

/// One principal's keys.
struct KeysShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "The keys of one principal.")

  @Argument(help: "Whose.")
  var name: String
  @Option(name: .shortAndLong, help: "How to answer: table or json.")
  var output: OutputFormat = .table
  @OptionGroup var folder: KeysFolder

  func run() throws {
    let keys = try folder.directory.authorized().keys.filter { $0.principal == name }
    guard !keys.isEmpty else { throw Refusal(.notFound, "\(name) has no key", field: "principal") }
    try KeysText.show(keys, output)
  }
}

/// How keys are shown: public halves only, nothing else is read.
enum KeysText {
  static func show(_ keys: [AuthorizedKey], _ output: OutputFormat) throws {
    switch output {
    case .table: table(keys).print(otherwise: "there are no keys")
    case .json: print(String(decoding: try JSONEncoder().encode(keys.map(Shown.init)), as: UTF8.self))
    }
  }

  private struct Shown: Encodable {
    var principal: String
    var roles: [String]
    var key: String
    var from: String
    var until: String
    var state: String
    var addresses: [String]

    init(_ key: AuthorizedKey) {
      principal = key.principal
      roles = key.roles.roles.map(\.rawValue)
      self.key = key.key.text
      from = key.from.rfc3339
      until = key.until.isSet ? key.until.rfc3339 : ""
      state = KeysText.state(key)
      addresses = key.addresses.map(\.description)
    }
  }

  private static func table(_ keys: [AuthorizedKey]) -> Table {
    var table = Table("PRINCIPAL", "ROLES", "KEY", "VALID UNTIL", "STATE", "FROM ADDRESSES")
    for key in keys {
      table.add(
        key.principal, key.roles.words, key.key.text, key.until.isSet ? key.until.rfc3339 : "for good", state(key),
        key.addresses.isEmpty ? "any" : key.addresses.map(\.description).joined(separator: ", "))
    }
    return table
  }

  private static func state(_ key: AuthorizedKey) -> String {
    switch key.objection(at: KeysFolder.now) {
    case nil: "valid"
    case .revoked(let at): "revoked \(at.rfc3339)"
    case .expired: "expired"
    case .notYet(let from): "from \(from.rfc3339)"
    case .unknown, .address, .mechanism: ""
    }
  }
}
