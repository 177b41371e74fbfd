import CivilTime
import Messages

/// What payroll reads: a line each, with all that it can be traced by (requirement C4). Times are RFC 3339 in UTC.
extension PayReport {
  private static let columns = [
    "line", "team", "person", "kind", "from", "until", "time", "hours", "rate", "amount", "currency", "tier",
    "incidents",
    "corrects", "takes_back", "words",
  ]

  /// Comma, quote, and what ends a line.
  private static let mustBeQuoted = Set(",\"\r\n".utf8)

  /// RFC 4180.
  var csv: String {
    ([Self.columns] + lines.map(\.values)).map { row in
      row.map { value in
        value.utf8.contains(where: Self.mustBeQuoted.contains)
          ? "\"" + value.replacing("\"", with: "\"\"") + "\"" : value
      }.joined(separator: ",") + "\r\n"
    }.joined()
  }

  /// An object with the period, its lines and totals; every number is text, so that none is rounded on its way.
  var json: String {
    let lines = lines.map { line in
      let fields = zip(Self.columns, line.values).map { name, value in
        name == "incidents"
          ? "\"incidents\": [\(line.incidents.map(Self.quoted).joined(separator: ", "))]"
          : "\(Self.quoted(name)): \(Self.quoted(value))"
      }
      return "    {\(fields.joined(separator: ", "))}"
    }
    let totals = totals.map {
      "    {\"person\": \(Self.quoted($0.person)), \"currency\": \(Self.quoted($0.currency)), \"amount\": "
        + "\(Self.quoted($0.amount))}"
    }
    return """
      {
        "team": \(Self.quoted(team)),
        "from": \(Self.quoted(fromDate)),
        "until": \(Self.quoted(untilDate)),
        "closed": \(closed),
        "lines": [
      \(lines.joined(separator: ",\n"))
        ],
        "totals": [
      \(totals.joined(separator: ",\n"))
        ]
      }

      """
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}

extension PayLine {
  fileprivate var values: [String] {
    let kinds: [PayKind: String] = [.stipend: "stipend", .afterHours: "after_hours", .weekend: "weekend"]
    return [
      id, team, person, kinds[kind] ?? "", fromAt.rfc3339, untilAt.rfc3339, PayWords.time(time), hours, rate, amount,
      currency, tier == 0 ? "" : "\(tier)", incidents.joined(separator: " "), corrects, takesBack, words,
    ]
  }
}
