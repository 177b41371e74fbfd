import Foundation
import Messages
import Providers
import Testing

/// A secret that others could read signs nothing.
@Suite struct SecretTests {
  @Test(arguments: [(0o644, true), (0o440, true), (0o604, true), (0o400, false), (0o600, false)])
  func onlyAFileOfOnesOwnIsASecret(mode: Int, isRefused: Bool) async throws {
    let receiver = try Receiver()
    let file = try receiver.file(Receiver.secret, mode: mode)
    let outcome = await WebhookProvider.shared.deliver(.page(url: receiver.url("in"), secretFile: file))
    #expect(outcome.status == (isRefused ? .failedPrecondition : .ok))
    #expect(!isRefused || outcome.words.contains("can be read by others"))
    #expect(!outcome.words.contains(Receiver.secret))
  }

  @Test func aMissingOrShortSecretIsRefusedWithTheReason() async throws {
    let receiver = try Receiver()
    let files = [
      ("", "names no secret_file"), ("/nowhere/secret", "can't be read"),
      (try receiver.file("short", mode: 0o400), "fewer than 16 bytes"),
      (FileManager.default.temporaryDirectory.path, "is no file"),
    ]
    for (file, words) in files {
      let outcome = await WebhookProvider.shared.deliver(.page(url: receiver.url("in"), secretFile: file))
      #expect(outcome.status == .failedPrecondition && outcome.words.contains(words), "\(outcome.words)")
    }
    #expect(throws: (any Error).self) { try receiver.taken.isEmpty ? { throw CocoaError(.fileNoSuchFile) }() : () }
  }
}

extension WebhookProvider {
  fileprivate static let shared: WebhookProvider = {
    guard let conversations = try? Conversations(reach: .here) else {
      preconditionFailure("libcurl can't be initialised")
    }
    return WebhookProvider(conversations)
  }()
}
