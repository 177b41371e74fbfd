import Messages

/// The table itself. Roles are named from the widest to the narrowest; a lead may do what a responder may, and an administrator
/// everything.
extension MethodAccess {
  private static let anybody: KeyRoles = .all
  private static let readers: KeyRoles = [.observer, .responder, .lead, .admin, .service]
  private static let noticeboards: KeyRoles = [.observer, .responder, .lead, .admin, .service, .noticeboard]
  private static let shown: KeyRoles = readers.union(.pages)
  private static let publishers: KeyRoles = [.source, .responder, .lead, .admin]
  private static let responders: KeyRoles = [.responder, .lead, .admin]
  private static let people: KeyRoles = responders.union(.pages)
  private static let leads: KeyRoles = [.lead, .admin]
  private static let administrators: KeyRoles = [.admin]
  private static let showers: KeyRoles = [.admin, .pages]

  public static let all: [MethodAccess] =
    own + intake + schedule + pay + handoff + readiness + incidents + reviews + notifications

  private static let own = [
    MethodAccess(HealthMethods.check, anybody),
    MethodAccess(HealthMethods.watch, readers),
    MethodAccess(ReflectionMethods.describe, readers),
    MethodAccess(RecoveryMethods.handOverAgain, administrators),
    MethodAccess(HistoriesMethods.listLines, readers),
    MethodAccess(KeepingMethods.copyRows, administrators),
    MethodAccess(KeepingMethods.copyCheckpoint, administrators),
    MethodAccess(KeepingMethods.copyContactKeys, administrators),
    MethodAccess(AuditMethods.list, leads),
    MethodAccess(AuditMethods.verify, leads),
    MethodAccess(PostureMethods.report, leads),
  ]

  private static let intake = [
    MethodAccess(IntakeMethods.publish, publishers, as: "source") { $0.source },
    MethodAccess(HeartbeatsMethods.beat, publishers),
    MethodAccess(IntakeMethods.listAlerts, readers),
    MethodAccess(IntakeMethods.configure, administrators),
    MethodAccess(IntakeMethods.closeAlert, from: .escalator),
    MethodAccess(SharingMethods.put, from: .intake),
    MethodAccess(HeartbeatsMethods.list, readers),
    MethodAccess(AcceptedMethods.list, readers),
    MethodAccess(ChangesMethods.list, readers),
    MethodAccess(SilencesMethods.list, readers),
    MethodAccess(SilencesMethods.add, responders, as: "by") { $0.by },
    MethodAccess(SilencesMethods.end, responders, as: "by") { $0.by },
  ]

  private static let schedule = [
    MethodAccess(ScheduleMethods.configure, administrators),
    MethodAccess(ScheduleMethods.preview, readers),
    MethodAccess(ScheduleMethods.onCall, shown),
    MethodAccess(ScheduleMethods.show, shown),
    MethodAccess(ScheduleMethods.listPeople, shown),
    MethodAccess(ScheduleMethods.listEligibility, readers),
    MethodAccess(ScheduleMethods.listAbsences, readers),
    MethodAccess(ScheduleMethods.listSwaps, shown),
    MethodAccess(ScheduleMethods.showLeaving, readers),
    MethodAccess(TimelinesMethods.past, readers),
    MethodAccess(CalendarMethods.feed, noticeboards),
    MethodAccess(ScheduleMethods.addOverride, leads, as: "by") { $0.by },
    MethodAccess(ScheduleMethods.removeOverride, leads, as: "by") { $0.by },
    MethodAccess(ScheduleMethods.assignCover, leads, as: "by") { $0.by },
    MethodAccess(ScheduleMethods.recordTraining, leads, as: "by") { $0.by },
    MethodAccess(ScheduleMethods.assignShadow, leads, as: "by") { $0.by },
    MethodAccess(ScheduleMethods.removeShadow, leads, as: "by") { $0.by },
    MethodAccess(ScheduleMethods.requestAbsence, responders, as: "by") { $0.by },
    MethodAccess(ScheduleMethods.endAbsence, responders, as: "by") { $0.by },
    MethodAccess(ScheduleMethods.requestSwap, responders, as: "by") { $0.by },
    MethodAccess(ScheduleMethods.answerSwap, people, as: "by") { $0.by },
  ]

  private static let pay = [
    MethodAccess(PayMethods.putWork, from: .escalator),
    MethodAccess(PayMethods.editWork, responders, as: "by") { $0.by },
    MethodAccess(PayMethods.approveWork, leads, as: "by") { $0.by },
    MethodAccess(PayMethods.closePeriod, leads, as: "by") { $0.by },
    MethodAccess(PayMethods.useCompDay, responders, as: "by") { $0.by },
    MethodAccess(PayMethods.answerCompDay, leads, as: "by") { $0.by },
    MethodAccess(PayMethods.listWork, readers),
    MethodAccess(PayMethods.exportPay, leads),
    MethodAccess(PayMethods.listCompDays, readers),
  ]

  private static let handoff = [
    MethodAccess(HandoffMethods.putIncident, from: .escalator),
    MethodAccess(HandoffMethods.putChange, from: .intake),
    MethodAccess(HandoffMethods.recordChange, responders, as: "by") { $0.by },
    MethodAccess(HandoffMethods.tick, people, as: "by") { $0.by },
    MethodAccess(HandoffMethods.edit, responders, as: "by") { $0.by },
    MethodAccess(HandoffMethods.sign, people, as: "by") { $0.by },
    MethodAccess(HandoffMethods.accept, people, as: "by") { $0.by },
    MethodAccess(HandoffMethods.giveFeedback, responders, as: "by") { $0.by },
    MethodAccess(HandoffMethods.show, shown),
    MethodAccess(HandoffMethods.document, shown),
    MethodAccess(HandoffMethods.report, readers),
  ]

  private static let readiness = [
    MethodAccess(ReadinessMethods.tick, responders, as: "by") { $0.by },
    MethodAccess(ReadinessMethods.test, responders, as: "by") { $0.by },
    MethodAccess(ReadinessMethods.confirm, responders, as: "by") { $0.by },
    MethodAccess(ReadinessMethods.tickTask, responders, as: "by") { $0.by },
    MethodAccess(ReadinessMethods.show, readers),
    MethodAccess(ReadinessMethods.listTasks, readers),
  ]

  private static let incidents = [
    MethodAccess(EscalationMethods.putAlert, from: .intake),
    MethodAccess(EscalationMethods.putSynthetic, from: .intake),
    MethodAccess(EscalationMethods.putTimeline, from: .scheduler),
    MethodAccess(EscalationMethods.putReceipt, from: .notifier),
    MethodAccess(EscalationMethods.answerPage, from: .notifier),
    MethodAccess(EscalationMethods.configure, administrators),
    MethodAccess(EscalationMethods.acknowledge, people, as: "by") { $0.by },
    MethodAccess(EscalationMethods.resolve, people, as: "by") { $0.by },
    MethodAccess(EscalationMethods.escalate, people, as: "by") { $0.by },
    MethodAccess(EscalationMethods.reassign, responders, as: "by") { $0.by },
    MethodAccess(EscalationMethods.raiseFlags, responders, as: "by") { $0.by },
    MethodAccess(EscalationMethods.addResponders, responders, as: "by") { $0.by },
    MethodAccess(EscalationMethods.delegate, responders, as: "by") { $0.by },
    MethodAccess(EscalationMethods.setSeverity, responders, as: "by") { $0.by },
    MethodAccess(EscalationMethods.snooze, responders, as: "by") { $0.by },
    MethodAccess(EscalationMethods.reopen, responders, as: "by") { $0.by },
    MethodAccess(EscalationMethods.merge, responders, as: "by") { $0.by },
    MethodAccess(EscalationMethods.postUpdate, people, as: "by") { $0.by },
    MethodAccess(EscalationMethods.listIncidents, shown),
    MethodAccess(EscalationMethods.getIncident, shown),
    MethodAccess(EscalationMethods.getTimeline, shown),
    MethodAccess(EscalationMethods.getTimelineDocument, readers),
    MethodAccess(EscalationMethods.watch, shown),
    MethodAccess(StatusPageMethods.show, noticeboards),
    MethodAccess(ReportsMethods.figures, readers),
    MethodAccess(RehearsalsMethods.rehearse, readers),
  ]

  private static let reviews = [
    MethodAccess(ReviewsMethods.putChange, from: .intake),
    MethodAccess(ReviewsMethods.attend, responders, as: "by") { $0.by },
    MethodAccess(ReviewsMethods.find, responders, as: "by") { $0.by },
    MethodAccess(ReviewsMethods.act, responders, as: "by") { $0.by },
    MethodAccess(ReviewsMethods.tick, responders, as: "by") { $0.by },
    MethodAccess(ReviewsMethods.reassign, responders, as: "by") { $0.by },
    MethodAccess(ReviewsMethods.close, responders, as: "by") { $0.by },
    MethodAccess(ReviewsMethods.list, readers),
    MethodAccess(ReviewsMethods.get, readers),
    MethodAccess(ReviewsMethods.document, readers),
  ]

  private static let notifications = [
    MethodAccess(NotificationMethods.putPage, from: .scheduler, .escalator),
    MethodAccess(NotificationMethods.putPost, from: .scheduler, .escalator),
    MethodAccess(NotificationMethods.configure, administrators),
    MethodAccess(NotificationMethods.listPages, readers),
    MethodAccess(PageReceiptsMethods.showPage, readers),
    MethodAccess(ChannelsMethods.status, readers),
    MethodAccess(ChannelsMethods.paces, readers),
    MethodAccess(ContactsMethods.list, readers),
    MethodAccess(ContactsMethods.putMethod, responders, as: "by") { $0.by },
    MethodAccess(ContactsMethods.removeMethod, responders, as: "by") { $0.by },
    MethodAccess(ContactsMethods.putRules, responders, as: "by") { $0.by },
    MethodAccess(ContactsMethods.putQuietHours, responders, as: "by") { $0.by },
    MethodAccess(ContactsMethods.erase, leads, as: "by") { $0.by },
    MethodAccess(SignInsMethods.ask, showers),
    MethodAccess(SignInsMethods.enter, showers),
    MethodAccess(SignInsMethods.check, showers),
    MethodAccess(SignInsMethods.signOut, people, as: "by") { $0.by },
    MethodAccess(PageLinksMethods.show, showers),
    MethodAccess(PageLinksMethods.answer, showers),
    MethodAccess(PageLinksMethods.outcome, showers),
  ]
}
