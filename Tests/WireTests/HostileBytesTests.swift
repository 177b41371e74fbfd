import Messages
import Testing
import Wire

/// What a stranger can send: refused with the field and the rule, and never the end of the process.
struct HostileBytesTests {
  private func fault<Message: WireMessage>(
    _ type: Message.Type, lint: Lint = .outside, _ bytes: [UInt8]
  ) -> WireError? {
    do throws(WireError) {
      _ = try Message(decoding: bytes, lint: lint)
      return nil
    } catch {
      return error
    }
  }

  private func event(_ write: (inout Wired) -> Void) -> WireError? { fault(Event.self, Wired.message(write)) }

  @Test func aFaultNamesTheFieldAndTheRuleAndIsAnInvalidArgument() {
    let bytes = Wired.message { event in
      for index in 0..<5 {
        event.delimited(8, Wired.message { $0.delimited(1, index == 3 ? [0x61, 0, 0x62] : [0x61]) })
      }
    }
    let error = fault(Event.self, bytes)
    #expect(error == WireError(field: "labels[3].name", rule: "holds a NUL"))
    #expect(error?.refusal == Refusal(.invalidArgument, "labels[3].name: holds a NUL", field: "labels[3].name"))
  }

  @Test func textIsUTF8WithoutControls() {
    for (bytes, rule) in [
      ([0x61, 0x00, 0x62], "holds a NUL"), ([0x1b, 0x5b, 0x32, 0x4a], "holds the control character 27"),
      ([0x0d], "holds the control character 13"), ([0x7f], "holds the control character 127"),
      ([0xc2, 0x85], "holds the control character 133"), ([0xff, 0xfe], "is not valid UTF-8"),
      ([0xc0, 0x80], "is not valid UTF-8"), ([0xed, 0xa0, 0x80], "is not valid UTF-8"),
      ([0xe2, 0x82], "is not valid UTF-8"),
    ] as [([UInt8], String)] {
      for padding in 0..<17 {
        let text = [UInt8](repeating: 0x61, count: padding) + bytes + [UInt8](repeating: 0x20, count: padding % 5)
        #expect(event { $0.delimited(5, text) } == WireError(field: "summary", rule: rule), "\(text)")
      }
    }
    #expect(event { $0.text(5, "\t ~\n größer, ¡ 決済 🔥 \u{200d} ÿ") } == nil)
  }

  @Test func aJournalRowMayHoldWhatCameInBefore() throws {
    let bytes = Wired.message { $0.text(5, "\u{1b}[2J\r\n") }
    #expect(try Event(decodingTrusted: bytes).summary == "\u{1b}[2J\r\n")
    #expect(fault(Event.self, lint: .trusted, Wired.message { $0.text(5, "a\u{0}b") })?.rule == "holds a NUL")
    #expect(fault(Event.self, lint: .trusted, Wired.message { $0.number(900, 1) })?.rule.contains("unknown") == true)
  }

  @Test func textIsAtMost32KiB() {
    #expect(event { $0.text(10, String(repeating: "x", count: 32_768)) } == nil)
    let error = event { $0.text(10, String(repeating: "x", count: 32_769)) }
    #expect(error == WireError(field: "details", rule: "has 32769 bytes; a text has at most 32768"))
  }

  @Test func aPayrollFileIsLongerThanTextAndEndsItsLinesAsCSVDoes() throws {
    let file = [UInt8](String(repeating: "platform,ana,80.00\r\n", count: 5_000).utf8)
    #expect(try PayReport(decoding: PayReport(text: file).encoded()).text == file)
  }

  @Test func aMessageIsAtMostOneMiB() {
    let error = fault(Event.self, [UInt8](repeating: 0, count: 1_048_577))
    #expect(error == WireError(field: "", rule: "has 1048577 bytes; at most 1048576 are taken"))
  }

  @Test func everyTruncationIsRefusedOrShorter() throws {
    let sampling = Sampling()
    var dice = Dice(seed: 7)
    let whole = sampling.sample("tocsin.intake.v1.Alert", &dice)
    for length in 0..<whole.count {
      let part = Array(whole[..<length])
      if let alert = try? Alert(decoding: part) { #expect(alert.encoded() == part) }
    }
  }

  @Test func wireTypesAreTheSchemas() {
    #expect(event { $0.number(5, 1) }?.rule == "must be a string within its message")
    #expect(event { $0.text(1, "x") } == WireError(field: "action", rule: "has wire type 2; 0 is expected"))
    #expect(event { $0.number(8, 1) } == WireError(field: "labels[0]", rule: "must be a message within its parent"))
    let fixed = event { $0.fixed(11, UInt64(1)) }
    #expect(fixed == WireError(field: "occurred_at_ms", rule: "has wire type 1; 0 is expected"))
    for type in [3, 4, 6, 7] as [UInt8] {
      #expect(event { $0.raw([5 << 3 | type, 0]) } == WireError(field: "", rule: "holds a malformed tag"))
    }
    #expect(event { $0.raw([0, 0]) } == WireError(field: "", rule: "holds a malformed tag"))
    #expect(event { $0.raw([0x80, 0x80, 0x80, 0x80, 0x80, 0x01]) }?.rule == "holds a malformed tag")
  }

  @Test func lengthsLieWithinTheParent() {
    #expect(event { $0.raw([0x2a, 0x05, 0x61]) }?.field == "summary")
    #expect(event { $0.raw([0x2a, 0xff, 0xff, 0xff, 0xff, 0x7f]) }?.field == "summary")
    let beyond = event { $0.delimited(8, [0x0a, 0x03, 0x61]) }
    #expect(beyond == WireError(field: "labels[0].name", rule: "must be a string within its message"))
    #expect(event { $0.raw([0x08] + [UInt8](repeating: 0xff, count: 10)) }?.rule == "holds a malformed number")
  }

  @Test func aSingularFieldComesOnce() {
    let twice = event {
      $0.text(3, "disk/db-1")
      $0.text(3, "disk/db-2")
    }
    #expect(twice == WireError(field: "dedup_key", rule: "occurs twice"))
    let both = Wired.message {
      $0.delimited(1, [])
      $0.delimited(3, [])
    }
    #expect(fault(Mark.self, both) == WireError(field: "probed", rule: "can't be given together with started"))
  }

  @Test func enumsAndNumbersMeanWhatTheySay() {
    #expect(event { $0.number(4, 99) } == WireError(field: "severity", rule: "99 is no value of Severity"))
    #expect(event { $0.number(4, UInt64(bitPattern: -1)) }?.field == "severity")
    #expect(event { $0.number(4, 4_294_967_297) }?.field == "severity")
    let limit = Wired.message { $0.number(2, 4_294_967_396) }
    #expect(fault(ListAlertsRequest.self, limit) == WireError(field: "limit", rule: "4294967396 does not fit 32 bits"))
  }

  /// What rules are asked may be added up; what comes from a tier that has it from before is shown all the same.
  @Test func timesLieWithinTheYearsThatCalendarsKnow() {
    let latest = Int64(253_402_300_799_000 + 2 * 86_400_000)
    for (time, isTaken) in [
      (latest, true), (-latest, true), (latest + 1, false), (-latest - 1, false), (.min, false), (.max, false),
    ] {
      let bytes = Wired.message { $0.number(11, UInt64(bitPattern: time)) }
      let error = fault(Event.self, lint: Lint.strangers.forRules, bytes)
      #expect(
        error == (isTaken ? nil : WireError(field: "occurred_at_ms", rule: "\(time) ms lies beyond the year 9999")))
      #expect(fault(Event.self, lint: .outside, bytes) == nil && fault(Event.self, lint: .trusted, bytes) == nil)
    }
  }

  @Test func unknownFieldsOfANewerProgramAreTakenUpTo64() {
    #expect(event { message in for field in 900..<964 { message.number(UInt64(field), 1) } } == nil)
    let error = event { message in for field in 900..<965 { message.number(UInt64(field), 1) } }
    #expect(error?.rule == "has unknown fields (the last is number 964); at most 64 are taken")
    #expect(event { $0.raw(Wired.varint(900 << 3 | 2) + [0x05]) }?.rule == "ends in the middle of unknown field 900")
  }

  @Test func aHundredThousandNestedMessagesEndNoProcess() {
    for field in [1, 2, 8, 12] as [UInt64] {
      var lengths: [Int] = []
      var size = 0
      for _ in 0..<100_000 {
        lengths.append(size)
        size += 1 + Wired.varint(UInt64(size)).count
      }
      let nested = lengths.reversed().flatMap { Wired.varint(field << 3 | 2) + Wired.varint(UInt64($0)) }
      for type in Schema.types.values {
        var lint = Lint.outside
        lint.bytes = nested.count
        if let taken = try? type.init(decoding: nested, lint: lint) { _ = taken.encoded() }
      }
    }
  }

  @Test func depthIsBounded() {
    var lint = Lint.outside
    lint.depth = 1
    let error = fault(Event.self, lint: lint, Wired.message { $0.delimited(8, []) })
    #expect(error == WireError(field: "labels[0]", rule: "nests deeper than 1 messages"))
  }

  @Test func aMegabyteOfEmptyMessagesIsNotThirtyThreeOfMemory() {
    let flood = [UInt8]((0..<500_000).flatMap { _ in [0x42, 0x00] as [UInt8] })
    #expect(fault(Event.self, flood)?.rule == "the message has more than 65536 fields")
    #expect(fault(Event.self, lint: .strangers, flood)?.rule == "the message has more than 4096 fields")
    var lint = Lint.outside
    lint.fields = .max
    #expect(
      fault(Event.self, lint: lint, flood)?.rule
        == "tocsin.intake.v1.Event can't be unpacked within \(16 * flood.count + 65_536) bytes of memory")
    #expect(fault(Event.self, lint: lint, []) == nil)
  }

  @Test func packedNumbersCountAsFields() {
    let flood = Wired.message { $0.delimited(4, [UInt8](repeating: 1, count: 65_536)) }
    #expect(fault(Calendar.self, flood)?.rule == "the message has more than 65536 fields")
  }

  /// Whatever passes the lint, protobuf-c unpacks: the two never disagree about what is well formed.
  @Test func randomBytesNeverCrashAndTheLintAgreesWithProtobufC() {
    let sampling = Sampling()
    let types = Schema.types.sorted { $0.key < $1.key }
    var dice = Dice(seed: 2_026)
    var taken = 0
    for round in 0..<100_000 {
      let (name, type) = types[round % types.count]
      var bytes: [UInt8]
      if round % 3 == 0 {
        bytes = (0..<Int.random(in: 0...40, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
      } else {
        bytes = sampling.sample(name, &dice)
        Self.damage(&bytes, &dice)
      }
      do throws(WireError) {
        let message = try type.init(decoding: bytes)
        taken += 1
        let again = message.encoded()
        let isStable = (try? type.init(decoding: again).encoded()) == again
        if !isStable { Issue.record("\(name) changes when it is encoded again: \(bytes)") }
      } catch {
        if error.rule.contains("can't be unpacked") {
          Issue.record("the lint took what protobuf-c refuses: \(name) \(bytes)")
        }
      }
    }
    #expect(taken > 1_000)
  }

  private static func damage(_ bytes: inout [UInt8], _ dice: inout Dice) {
    for _ in 0..<Int.random(in: 1...3, using: &dice) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &dice)
      switch Int.random(in: 0..<5, using: &dice) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &dice)
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(UInt8.random(in: 0...255, using: &dice), at: place)
      default: bytes = Array(bytes[..<place]) + bytes[Int.random(in: 0..<bytes.count, using: &dice)...]
      }
    }
  }
}
