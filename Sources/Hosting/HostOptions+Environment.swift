import ArgumentParser
import Foundation

extension HostOptions {
  /// What a program was called with and, behind it, each option that only the environment names: `--contact-keys` is
  /// `TOCSIN_CONTACT_KEYS`. What stands in both is the command line's to say; an empty variable says nothing.
  ///
  /// Containers are told by it what all tiers share. An option that can be given more than once has its values separated by spaces. Flags are the command line's alone.
  public static func arguments(
    _ given: [String] = Array(CommandLine.arguments.dropFirst()),
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> [String] {
    names.reduce(into: given) { arguments, name in
      let isGiven = given.contains { $0 == "--\(name)" || $0.hasPrefix("--\(name)=") }
      guard !isGiven, let value = environment[variable(of: name)], !value.isEmpty else { return }
      for one in value.split(separator: " ") { arguments.append("--\(name)=\(one)") }
    }
  }

  private static func variable(of name: String) -> String {
    "TOCSIN_" + name.uppercased().split(separator: "-").joined(separator: "_")
  }

  /// Of the options that take a value, as they are written on a command line: read off the declaration, so that none is forgotten.
  private static var names: [String] {
    Mirror(reflecting: HostOptions()).children.compactMap { child in
      guard let label = child.label, "\(type(of: child.value))".hasPrefix("Option<") else { return nil }
      return label.drop { $0 == "_" }.reduce(into: "") { name, letter in
        if letter.isUppercase { name.append("-") }
        name.append(letter.lowercased())
      }
    }
  }
}
