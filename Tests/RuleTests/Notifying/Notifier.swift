import Machinery
import Messages
import Notifying

/// A notifier with a clock to turn and a provider to answer for: what is said to whom is kept line by line.
struct Notifier {
  /// How the provider behaves towards an attempt; nil leaves it without an answer.
  typealias Answering = @Sendable (Attempt) -> (status: Status, words: String, retryAfter: Span?)?

  /// 2026-11-24 03:00:00 UTC
  static let start = Instant(milliseconds: 1_795_489_200_000)
  static let taken: Answering = { _ in (.ok, "accepted", nil) }
  struct Told {
    var status: Status
    var words: String
    var id = ""
    var reached = DeliveryState.unspecified

    init(_ status: Status, _ words: String, id: String = "", reached: DeliveryState = .unspecified) {
      (self.status, self.words, self.id, self.reached) = (status, words, id, reached)
    }
  }

  static func broken(_ channel: String, _ status: Status, _ words: String = "out of order") -> Answering {
    { $0.channel == channel ? (status, words, nil) : (.ok, "accepted", nil) }
  }

  var rules = Notifications()
  var now = Notifier.start
  var answering: Answering = Notifier.taken
  /// What a provider says when it is asked about what it has; nil leaves the question without an answer.
  var telling: @Sendable (Attempt.Question, Attempt) -> Told? = { _, _ in Told(.unimplemented, "") }
  /// "03:02:00 sms -> ana"
  private(set) var said: [String] = []
  private(set) var attempts: [Attempt] = []
  private(set) var facts: [(fact: NotificationFact, at: Instant)] = []
  private var asked: Set<DebtKey> = []
  private let terms: AnsweringTerms?

  init(
    _ configuration: NotificationConfiguration = .team, terms: AnsweringTerms? = nil,
    answering: @escaping Answering = Notifier.taken
  ) {
    self.answering = answering
    self.terms = terms
    rules = Notifications(answering: terms)
    _ = try? configure(configuration)
  }

  // MARK: What happens

  @discardableResult
  mutating func configure(_ configuration: NotificationConfiguration) throws(Refusal) -> ConfigureReply {
    let decision = try rules.decide(.configure(configuration, by: "ops"), at: now)
    remember(decision.facts)
    guard case .configured(let reply) = decision.answer else { return ConfigureReply() }
    return reply
  }

  @discardableResult
  mutating func decided(_ input: NotificationInput) throws(Refusal) -> NotificationAnswer {
    let decision = try rules.decide(input, at: now)
    remember(decision.facts)
    turn()
    return decision.answer
  }

  mutating func page(_ page: Page) throws(Refusal) {
    remember(try rules.decide(.putPage(page), at: now).facts)
    turn()
  }

  mutating func cancel(_ page: Page, generation: UInt64 = 2) throws(Refusal) {
    var page = page
    page.generation = generation
    page.wanted = false
    try self.page(page)
  }

  /// An intake answers the watch's question.
  mutating func accept(_ list: AcceptedList, from intake: Peer = .intake) throws(Refusal) {
    remember(try rules.decide(.accepted(list, from: intake), at: now).facts)
    turn()
  }

  /// Somebody answers a page by its own channel. Returns what they are told at once.
  @discardableResult
  mutating func answer(_ given: AnswerGiven) throws(Refusal) -> AnswerWords {
    let decision = try rules.decide(.answer(given), at: now)
    remember(decision.facts)
    turn()
    guard case .answered(let words) = decision.answer else { return AnswerWords() }
    return words
  }

  /// The escalator speaks about an answer that it is owed.
  mutating func escalatorSays(_ status: Status, _ words: String) {
    for answer in answersOwed {
      settle(
        Settlement(peer: .escalator, key: DebtKey(id: answer.id, generation: 1), status: status, words: words))
    }
    turn()
  }

  mutating func post(_ post: Post) throws(Refusal) {
    remember(try rules.decide(.putPost(post), at: now).facts)
    turn()
  }

  /// Turn the clock, stopping wherever something is due.
  mutating func wait(_ span: Span) {
    let end = now + span
    while let due = rules.nextDeadline, due <= end {
      now = max(now, due)
      turn()
    }
    now = end
  }

  /// The process dies and another takes over.
  mutating func restart() {
    rules.restarted(at: now)
    asked = []
    turn()
  }

  mutating func settle(_ attempt: Attempt, _ status: Status, _ words: String = "", retryAfter: Span? = nil) {
    settle(Settlement(peer: .provider, key: attempt.key, status: status, words: words, retryAfter: retryAfter))
    turn()
  }

  /// The escalator takes what it is owed. Returns it.
  @discardableResult
  mutating func takeReceipts() -> [PageReceipt] {
    let receipts = self.receipts
    for receipt in receipts {
      settle(
        Settlement(peer: .escalator, key: DebtKey(id: receipt.pageId, generation: receipt.generation), status: .ok))
    }
    return receipts
  }

  /// A provider says by itself how far a delivery came.
  mutating func report(
    _ page: Page, _ delivery: UInt32, _ state: DeliveryState, id: String = "", words: String = ""
  ) throws(Refusal) {
    let report = DeliveryReported(pageId: page.id, delivery: delivery, providerId: id, state: state, words: words)
    remember(try rules.decide(.reported(report), at: now).facts)
    turn()
  }

  /// It says so of one of its attempts, as the address names it to which it reports.
  mutating func report(
    _ attempt: Attempt, _ state: DeliveryState, id: String = "", words: String = ""
  ) throws(Refusal) {
    let report = DeliveryReported(
      pageId: attempt.id, delivery: attempt.delivery, providerId: id, state: state, words: words,
      attempt: attempt.number)
    remember(try rules.decide(.reported(report), at: now).facts)
    turn()
  }

  /// From its checkpoint another process carries on, which knows nothing else.
  mutating func takeOver() {
    rules = rules.condensed().reduce(into: Notifications(answering: terms)) { $0.apply($1, at: now) }
  }

  // MARK: What can be seen

  var receipts: [PageReceipt] {
    rules.owed(to: .escalator, limit: 10_000).compactMap {
      if case .receipt(let receipt) = $0 { receipt } else { nil }
    }
  }

  var answersOwed: [PageAnswer] {
    rules.owed(to: .escalator, limit: 10_000).compactMap { if case .answer(let answer) = $0 { answer } else { nil } }
  }

  func deliveries(_ incident: String = "") -> [Delivery] {
    (try? rules.listPages(ListPagesRequest(incidentId: incident, limit: 10_000)))?.deliveries ?? []
  }

  /// "sms handedOver", a line for each delivery.
  var states: [String] { deliveries().map { "\($0.channel) \($0.state)" } }

  // MARK: -

  private mutating func remember(_ made: [NotificationFact]) {
    for fact in made {
      rules.apply(fact, at: now)
      facts.append((fact, now))
    }
  }

  private mutating func settle(_ settlement: Settlement) { remember(rules.settle(settlement, at: now)) }

  private mutating func turn() {
    var goesOn = true
    while goesOn {
      while let due = rules.nextDeadline, due <= now {
        let made = rules.lapse(at: now)
        precondition(!made.isEmpty, "something is due at \(due) and nothing came of it")
        remember(made)
      }
      goesOn = false
      for case .attempt(let attempt) in rules.owed(to: .provider, limit: 1_000) where asked.insert(attempt.key).inserted
      {
        if let question = attempt.question {
          said.append("\(Self.clock(now)) \(attempt.channel)? \(attempt.person)")
          guard let told = telling(question, attempt) else { continue }
          goesOn = true
          settle(
            Settlement(
              peer: .provider, key: attempt.key, status: told.status, words: told.words, reference: told.id,
              reached: told.reached))
          continue
        }
        attempts.append(attempt)
        said.append("\(Self.clock(now)) \(attempt.channel) -> \(attempt.person)\(attempt.isRepeat ? " (repeat)" : "")")
        guard let answer = answering(attempt) else { continue }
        goesOn = true
        settle(
          Settlement(
            peer: .provider, key: attempt.key, status: answer.status, words: answer.words,
            retryAfter: answer.retryAfter,
            reference: answer.status == .ok ? "\(attempt.channel)-\(attempt.number)" : ""))
      }
    }
  }

  static func clock(_ instant: Instant) -> String {
    let seconds = instant.milliseconds / 1_000 % 86_400
    let text = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    let rest = instant.milliseconds % 1_000
    return text.joined(separator: ":") + (rest == 0 ? "" : ".\(rest)")
  }
}

extension NotificationConfiguration {
  /// Ana has everything, Ben two numbers and no push, Cai only quiet channels, Dee rules of her own, Eli nothing at
  /// all.
  static let team = NotificationConfiguration(
    contacts: [
      Contact(
        person: "ana", name: "Ana Alvarez",
        methods: ["push", "sms", "voice", "email", "slack"].map { ContactMethod(channel: $0, address: "ana-\($0)") }),
      Contact(
        person: "ben",
        methods: [
          ContactMethod(channel: "sms", address: "ben-sms-1"), ContactMethod(channel: "sms", address: "ben-sms-2"),
          ContactMethod(channel: "email", address: "ben-email"),
        ]),
      Contact(
        person: "cai",
        methods: [
          ContactMethod(channel: "email", address: "cai-email"), ContactMethod(channel: "slack", address: "cai-slack"),
        ]),
      Contact(
        person: "dee",
        methods: [
          ContactMethod(channel: "voice", address: "dee-voice"), ContactMethod(channel: "email", address: "dee-email"),
        ], rules: [PersonalRule(after: .seconds(30), channel: "email")]),
      Contact(person: "eli"),
    ])
}

extension Page {
  static func wanted(
    _ person: String = "ana", id: String = "2f-1k", _ severity: Severity = .sev1, _ purpose: PagePurpose = .duty,
    channels: [String] = [], at pagedAt: Instant = Notifier.start
  ) -> Page {
    Page(
      id: "\(id)/\(person)/1", generation: 1, wanted: true, incidentId: id, person: person, tier: 1, purpose: purpose,
      severity: severity, summary: "no ready pods", service: "aion-ai-inference", channels: channels,
      because: "primary",
      pagedAt: pagedAt, openedAt: pagedAt)
  }
}
