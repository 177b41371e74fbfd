import CivilTime
import Dispatch
import Foundation
import Machinery
import Messages
import Notifying
import SQLiteJournal
import Testing
import Wire

@testable import Hosting
@testable import Tiers

/// Requirement N7: addresses are on the notifier's disk for nobody who has not its keys.
@Suite struct SealedJournalTests {
  private func filled() throws -> String {
    let folder = SealedDisk.newFolder()
    let disk = try SealedDisk(folder)
    try disk.configure()
    try disk.page("ana")
    try disk.checkpoint()
    try disk.configure(SealedDisk.later)
    return folder
  }

  /// The write-ahead log is still there, because a journal that is let go of is not closed in peace.
  @Test func noFileHoldsAnAddress() throws {
    let folder = try filled()
    let files = try SealedDisk.files(in: folder)
    #expect(files["journal.db"] != nil && files.keys.contains { $0.hasPrefix("checkpoint-") })
    #expect(files.values.map(\.count).reduce(0, +) > 1_000)
    for (name, content) in files {
      for address in SealedDisk.addresses + ["Alvarez"] {
        #expect(content.range(of: Data(address.utf8)) == nil, "\(name) holds \(address)")
      }
    }
    // What is looked for would be found: the person's id is there.
    #expect(files.values.contains { $0.range(of: Data("2f-1/ana/1".utf8)) != nil })
  }

  @Test func aRestartKnowsTheAddresses() throws {
    let folder = try filled()
    #expect(try SealedDisk(folder).contacts == SealedDisk.later)
  }

  @Test func whatPeopleSetThemselvesIsSealedToo() throws {
    let folder = try filled()
    let number = "+49 160 7654321"
    let salt = Array(repeating: UInt8(3), count: 16)
    func set() throws {
      let disk = try SealedDisk(folder)
      try disk.tell(
        .putMethod(PutContactMethodRequest(person: "ana", channel: "sms", address: number, by: "ana", salt: salt)))
      try disk.checkpoint()
    }
    try set()
    let list = try SealedDisk(folder).engine.rules.listContacts(ListContactsRequest(person: "ana"))
    #expect(list.contacts.first?.methods.map(\.masked).contains("+49…21") ?? false)
    for (name, content) in try SealedDisk.files(in: folder) {
      #expect(content.range(of: Data(number.utf8)) == nil, "\(name)")
    }
  }

  @Test func whoeverIsErasedIsGoneAndTheTierStarts() throws {
    let folder = try filled()
    let before = SealedDisk.newFolder()
    try FileManager.default.removeItem(atPath: before)
    try FileManager.default.copyItem(atPath: folder, toPath: before)
    try SealedDisk(folder).erase("ana")
    #expect(try SealedDisk(folder).contacts == [SealedDisk.later[1]])
    // With today's keys a copy of the journal from before is read too, and tells nothing of how to reach them.
    let copy = try SealedDisk(before, keyFile: "\(folder)/contact-keys")
    #expect(copy.contacts.map(\.person) == ["ana", "ben"])
    #expect(copy.contacts[0].methods == [] && copy.contacts[0].name == "")
    #expect(copy.contacts[0].rules == SealedDisk.contacts[0].rules)
    let keys = try String(contentsOfFile: "\(folder)/contact-keys", encoding: .utf8)
    #expect(!keys.contains(" ana\n") && keys.contains("\nerased "))
  }

  @Test func whoeverIsConfiguredAgainAfterThatHasANewKey() throws {
    let folder = try filled()
    try SealedDisk(folder).erase("ana")
    try SealedDisk(folder).configure()
    #expect(try SealedDisk(folder).contacts == SealedDisk.contacts)
  }

  @Test func whoeverTheWatchPagesIsNotErased() throws {
    var configuration = NotificationConfiguration(contacts: SealedDisk.contacts)
    configuration.watch = Watch(people: ["ana"])
    var rules = Notifications()
    rules.apply(.init(kind: .configured(configuration)), at: SealedDisk.start)
    #expect {
      try rules.decide(.eraseContact(EraseContactRequest(person: "ana"), by: "ops"), at: SealedDisk.start)
    } throws: { ($0 as? Refusal)?.status == .failedPrecondition }
  }

  @Test func withoutItsKeysTheNotifierDoesNotStart() throws {
    let folder = try filled()
    #expect {
      _ = try SealedDisk(folder, keyFile: "\(folder)/elsewhere")
    } throws: { "\($0)".contains("\(folder)/elsewhere doesn't have: give the notifier its own key file back") }
    let other = SealedDisk.newFolder()
    try SealedDisk(other).configure()
    #expect {
      _ = try SealedDisk(folder, keyFile: "\(other)/contact-keys")
    } throws: { "\($0)".contains("the contact of ana is sealed with the key") }
  }

  @Test func aKeyThatIsGivenUpGivesUpTheAddresses() throws {
    let folder = try filled()
    let keys = try String(contentsOfFile: "\(folder)/contact-keys", encoding: .utf8)
    let given = keys.split(separator: "\n").map { line in
      guard line.hasSuffix(" ana") else { return String(line) }
      return "erased \(ContactKey(HexText.bytes(line.split(separator: " ")[1])!).id)"
    }
    try given.joined(separator: "\n").write(toFile: "\(folder)/contact-keys", atomically: false, encoding: .utf8)
    #expect(try SealedDisk(folder).contacts.map(\.methods.count) == [0, 2])
  }

  @Test(arguments: [0o640, 0o604, 0o644, 0o660]) func keysThatOthersCanReadAreRefused(_ mode: Int) throws {
    let folder = try filled()
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(folder)/contact-keys")
    #expect {
      _ = try SealedDisk(folder)
    } throws: { "\($0)".contains("can be read by others") && "\($0)".contains("mode \(String(mode, radix: 8))") }
  }

  @Test func theKeyFileIsForItsOwnerAlone() throws {
    let folder = try filled()
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/contact-keys")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: "\(folder)/contact-keys")
    #expect(try SealedDisk(folder).contacts.count == 2)
  }

  @Test(arguments: [
    "key 00 ana", "erased 00", "erase 0011223344556677", "key \(String(repeating: "0g", count: 32)) ana",
    "key \(String(repeating: "00", count: 32)) ana b", "key \(String(repeating: "00", count: 32)) %zz",
  ]) func aLineThatIsNoneIsNamed(_ line: String) {
    #expect {
      _ = try ContactKeyRing("# a comment\n\n\(line)\n")
    } throws: { "\($0)".hasPrefix("line 3 is neither") }
  }

  @Test func keysSurviveTheirFile() throws {
    var ring = ContactKeyRing()
    for (number, person) in ["ana", "a b\n%", "ü", "erased"].enumerated() {
      ring.add(ContactKey(Array(repeating: UInt8(number), count: 32)), of: person)
    }
    ring.erase("ana")
    #expect(try ContactKeyRing(ring.text) == ring)
  }

  /// An older version's rows have addresses as they are: they are read, and sealed in the next checkpoint.
  @Test func aJournalOfBeforeStartsAndItsNextCheckpointIsSealed() throws {
    let folder = SealedDisk.newFolder()
    try Self.writePlainly(folder)
    try Self.checkpointed(folder)
    let restarted = try SealedDisk(folder)
    #expect(restarted.contacts == SealedDisk.contacts)
    for (name, content) in try SealedDisk.files(in: folder) where name.hasPrefix("checkpoint-") {
      for address in SealedDisk.addresses { #expect(content.range(of: Data(address.utf8)) == nil, "\(name)") }
    }
  }

  private static func writePlainly(_ folder: String) throws {
    let plain = NotifyingEntry(
      at: SealedDisk.start,
      facts: [.init(kind: .configured(NotificationConfiguration(contacts: SealedDisk.contacts)))])
    let journal = try SQLiteJournal(directory: folder, keepsBallast: false)
    try journal.append([Row(at: plain.at, body: plain.encoded())])
  }

  private static func checkpointed(_ folder: String) throws {
    let disk = try SealedDisk(folder)
    #expect(disk.contacts == SealedDisk.contacts)
    try disk.checkpoint()
  }

  /// The key file comes first: rows that it is missing for are not written.
  @Test func rowsWaitForTheirKeys() throws {
    let folder = SealedDisk.newFolder()
    let keys = ContactKeys(
      ContactKeyRing(), place: "here", draw: { Array(repeating: 7, count: 32) },
      write: { _ throws(JournalFailure) in throw .broken("no keys") })
    let engine = Tier.notifier(zones: TimeZones(), contactKeys: keys).makeEngine(ticket: Int.self)
    engine.receive(
      .configure(NotificationConfiguration(contacts: SealedDisk.contacts), by: "ops"), as: nil, ticket: 0,
      at: SealedDisk.start
    ) { _ in [] }
    let journal = try SQLiteJournal(directory: folder, keepsBallast: false)
    let news = Told()
    JournalKeeper(journal, contactKeys: keys).append(engine.takeBatch()) { news.hear("\($0)") }
    #expect(news.wait().contains("no keys"))
    #expect(try SQLiteJournalReader(directory: folder).rows(after: 0, limit: 10).isEmpty)
  }
}

/// The first news, for whoever waits.
private final class Told: @unchecked Sendable {
  // Sendable because `words` is written before the signal and read after it.
  private let done = DispatchSemaphore(value: 0)
  private var words = ""

  func hear(_ words: String) {
    self.words = words
    done.signal()
  }

  func wait() -> String {
    done.wait()
    return words
  }
}
