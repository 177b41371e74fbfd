import CivilTime
import Foundation
import Machinery
import Messages
import Notifying
import SQLiteJournal
import Tiers

@testable import Hosting

/// A notifier's folder as the real program has it: journal, log, checkpoints and keys, and an engine that writes there.
final class SealedDisk {
  /// Everything by which somebody in `contacts` can be reached.
  static let addresses = ["ana-phone", "+49 151 2345678", "ana@aion.example", "+49 30 901820", "ben@home.example"]
  static let contacts = [
    Contact(
      person: "ana", name: "Ana Alvarez",
      methods: [
        .init(channel: "push", address: addresses[0]), .init(channel: "sms", address: addresses[1]),
        .init(channel: "email", address: addresses[2]),
      ], rules: [.init(after: .minutes(1), channel: "sms")]),
    Contact(
      person: "ben", name: "Ben",
      methods: [.init(channel: "voice", address: addresses[3]), .init(channel: "email", address: addresses[4])]),
  ]
  /// The next configuration: Ben has rules too.
  static let later: [Contact] = {
    var later = contacts
    later[1].rules = [.init(after: .zero, channel: "voice")]
    return later
  }()
  static let start = Instant(milliseconds: 1_795_489_200_000)

  let folder: String
  let keyFile: String
  let engine: Engine<Notifications, Int>
  private let tier: Tier<Notifications>
  private let journal: SQLiteJournal

  /// Starts as the real host does: keys, checkpoint, the rows since.
  init(_ folder: String, keyFile: String? = nil) throws {
    self.folder = folder
    self.keyFile = keyFile ?? "\(folder)/contact-keys"
    tier = .notifier(zones: TimeZones(), contactKeys: try ContactKeyFile(path: self.keyFile).keys())
    let checkpoint = CheckpointFile.newest(in: folder)
    journal = try SQLiteJournal(
      directory: folder, verifiedThrough: checkpoint?.head ?? .empty, keepsBallast: false)
    engine = tier.makeEngine(ticket: Int.self)
    try Replay.fold(into: engine, from: checkpoint, reader: try SQLiteJournalReader(directory: folder))
  }

  static func newFolder() -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("sealed-\(UUID().uuidString)").path
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  var contacts: [Contact] {
    engine.rules.condensed().compactMap { fact -> [Contact]? in
      if case .configured(let configuration) = fact.kind { configuration.contacts } else { nil }
    }.joined().map { $0 }
  }

  func configure(_ contacts: [Contact] = SealedDisk.contacts) throws {
    try tell(.configure(NotificationConfiguration(contacts: contacts), by: "ops"))
  }

  func erase(_ person: String) throws {
    try tell(.eraseContact(EraseContactRequest(person: person), by: "ops"))
  }

  /// A page that a provider refuses, and repeats all addresses of the person in its words.
  func page(_ person: String) throws {
    try tell(
      .putPage(
        Page(
          id: "2f-1/\(person)/1", generation: 1, wanted: true, incidentId: "2f-1", person: person, purpose: .duty,
          severity: .sev1, summary: "no ready pods", pagedAt: Self.start, openedAt: Self.start,
          handedOverAt: Self.start)))
    engine.lapse(at: Self.start)
    let methods = Self.contacts.first { $0.person == person }?.methods ?? []
    let words = methods.map { "\($0.address) is full" }.joined(separator: ", ")
    let ends = engine.rules.owed(to: .provider, limit: 10).map {
      Settlement(peer: .provider, key: $0.key, status: .failedPrecondition, words: words)
    }
    _ = engine.turn(settling: ends, at: Self.start)
    try append()
  }

  func tell(_ input: NotificationInput) throws {
    engine.receive(input, as: nil, ticket: 0, at: Self.start) { _ in [] }
    try append()
  }

  private func append() throws {
    try tier.contactKeys?.keep()
    try journal.append(engine.takeBatch())
    engine.durable(through: engine.decidedThrough)
  }

  func checkpoint() throws {
    let bodies = engine.condensed(at: Self.start).map(tier.codec.encode)
    try tier.contactKeys?.keep()
    try CheckpointFile.write(.init(head: journal.head, bodies: bodies), in: folder)
  }

  /// What all files of the folder hold, by name.
  static func files(in folder: String) throws -> [String: Data] {
    var found: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      found[name] = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
    }
    return found
  }
}
