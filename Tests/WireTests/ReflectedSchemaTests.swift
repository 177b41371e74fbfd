import Testing
import Wire

/// What a client makes of a server's description must do as what it was built with.
@Suite struct ReflectedSchemaTests {
  private let reflected = try? ReflectedSchema(Schema.fileDescriptorSet)

  @Test func itHasTheSameMethods() throws {
    #expect(try Set(#require(reflected).methods) == Set(Schema.methods))
  }

  @Test(arguments: Schema.messageNames) func everyEmptyMessageLooksTheSame(_ name: String) throws {
    #expect(
      try #require(reflected).decode(fullName: name, bytes: []) == MessageJSON.decode(fullName: name, bytes: []))
  }

  @Test func jsonBecomesTheSameBytesAndTheSameJSON() throws {
    let reflected = try #require(reflected)
    let name = "tocsin.intake.v1.Event"
    let json = """
      {"action": "ACTION_TRIGGER", "source": "x", "severity": "SEVERITY_SEV2", "occurredAtMs": "-5",
       "labels": [{"name": "a", "value": "ä"}, {"name": "b", "value": ""}]}
      """
    let bytes = try reflected.encode(fullName: name, json: json)
    #expect(bytes == (try MessageJSON.encode(fullName: name, json: json)))
    #expect(
      try reflected.decode(fullName: name, bytes: bytes) == MessageJSON.decode(fullName: name, bytes: bytes))
  }

  @Test func itLintsToo() throws {
    let reflected = try #require(reflected)
    #expect { try reflected.decode(fullName: "tocsin.intake.v1.Event", bytes: [0x12, 1, 0xff]) } throws: {
      ($0 as? WireError)?.field == "source"
    }
  }

  @Test func aMessageThatIsNotDescribedIsNamed() throws {
    let reflected = try #require(reflected)
    #expect { try reflected.decode(fullName: "a.B", bytes: []) } throws: { "\($0)".contains("a.B") }
  }

  // MARK: Hostile descriptions

  private func varint(_ number: UInt64) -> [UInt8] {
    number < 128 ? [UInt8(number)] : [UInt8(number & 127) | 128] + varint(number >> 7)
  }

  private func part(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
  }

  /// message M { string a = NUMBER; } and enum E with two values.
  private func described(number: UInt64, oneof: UInt64? = nil, values: UInt64 = 1) -> [UInt8] {
    let field =
      part(1, Array("a".utf8)) + [24] + varint(number) + [40, 9] + (oneof.map { [72] + varint($0) } ?? [])
    let value = part(1, Array("v".utf8)) + [16] + varint(values)
    let enumeration = part(1, Array("E".utf8)) + part(2, value) + part(2, value)
    let message = part(1, Array("M".utf8)) + part(2, field)
    return part(1, part(2, Array("p".utf8)) + part(4, message) + part(5, enumeration))
  }

  /// Found by fuzzing: the process ended.
  @Test(arguments: [0, 536_870_912, 1 << 31, 1 << 32, 1 << 32 + 1, .max] as [UInt64])
  func aNumberThatNoFieldCanHaveIsRefused(number: UInt64) {
    #expect { try ReflectedSchema(described(number: number)) } throws: {
      ($0 as? WireError)?.field == "a" && "\($0)".contains("has the number \(number); fields have 1 to 536870911")
    }
  }

  @Test(arguments: [1, 536_870_911] as [UInt64], [0, 0xffff_ffff, .max] as [UInt64])
  func otherOddNumbersEndNothing(number: UInt64, odd: UInt64) throws {
    for values in [odd, 0x7fff_ffff] {
      let schema = try ReflectedSchema(described(number: number, oneof: odd, values: values))
      #expect(try schema.decode(fullName: "p.M", bytes: []) == "{}")
    }
  }
}
