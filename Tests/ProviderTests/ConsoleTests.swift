import Foundation
import Messages
import Providers
import Testing

/// The console and file provider, and the table of providers.
@Suite struct ConsoleTests {
  private let file = FileManager.default.temporaryDirectory.appendingPathComponent("pages-\(UUID().uuidString)")

  private func lines() throws -> [String] {
    defer { try? FileManager.default.removeItem(at: file) }
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test func aPageIsOneLine() async throws {
    let provider = try ConsoleProvider(path: file.path)
    #expect(await provider.deliver(.page(url: "", secretFile: "")).status == .ok)
    var post = HandOver.page(url: "", secretFile: "")
    post.person = ""
    post.channel = "#incidents"
    post.text = "ESCALATION TO SECONDARY\nReason: x"
    #expect(await provider.deliver(post).status == .ok)
    #expect(
      try lines() == [
        "2026-11-24T03:02:10Z push -> Ana Alvarez: [SEV-1] \"no\" ready pods… / line 2",
        "2026-11-24T03:02:10Z #incidents: ESCALATION TO SECONDARY / Reason: x",
      ])
  }

  @Test func linesOfSeveralWritersNeverMix() async throws {
    let providers = [try ConsoleProvider(path: file.path), try ConsoleProvider(path: file.path)]
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<500 {
        group.addTask {
          var page = HandOver.page(url: "", secretFile: "")
          page.text = String(repeating: "\(number % 10)", count: 300)
          _ = await providers[number % 2].deliver(page)
        }
      }
    }
    let lines = try lines()
    #expect(lines.count == 500)
    #expect(lines.allSatisfy { Set($0.suffix(300)).count == 1 })
  }

  @Test func aFileOfPagesIsItsOwnersAlone() throws {
    _ = try ConsoleProvider(path: file.path)
    let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
    #expect((attributes[.posixPermissions] as? Int ?? 0) & 0o077 == 0)
    try FileManager.default.removeItem(at: file)
  }

  @Test func aFileThatCannotBeWrittenIsSaidAtTheStart() {
    #expect(throws: ProviderFailure.self) { try ConsoleProvider(path: "/nowhere/pages") }
  }

  @Test func aProviderThatIsNotThereIsAPermanentRefusalThatNamesIt() async throws {
    let providers = Providers([.console: try ConsoleProvider(path: file.path)])
    var page = HandOver.page(url: "", secretFile: "")
    page.route.provider = "carrier pigeon"
    let outcome = await withCheckedContinuation { waiting in
      providers.deliver(page) { waiting.resume(returning: $0) }
    }
    #expect(outcome.status == .failedPrecondition)
    #expect(outcome.words == "there is no provider \"carrier pigeon\"; there are console")
    try FileManager.default.removeItem(at: file)
  }
}
