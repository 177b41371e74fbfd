import Foundation
import Testing

@testable import Hosting

/// The message in hand lies in a file: addresses must not.
@Suite struct MessageInHandTests {
  private static let path = "/tocsin.notification.v1.Notification/Configure"
  private static let message = Array("a configuration with +49 151 2345678 in it".utf8)

  private func holds(_ text: String, in folder: String) throws -> [String] {
    let walker = try #require(FileManager.default.enumerator(atPath: folder))
    return walker.compactMap { $0 as? String }.filter {
      FileManager.default.contents(atPath: "\(folder)/\($0)")?.range(of: Data(text.utf8)) != nil
    }
  }

  @Test func ofAMessageWithAddressesOnlyTheHashIsTaken() throws {
    let folder = SealedDisk.newFolder()
    // It dies on the message, twice.
    for _ in 0..<2 { MessageInHand(directory: folder, personalMethods: [Self.path]).take(Self.path, Self.message) }
    #expect(try holds("+49 151", in: folder).isEmpty)
    let third = MessageInHand(directory: folder, personalMethods: [Self.path])
    #expect(third.isSetAside(Self.path, Self.message) && third.news != nil)
    #expect(!third.isSetAside(Self.path, Self.message + [0]))
    #expect(try holds("+49 151", in: folder).isEmpty)
  }

  /// What people were told of they look at, and delete: then nothing says that it is there.
  @Test func aMessageWhoseFileIsDeletedIsSetAsideNoLonger() throws {
    let folder = SealedDisk.newFolder()
    for _ in 0..<2 { MessageInHand(directory: folder).take(Self.path, Self.message) }
    let third = MessageInHand(directory: folder)
    #expect(third.lookAside() == 1 && third.isSetAside(Self.path, Self.message))
    let aside = "\(folder)/set-aside"
    for name in try FileManager.default.contentsOfDirectory(atPath: aside) {
      try FileManager.default.removeItem(atPath: "\(aside)/\(name)")
    }
    #expect(third.lookAside() == 0 && !third.isSetAside(Self.path, Self.message))
    try FileManager.default.removeItem(atPath: aside)
    #expect(third.lookAside() == 0)
  }

  @Test func whatAnOlderVersionLeftIsWiped() throws {
    let folder = SealedDisk.newFolder()
    MessageInHand(directory: folder).take(Self.path, Self.message)
    #expect(try holds("+49 151", in: folder) == ["in-hand"])
    _ = MessageInHand(directory: folder, personalMethods: [Self.path])
    #expect(try holds("+49 151", in: folder).isEmpty)
  }
}
