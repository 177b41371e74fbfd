import ArgumentParser
import Foundation

/// What a program was called with and, behind it, each option that only the environment names: `--contact-keys` is
/// `TOCSIN_CONTACT_KEYS`. What stands in both is the command line's to say; an empty variable says nothing.
///
/// Containers are told by it what all tiers share. An option that can be given more than once has its values
/// separated by spaces. Flags are the command line's alone.
public enum EnvironmentArguments {
  public static func all(
    for options: some ParsableArguments, given: [String] = Array(CommandLine.arguments.dropFirst()),
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> [String] {
    names(of: options).reduce(into: given) { arguments, option in
      let name = option.name
      let isGiven = given.contains { $0 == "--\(name)" || $0.hasPrefix("--\(name)=") }
      guard !isGiven, let value = environment[variable(of: name)], !value.isEmpty else { return }
      guard option.isMany else { return arguments.append("--\(name)=\(value)") }
      for one in value.split(separator: " ") { arguments.append("--\(name)=\(one)") }
    }
  }

  private static func variable(of name: String) -> String {
    "TOCSIN_" + name.uppercased().split(separator: "-").joined(separator: "_")
  }

  /// Of the options that take a value, as they are written on a command line: read off the declaration, so that none is forgotten.
  private static func names(of options: some ParsableArguments) -> [(name: String, isMany: Bool)] {
    Mirror(reflecting: options).children.compactMap { child in
      let type = "\(type(of: child.value))"
      guard let label = child.label, type.hasPrefix("Option<") else { return nil }
      let name = label.drop { $0 == "_" }.reduce(into: "") { name, letter in
        if letter.isUppercase { name.append("-") }
        name.append(letter.lowercased())
      }
      return (name, type.hasPrefix("Option<Array<"))
    }
  }
}
