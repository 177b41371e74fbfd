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

  @Test func filesWithoutAPolicyAreNoEdit() {
    let file = SourceFile(name: "team.yaml", text: "")
    #expect { try PolicyFiles.read([file]) } throws: { "\($0)".contains("a document of kind Policy") }
  }
}
