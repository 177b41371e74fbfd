import Foundation
import Messages
import Wire

/// Prints a reply in the way that was asked for: the table that a command makes of it, or the message as JSON.
enum Answer {
  static func show<Reply: WireMessage>(_ reply: Reply, _ format: OutputFormat, table: () -> Void) throws {
    switch format {
    case .table: table()
    case .json: print(try json(reply))
    }
  }

  static func json<Reply: WireMessage>(_ reply: Reply) throws -> String {
    try MessageJSON.decode(fullName: Reply.fullName, bytes: reply.encoded())
  }

  /// Several messages as one JSON object, where a command asks more than once.
  static func object(_ fields: KeyValuePairs<String, String>) -> String {
    "{\(fields.map { "\"\($0)\":\($1)" }.joined(separator: ","))}"
  }

  static func array<Reply: WireMessage>(_ replies: [Reply]) throws -> String {
    "[\(try replies.map { try json($0) }.joined(separator: ","))]"
  }

  /// One message of a stream: an object a line, out at once, so that a script reads it when it happened.
  static func stream(_ words: String) {
    print(words)
    fflush(nil)
  }

  /// JSON in one line: line ends within texts are escaped, so those that are there are layout.
  static func oneLine(_ json: String) -> String {
    json.split(separator: "\n").map { $0.drop { $0 == " " } }.joined()
  }

  /// Name and value, a line each, with the values under each other.
  static func facts(_ facts: [(name: String, value: String)]) {
    let given = facts.filter { !$0.value.isEmpty && $0.value != "-" }
    let widest = given.map { SafeText.width($0.name) }.max() ?? 0
    for (name, value) in given {
      let lines = SafeText.lines(value)
      for (index, line) in lines.enumerated() {
        let label = index == 0 ? name + ":" : ""
        print(label + String(repeating: " ", count: widest + 2 - SafeText.width(label)) + line)
      }
    }
  }
}
