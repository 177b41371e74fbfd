import Machinery
import Messages
import Wire

/// All that makes one of the four programs that program: its rules, how its calls reach them, and how what it owes is
/// paid. A value that both the real host and the simulation run.
public struct Tier<Rules: Machine>: Sendable {
  public var name: String
  public var peer: Peer
  public var rules: Rules
  public var codec: EntryCodec<Rules.Fact>
  /// Whom it owes, and how many payments may be under way to each.
  public var peers: [Peer: Int]
  /// Tiers that it owes and asks nothing: it tells of their loss all the same, by the fallback webhook (I6).
  public var watches: Set<Peer> = []
  public var commands: [String: Command<Rules>]
  public var queries: [String: Query<Rules>]
  public var pastQueries: [String: PastQuery<Rules>]
  /// The method whose stream tells of lines as they become durable, if there is one.
  public var watch: WatchedLines?
  /// How a debt is paid at an instant: the sender's time goes along where its age matters, because clocks differ.
  public var pay: @Sendable (Rules.Debt, _ now: Instant) -> Outgoing
  /// A fact as lines of history.
  public var lines: @Sendable (Rules.Fact, _ at: Instant, _ sequence: UInt64) -> [HistoryLine]
  /// How this tier tells the default team that something is wrong with itself, where it can.
  public var distress: (@Sendable (_ words: String) -> Rules.Input)?
  /// What the rules are told of another tier that is lost, or back; nil when they have nothing to say of it (I6).
  public var lost: (@Sendable (Peer, _ isLost: Bool, _ words: String) -> Rules.Input?)?
  /// A fact that holds the last state of something that leaves the rules' memory.
  public var remembered: @Sendable (Rules.Fact) -> (id: String, body: [UInt8])?
  /// Whose share of what may be sent an input uses up, by the present configuration; nil: nobody's.
  public var share: (@Sendable (Rules, Rules.Input) -> Share?)?
  /// The methods that anybody who can reach the sources' socket may call; none: there is no such socket.
  public var methodsForSources: Set<String> = []
  /// What reports count of a fact.
  public var tallies: @Sendable (Rules.Fact, _ at: Instant) -> [IncidentTally] = { _, _ in [] }
  public var reports: [String: ReportQuery<Rules>] = [:]
  /// What this tier asks others again and again; each peer one.
  public var questions: [Question<Rules>] = []
  /// Whether alerts become pages, as far as this tier can tell.
  public var endToEnd: @Sendable (Rules, _ now: Instant) -> EndToEnd? = { _, _ in nil }
  /// What a rehearsal lets happen again.
  public var deed: @Sendable (Rules.Fact, _ at: Instant) -> RecordedDeed? = { _, _ in nil }
  public var rehearsals: [String: RehearsalQuery<Rules>] = [:]
  /// What providers' callbacks mean here; nil: they come to another tier.
  public var callbacks: CallbackAnswering<Rules>?
  /// What a peer's answer to a paid debt tells the rules.
  public var told: @Sendable (_ path: String, _ payload: [UInt8]) -> Told = { _, _ in Told() }
  /// What its codec seals with, to be kept before what was sealed; nil where nothing is.
  public var contactKeys: ContactKeys?
  /// The methods whose requests hold addresses: no copy of them goes to a disk.
  public var personalMethods: Set<String> = []
  /// The files of secrets that the present configuration names.
  public var secretFiles: @Sendable (Rules) -> [String] = { _ in [] }
  /// What `doctor` is told of the present configuration.
  public var examined: @Sendable (Rules) -> [PostureFinding] = { _ in [] }
  /// A fact as a line of the log.
  public var logged: @Sendable (Rules.Fact) -> LoggedEvent? = { _ in nil }
  /// How the thing that a call is about stands, for the audit (`Tier+Auditing.swift`); nil: there is none.
  public var standing: @Sendable (Rules, Rules.Input, Rules.Answer, _ now: Instant) -> Standing? = { _, _, _, _ in nil }

  /// Which of several intakes it is; 0: none, or the only one.
  public var intakeNumber: UInt32 = 0

  /// Everything that can be called here.
  public var methodPaths: [String] {
    Array(commands.keys) + Array(queries.keys) + Array(pastQueries.keys) + Array(reports.keys)
      + Array(rehearsals.keys) + [watch?.path].compactMap { $0 }
  }

  /// Everybody that it keeps a connection to.
  public var neighbours: Set<Peer> {
    Set(peers.keys).union(watches).union(questions.map(\.peer)).subtracting([.provider])
  }

  public func makeEngine<Ticket: Sendable>(ticket: Ticket.Type) -> Engine<Rules, Ticket> {
    Engine(rules: rules, codec: codec, peers: peers)
  }
}

/// A question to a peer whose answer the rules are told.
public struct Question<Rules: Machine>: Sendable {
  public var peer: Peer
  public var path: String
  /// What to ask now; nil: nothing.
  public var payload: @Sendable (Rules) -> [UInt8]?
  /// The answer as the rules hear it, and whether to ask again at once; nil when it can't be read.
  public var input: @Sendable (_ payload: [UInt8]) -> (input: Rules.Input, more: Bool)?
}

/// Who calls, as far as rules may care.
public struct Caller: Sendable {
  public var principal: Principal
  public var traceparent: [UInt8]
  /// How the public key begins that the principal came in with; empty without keys.
  public var key: String
  /// The address of the other end, as the transport knows it.
  public var from: String

  public init(principal: Principal, traceparent: [UInt8] = [], key: String = "", from: String = "") {
    self.principal = principal
    self.traceparent = traceparent
    self.key = key
    self.from = from
  }
}

/// A method that may change something.
public struct Command<Rules: Machine>: Sendable {
  /// Whether a call needs an idempotency key or session; those between tiers are idempotent by their content.
  public var needsKey: Bool
  public var input: @Sendable (_ payload: [UInt8], Caller) throws(Refusal) -> Rules.Input
  /// Whether it is refused when the disk is nearly full, so that what must go on does longest.
  public var canWait: @Sendable (Rules.Input) -> Bool
  public var answer: @Sendable (Rules.Answer) -> [UInt8]
  /// The request's message, by its full name.
  public var request: String
  /// The field that says in whose name.
  public var actor: String
  /// In whose name a request is decided, by a caller that acts in one name only.
  public var name: @Sendable (_ payload: [UInt8], Principal) -> String
  /// Whether a change by such a caller has a record in the audit.
  public var isAudited: @Sendable (Principal) -> Bool

  /// Its requests hold all there is, which no record repeats.
  var isConfiguration: Bool { request.hasSuffix("Configuration") }
}

/// A method that reads the present.
public struct Query<Rules: Machine>: Sendable {
  public var answer: @Sendable (Rules, _ payload: [UInt8], _ now: Instant) throws(Refusal) -> [UInt8]
}

/// A method that needs history: read beside the loop, then answered with the present at hand.
public struct PastQuery<Rules: Machine>: Sendable {
  public var subject: @Sendable (Rules, _ payload: [UInt8]) throws(Refusal) -> String
  /// What of it is wanted besides its lines and its own last state: ids of what is remembered of it.
  public var things: @Sendable (_ subject: String) -> [String]
  public var answer: @Sendable (Rules, _ payload: [UInt8], Past) throws(Refusal) -> [UInt8]
}

/// A method that needs figures of a time, which history has counted.
public struct ReportQuery<Rules: Machine>: Sendable {
  public var request: @Sendable (_ payload: [UInt8], _ now: Instant) throws(Refusal) -> FiguresRequest
  /// What the present contributes is taken on the loop; the rest of the work is done beside it.
  public var answer: @Sendable (Rules) -> @Sendable (FiguresRequest, HistoryFigures) -> [UInt8]
}

/// A method that lets recorded incidents happen again by other rules.
public struct RehearsalQuery<Rules: Machine>: Sendable {
  /// What the present contributes is taken on the loop; the rest of the work is done beside it.
  public var prepare: @Sendable (Rules, _ payload: [UInt8], _ now: Instant) throws(Refusal) -> PreparedRehearsal
}

/// Whose incidents of which time history is read for, how many deeds of theirs at most, and what is made of them.
public struct PreparedRehearsal: Sendable {
  public var team: String
  public var from: Instant
  public var until: Instant
  public var deedsAtMost: Int
  public var answer: @Sendable ([RecordedIncident], HistoryFigures) throws(Refusal) -> [UInt8]
}

/// What history knows of one subject.
public struct Past: Sendable {
  public var lines: [HistoryLine]
  public var remembered: [UInt8]?
  /// By id.
  public var things: [String: [UInt8]]

  public init(lines: [HistoryLine], remembered: [UInt8]?, things: [String: [UInt8]] = [:]) {
    self.lines = lines
    self.remembered = remembered
    self.things = things
  }
}

/// One line of history.
public struct HistoryLine: Hashable, Sendable {
  public var sequence: UInt64
  public var at: Instant
  public var subject: String
  public var person: String
  public var kind: String
  public var text: String

  public init(sequence: UInt64, at: Instant, subject: String, person: String, kind: String, text: String) {
    self.sequence = sequence
    self.at = at
    self.subject = subject
    self.person = person
    self.kind = kind
    self.text = text
  }
}

/// A stream of lines: which ones a request wants, and how they look on the wire.
public struct WatchedLines: Sendable {
  public var path: String
  /// The subject that is wanted (empty: all) and the sequence to begin with (0: now).
  public var wanted: @Sendable (_ payload: [UInt8]) throws(Refusal) -> (subject: String, from: UInt64)
  public var encode: @Sendable (HistoryLine) -> [UInt8]
}
