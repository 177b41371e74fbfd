import Messages
import Testing
import Wire

struct RoundTripTests {
  @Test func everyMessageSurvivesTheWireByteForByte() throws {
    let sampling = Sampling()
    #expect(Schema.types.count == sampling.schema.messages.count)
    for (number, name) in Schema.types.keys.sorted().enumerated() {
      let type = try #require(Schema.types[name])
      for seed in 0..<30 {
        var dice = Dice(seed: UInt64(number * 1_000 + seed))
        let bytes = sampling.sample(name, &dice)
        let decoded = Result { () throws(WireError) in try type.init(decoding: bytes).encoded() }
        #expect(decoded == .success(bytes), "\(name), seed \(seed)")
        #expect(try type.init(decodingTrusted: bytes).encoded() == bytes, "\(name), seed \(seed)")
      }
    }
  }

  @Test func everyMessageSurvivesJSON() throws {
    let sampling = Sampling()
    for (number, name) in Schema.types.keys.sorted().enumerated() {
      let type = try #require(Schema.types[name])
      for seed in 0..<10 {
        var dice = Dice(seed: UInt64(number * 1_000 + seed))
        let bytes = sampling.sample(name, &dice)
        let json = try MessageJSON.decode(fullName: name, bytes: bytes)
        let again = try MessageJSON.encode(fullName: name, json: json)
        #expect(try type.init(decoding: again).encoded() == bytes, "\(name), seed \(seed): \(json)")
      }
    }
  }

  @Test func anEmptyMessageIsNoBytesAndNoBytesAreTheEmptyMessage() throws {
    for type in Schema.types.values {
      #expect(try type.init(decoding: []).encoded().isEmpty)
    }
  }

  @Test func aValueComesBackAsItWas() throws {
    let event = Event(
      action: .trigger, source: "prometheus", dedupKey: "disk/db-1", severity: .sev2, summary: "größer als 90 %",
      labels: [Label(name: "host", value: "db-1"), Label()],
      links: [Link(href: "https://example.com/1", text: "graph")],
      details: "first\n\tsecond", occurredAt: Instant(milliseconds: 1_790_000_000_123))
    #expect(try Event(decoding: event.encoded()) == event)
    let configuration = PersonalRule(after: Span(milliseconds: -5), channel: "sms")
    #expect(try PersonalRule(decoding: configuration.encoded()) == configuration)
  }

  @Test func aOneofKeepsItsMemberEvenWhenThatIsEmpty() throws {
    let facts = EscalatingEntry(
      at: Instant(milliseconds: 5), answered: Answered(),
      facts: [
        EscalationFact(kind: .chainEnded(ChainEnded())), EscalationFact(),
        EscalationFact(kind: .movedOn(MovedOn(incidentId: "2f-1k", fromTier: 1, toTier: 2))),
      ], mark: Mark(kind: .probed(Probed())))
    #expect(try EscalatingEntry(decoding: facts.encoded()) == facts)
    #expect(try EscalatingEntry(decoding: EscalatingEntry().encoded()).answered == nil)
  }

  @Test func manyThreadsEncodeAndDecodeAtOnce() async throws {
    await withTaskGroup(of: Bool.self) { group in
      for worker in 0..<8 {
        group.addTask {
          let sampling = Sampling()
          var dice = Dice(seed: UInt64(worker))
          return (0..<200).allSatisfy { _ in
            let bytes = sampling.sample("tocsin.intake.v1.Alert", &dice)
            return (try? Alert(decoding: bytes).encoded()) == bytes
          }
        }
      }
      for await isWell in group { #expect(isWell) }
    }
  }
}
