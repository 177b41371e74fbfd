import Addresses
import ArgumentParser
import Bus
import Messages

/// What a key may be used for, on the command line.
struct KeyRoleArgument: ExpressibleByArgument, Sendable {
  var role: KeyRole

  init?(argument: String) {
    guard let role = KeyRole(rawValue: argument) else { return nil }
    self.role = role
  }

  static var allValueStrings: [String] { KeyRole.allCases.map(\.rawValue) }
}

/// An address or a range of them, on the command line.
struct AddressArgument: ExpressibleByArgument, Sendable {
  var range: IPNetwork

  init?(argument: String) {
    guard let range = IPNetwork(argument) else { return nil }
    self.range = range
  }
}
