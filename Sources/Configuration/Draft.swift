import Messages
import Yams

/// What has been read so far, right or wrong: a class, because every field of every document adds its complaints and
/// its mentions to the same one. Lives only during one reading.
final class Draft {
  let zones: ZoneNames
  /// For complaints about what is nowhere.
  let firstFile: String
  /// Calendar files, which documents may name.
  let calendars: [String: SourceFile]
  var problems: [Problem] = []
  /// Where each thing is defined.
  var definitions: [Thing: [String: Placed<String>]] = [:]
  var mentions: [Mention] = []
  /// Whether something was too wrong to know what it defines: then nobody can say which mentions are wrong.
  var isIncomplete = false

  var teams: [Team] = []
  var people: [Person] = []
  var rotations: [Rotation] = []
  var training: [TrainingRecord] = []
  var pay: [PayRates] = []
  var policies: [Policy] = []
  var services: [Service] = []
  var routes: [Route] = []
  var classes: [AlertClass] = []
  var heartbeats: [Heartbeat] = []
  var contacts: [Contact] = []
  /// Where each address of a contact stands.
  var addressPlaces: [Placed<ContactMethod>] = []
  var channels: [ChannelRoute] = []
  var limits: Placed<PageLimits>?
  var defaults: [Placed<Defaults>] = []
  var watch: WatchSettings?

  init(zones: ZoneNames, firstFile: String, calendars: [SourceFile] = []) {
    self.zones = zones
    self.firstFile = firstFile
    self.calendars = Dictionary(calendars.map { ($0.name, $0) }) { first, _ in first }
  }

  /// The kinds of document, in the order in which a person would write them.
  private var kinds: [(word: String, read: (Field) -> Void)] {
    [
      ("Team", readTeam), ("People", readPeople), ("Rotation", readRotation), ("Pay", readPay), ("Policy", readPolicy),
      ("Services", readServices), ("Routes", readRoutes), ("AlertClass", readAlertClass),
      ("Heartbeats", readHeartbeats), ("Contacts", readContacts),
      ("Channels", readChannels), ("Watch", readWatch), ("Defaults", readDefaults),
    ]
  }

  func read(_ file: SourceFile) {
    let before = problems.count
    let documents = DocumentReader.documents(of: file, &problems)
    if problems.count > before { isIncomplete = true }
    for document in documents {
      if case .scalar(let scalar) = document, scalar.string.isEmpty { continue }
      let whole = Field(node: document, path: "document", draft: self, file: file.name)
      guard case .mapping(let pairs) = document else {
        isIncomplete = true
        whole.complain(expected: "a mapping that begins with kind:")
        continue
      }
      guard let pair = pairs.first(where: { $0.key.scalar?.string == "kind" }) else {
        isIncomplete = true
        whole.complain(expected: "the key kind", found: "none")
        continue
      }
      let kind = whole.child(pair.value, ".kind")
      guard let read = kind.choice("a kind of document", kinds.map { ($0.word, $0.read) }) else {
        isIncomplete = true
        continue
      }
      read(Field(node: document, path: pair.value.scalar?.string ?? "", draft: self, file: file.name))
    }
  }

  /// Remembers where a thing is defined; complains when it has been before.
  func define(_ kind: Thing, _ name: Placed<String>) {
    if let first = definitions[kind]?[name.value] {
      problems.append(
        Problem(
          place: name.place, field: name.field, expected: "a \(kind.naming) that is not taken",
          found: "\"\(name.value)\", already at \(first.place)"))
    } else {
      definitions[kind, default: [:]][name.value] = name
    }
  }
}
