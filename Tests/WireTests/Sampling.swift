/// Any message with random contents, in the one form that a careful encoder gives it: fields in order of number, defaults
/// left out, numbers packed.
struct Sampling {
  let schema = EmbeddedFields()

  func sample(_ name: String, _ dice: inout Dice) -> [UInt8] {
    let fields = (schema.messages[name] ?? []).sorted { $0.number < $1.number }
    var message = Wired()
    var chosen: [UInt64: UInt64] = [:]
    for field in fields {
      guard let oneof = field.oneof else { continue }
      let members = fields.filter { $0.oneof == oneof }
      if chosen[oneof] == nil {
        chosen[oneof] = dice.chance(1, in: 10) ? 0 : members.randomElement(using: &dice)?.number
      }
    }
    for field in fields {
      if let oneof = field.oneof, chosen[oneof] != field.number { continue }
      guard field.isRepeated else {
        if field.oneof != nil || dice.chance(4, in: 5) { put(field, &message, &dice) }
        continue
      }
      let count = dice.chance(1, in: 4) ? 0 : Int.random(in: 1...3, using: &dice)
      if Self.isNumber(field) {
        let known = (schema.enums[field.typeName] ?? []).filter { $0 != 0 }
        let packed = (0..<count).flatMap { _ in
          Wired.varint(known.randomElement(using: &dice) ?? UInt64.random(in: 0...3_000, using: &dice))
        }
        if !packed.isEmpty { message.delimited(field.number, packed) }
      } else {
        for _ in 0..<count { put(field, &message, &dice) }
      }
    }
    return message.bytes
  }

  private static func isNumber(_ field: EmbeddedFields.Field) -> Bool { ![9, 11, 12].contains(field.type) }

  private func put(_ field: EmbeddedFields.Field, _ message: inout Wired, _ dice: inout Dice) {
    let edge = dice.chance(1, in: 6)
    switch field.type {
    case 1: message.fixed(field.number, Double.random(in: 1...1_000, using: &dice).bitPattern)
    case 3:
      message.number(field.number, edge ? UInt64(bitPattern: .min) : UInt64.random(in: 1...9_000_000, using: &dice))
    case 4: message.number(field.number, edge ? .max : UInt64.random(in: 1...9_000_000, using: &dice))
    case 6: message.fixed(field.number, edge ? UInt64.max : UInt64.random(in: 1...1_000, using: &dice))
    case 7: message.fixed(field.number, UInt32.random(in: 1...UInt32.max, using: &dice))
    case 8: message.number(field.number, 1)
    case 9:
      let text = Self.text(&dice)
      if !text.isEmpty || field.isRepeated { message.text(field.number, text) }
    case 11: message.delimited(field.number, sample(field.typeName, &dice))
    case 12:
      let count = Int.random(in: 1...40, using: &dice)
      message.delimited(field.number, (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) })
    case 13: message.number(field.number, edge ? UInt64(UInt32.max) : UInt64.random(in: 1...9_000, using: &dice))
    case 14:
      let values = (schema.enums[field.typeName] ?? []).filter { $0 != 0 }
      if let value = values.randomElement(using: &dice) { message.number(field.number, value) }
    case 17: message.number(field.number, UInt64.random(in: 1...UInt64(UInt32.max), using: &dice))
    default: preconditionFailure("the protocol has a field of type \(field.type), which this test can't write yet")
    }
  }

  private static func text(_ dice: inout Dice) -> String {
    let words = [
      "disk full", "größer als 90 %", "決済 API", "🔥 paging", "line\nline\ttab", "", "a \"quoted\" \\ path", "x",
    ]
    let text = words.randomElement(using: &dice) ?? ""
    return dice.chance(1, in: 30) ? String(repeating: text, count: 100) : text
  }
}
