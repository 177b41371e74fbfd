import Machinery
import Messages

/// What can be asked of the escalator, and what other tiers tell it.
public enum EscalationInput: Sendable {
  /// By a key that acts in its own name only, whose name is this.
  indirect case inOwnName(EscalationInput, of: String)
  case alert(Alert)
  case timeline(Timeline)
  case receipt(PageReceipt)
  case configure(EscalationConfiguration)
  case acknowledge(AcknowledgeRequest)
  case resolve(ResolveRequest)
  case escalate(EscalateRequest)
  case reassign(ReassignRequest)
  case update(UpdateRequest)
  case flags(FlagsRequest)
  case responders(RespondersRequest)
  case delegate(DelegationRequest)
  case severity(SeverityRequest)
  case snooze(SnoozeRequest)
  case merge(MergeRequest)
  case reopen(ReopenRequest)
  case tier(TierNews)
  case synthetic(SyntheticAlert)
  case review(ReviewInput)
  case change(ChangeReported)
  case answer(PageAnswer)
}

/// What the escalator answers.
public enum EscalationAnswer: Hashable, Sendable {
  case done(Done)
  case taken(AlertTaken)
  case configured(ConfigureReply)
  /// An incident as it is once the facts are applied, and what the call changed.
  case incident(IncidentReply)
  case review(ReviewReply)
  case answered(PageAnswerReply)
}

/// What the escalator owes: pages and posts to the notifier, closed alerts to intake, the record of incidents and of the
/// work on them to the scheduler (H2, C2).
public enum EscalationDebt: Owed, Hashable {
  case page(Page)
  case post(Post)
  case closing(AlertClosing)
  case incident(HandoffIncident)
  case work(Work)

  public var key: DebtKey {
    switch self {
    case .page(let page): DebtKey(id: page.id, generation: page.generation)
    case .post(let post): DebtKey(id: post.id, generation: 1)
    case .closing(let closing): DebtKey(id: closing.alertId, generation: 1)
    case .incident(let incident):
      DebtKey(id: RunningIncident.newsID(incident.incidentId), generation: incident.generation)
    case .work(let work):
      DebtKey(id: HeldWork.id(of: work.person, in: work.incidentId), generation: work.generation)
    }
  }
}
