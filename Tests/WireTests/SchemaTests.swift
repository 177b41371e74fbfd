import Messages
import Testing
import Wire

struct SchemaTests {
  @Test func descriptorsGeneratedCodeAndReflectionAgree() throws {
    try Schema.check()
    #expect(Schema.messageNames.contains("tocsin.intake.v1.Event"))
    #expect(Schema.types.keys.sorted() == Schema.messageNames)
  }

  @Test func methodsKnowTheirTypes() {
    #expect(IntakeMethods.publish.path == "/tocsin.intake.v1.Intake/Publish")
    #expect(
      Schema.method("/tocsin.health.v1.Health/Watch")
        == MethodDescription(
          path: "/tocsin.health.v1.Health/Watch", input: "tocsin.health.v1.HealthRequest",
          output: "tocsin.health.v1.HealthReply", streams: true))
    #expect(HealthMethods.all.map(\.streams) == [false, true])
    for method in Schema.methods {
      #expect(Schema.types[method.input] != nil && Schema.types[method.output] != nil, "\(method.path)")
    }
    #expect(Set(Schema.methods.map(\.path)).count == Schema.methods.count)
  }
}
