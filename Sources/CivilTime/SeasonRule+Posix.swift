/// Reading a POSIX TZ string, with RFC 8536's wider hours.
extension SeasonRule {
  init?(posix text: String) {
    var scanner = Scanner(rest: Array(text.utf8)[...])
    guard let name = scanner.name(), let west = scanner.time() else { return nil }
    standard = .init(offset: -west, isDaylightSaving: false, abbreviation: name)
    guard !scanner.rest.isEmpty else { return }
    guard let summerName = scanner.name() else { return nil }
    var offset = standard.offset + 3_600
    if scanner.rest.first != UInt8(ascii: ",") {
      guard let summerWest = scanner.time() else { return nil }
      offset = -summerWest
    }
    guard let begins = scanner.change(), let ends = scanner.change(), scanner.rest.isEmpty else { return nil }
    daylight = Daylight(
      period: .init(offset: offset, isDaylightSaving: true, abbreviation: summerName), begins: begins, ends: ends)
  }

  private struct Scanner {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest.removeFirst()
      return true
    }

    mutating func number() -> Int? {
      let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      rest = rest.dropFirst(digits.count)
      return Digits.number(digits)
    }

    /// Letters, or anything between angle brackets.
    mutating func name() -> String? {
      if skip("<") {
        let letters = rest.prefix { $0 != UInt8(ascii: ">") }
        rest = rest.dropFirst(letters.count)
        return skip(">") ? String(decoding: letters, as: UTF8.self) : nil
      }
      let letters = rest.prefix {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
      }
      rest = rest.dropFirst(letters.count)
      return letters.isEmpty ? nil : String(decoding: letters, as: UTF8.self)
    }

    /// `[+-]h[:m[:s]]` in seconds.
    mutating func time() -> Int? {
      let sign = skip("-") ? -1 : 1
      if sign == 1 { _ = skip("+") }
      guard let hours = number(), hours <= 167 else { return nil }
      var seconds = hours * 3_600
      for unit in [60, 1] where skip(":") {
        guard let value = number(), value < 60 else { return nil }
        seconds += value * unit
      }
      return sign * seconds
    }

    /// `,M3.5.0/2`, `,J60` or `,59`; two in the morning when no time is given.
    mutating func change() -> Change? {
      guard skip(",") else { return nil }
      let day: Change.Day
      if skip("M") {
        guard let month = number(), 1...12 ~= month, skip("."), let week = number(), 1...5 ~= week, skip("."),
          let weekday = number(), 0...6 ~= weekday
        else { return nil }
        day = .weekday(month: month, week: week, weekday: weekday)
      } else if skip("J") {
        guard let number = number(), 1...365 ~= number else { return nil }
        day = .julian(number)
      } else {
        guard let number = number(), 0...365 ~= number else { return nil }
        day = .ofYear(number)
      }
      guard skip("/") else { return Change(day: day, second: 7_200) }
      return time().map { Change(day: day, second: $0) }
    }
  }
}
