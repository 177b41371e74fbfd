import Configuration
import Messages
import Testing

/// Policies by themselves, as somebody edits them before they are applied.
@Suite struct PolicyFilesTests {
  private let shipped: SourceFile

  init() throws {
    shipped = try #require(try Repository.shippedFiles().first { $0.name.hasSuffix("policy.yaml") })
  }

  @Test func aPolicyNeedsNothingBesideIt() throws {
    let whole = try Repository.shipped()
    #expect(try PolicyFiles.read([shipped]) == whole.escalation.policies)
  }

  @Test func aSlipIsFoundByFileAndLine() throws {
    let lines = shipped.text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex { $0.contains("maximum: 10m") }) + 1
    let file = SourceFile(
      name: "new.yaml", text: shipped.text.replacing("maximum: 10m", with: "maximum: ten minutes", maxReplacements: 1))
    do {
      _ = try PolicyFiles.read([file])
      Issue.record("it is taken")
    } catch {
      #expect(error.problems.map { "\($0.place.file):\($0.place.line)" } == ["new.yaml:\(line)"])
      #expect(error.description.contains("acknowledge.maximum"))
    }
  }

  private func edited(_ correct: String, _ other: String) throws -> Policy {
    #expect(shipped.text.contains(correct))
    let text = shipped.text.replacing(correct, with: other, maxReplacements: 1)
    return try #require(try PolicyFiles.read([SourceFile(name: "new.yaml", text: text)]).first)
  }

  @Test func eachFurtherTierMayHaveItsOwnTime() throws {
    let policy = try edited("each-further-tier: 10m", "each-further-tier: { secondary: 5m, tertiary: 10m }")
    let rule = try #require(policy.severities.first { $0.severity == .sev2 })
    #expect(rule.tiers == [TierRule(tier: 2, acknowledge: .minutes(5)), TierRule(tier: 3, acknowledge: .minutes(10))])
    #expect(rule.tierAcknowledge == .minutes(10))
  }

  @Test func eachTierMayHaveItsOwnChannels() throws {
    let policy = try edited(
      "page-by: [push, slack]", "page-by: { others: [push, slack], tertiary: [push, voice] }")
    let rule = try #require(policy.severities.first { $0.severity == .sev3 })
    #expect(rule.channels == ["push", "slack"] && rule.tiers == [TierRule(tier: 3, channels: ["push", "voice"])])
  }

  @Test func incidentsMayBeLinked() throws {
    let policy = try edited("# incident-url:", "incident-url:")
    #expect(policy.incidentUrl == "https://tocsin.example/incidents/{id}")
  }

  @Test func filesWithoutAPolicyAreNoEdit() {
    let file = SourceFile(name: "team.yaml", text: "")
    #expect { try PolicyFiles.read([file]) } throws: { "\($0)".contains("a document of kind Policy") }
  }
}
