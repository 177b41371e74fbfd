import Configuration
import Testing

/// Text that no person wrote is refused with a reason, soon, and without filling memory.
@Suite struct HostileYAMLTests {
  private func problems(_ text: String) -> [String] {
    do {
      _ = try ClusterConfiguration(reading: [SourceFile(name: "x.yaml", text: text)])
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func aliasesAreRefusedBeforeTheyCanMultiply() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      let uses = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(uses)]\n"
    }
    text += "? *a30\n: boom\n"
    #expect(problems(text).first == "x.yaml:2:10: YAML: expected no anchors and aliases: write it out, found *a0")
  }

  @Test func anAliasWithoutAnAnchorIsRefused() {
    #expect(
      problems("kind: *nothing\n") == ["x.yaml:1:7: YAML: expected well-formed YAML, found found undefined alias"])
  }

  @Test func ampersandsAndStarsInProseAreText() {
    let text = "kind: AlertClass\nname: a\ntitle: Research & Development *now*\nsteps: [a & b]\n"
    #expect(problems(text).allSatisfy { !$0.contains("YAML") })
  }

  /// An escape of YAML's own spells what would clear a terminal.
  @Test func aKeyThatComesTwiceIsNamedWithoutWhatSteersATerminal() {
    let text = "\"a\\e[2J\": 1\n\"a\\e[2J\": 2\n"
    #expect(problems(text).count == 1 && problems(text)[0].contains("the key \"a\u{FFFD}[2J\" twice in one mapping"))
  }

  @Test func deepNestingIsRefused() {
    let text = "kind: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
    #expect(problems(text) == ["x.yaml:1:22: YAML: expected at most 16 levels of nesting, found more"])
  }

  @Test func aHundredThousandBracketsAreRefused() {
    #expect(problems(String(repeating: "[", count: 100_000)).count == 1)
    #expect(problems(String(repeating: "{a: ", count: 100_000)).count == 1)
    #expect(problems(String(repeating: "- ", count: 100_000)).count == 1)
    #expect(problems(String(repeating: "? ", count: 100_000)).count == 1)
  }

  @Test func aFileOverAMebibyteIsRefused() {
    let text = String(repeating: "# comment\n", count: 110_000)
    #expect(problems(text) == ["x.yaml:1:1: YAML: expected at most 1 MiB, found 1100000 bytes"])
  }

  @Test func brokenSyntaxIsToldWithItsLine() {
    let text = "kind: Team\nid: [platform\nname: x\n"
    #expect(problems(text).count == 1)
    #expect(problems(text)[0].hasPrefix("x.yaml:3:5: YAML: expected well-formed YAML, found "))
  }

  @Test func aKeyGivenTwiceIsToldWithItsLine() {
    #expect(
      problems("kind: Team\nid: a\nid: b\n") == [
        "x.yaml:2:1: YAML: expected well-formed YAML, found the key \"id\" twice in one mapping"
      ])
  }

  @Test func nothingPrintedCanSteerATerminal() {
    let text = "kind: AlertClass\nname: \"\\e[31mred\\u202e\"\ntitle: \"a\\0b\"\nsteps: [x]\n"
    let all = problems(text).joined()
    #expect(all.unicodeScalars.allSatisfy { $0 != "\u{1B}" && $0 != "\u{202E}" && $0 != "\0" })
    #expect(all.contains("AlertClass.title: expected text"))
  }

  @Test func emptyFilesAndOddRootsAreToldApart() {
    #expect(problems("") == ["x.yaml:1:1: Defaults: expected one document of kind Defaults, found none"])
    #expect(
      problems("just words").first
        == "x.yaml:1:1: document: expected a mapping that begins with kind:, found \"just words\"")
    #expect(problems("id: x").first == "x.yaml:1:1: document: expected the key kind, found none")
  }

  @Test func everyPrefixOfTheShippedFilesEndsInAComplaintOrAConfiguration() throws {
    for file in try Repository.shippedFiles() {
      let scalars = Array(file.text.unicodeScalars)
      for length in stride(from: 0, to: scalars.count, by: 97) {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.prefix(length))
        #expect(!problems(String(text)).isEmpty)
      }
    }
  }
}
