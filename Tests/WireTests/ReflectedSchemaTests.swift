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
}
