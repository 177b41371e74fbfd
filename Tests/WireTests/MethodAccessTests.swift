import Foundation
import Messages
import Testing
import Wire

/// Who may call what: one table for all methods.
@Suite struct MethodAccessTests {
  @Test func noMethodIsWithoutARow() {
    let rows = MethodAccess.all.map(\.path)
    #expect(Set(rows) == Set(Schema.methods.map(\.path)))
    #expect(Set(rows).count == rows.count)
    for access in MethodAccess.all {
      #expect(access.roles.contains(.admin), "\(access.path) is closed to the administrator")
      #expect(!access.roles.contains(.responder) || access.roles.contains(.lead), "\(access.path) is closed to leads")
    }
    #expect(MethodAccess.of("/tocsin.new.v1.New/Method").roles == .admin)
  }

  /// A method that says who acts is held to it, unless it is for tiers alone.
  @Test func everyMethodThatNamesSomebodyIsHeldToIt() throws {
    for access in MethodAccess.all where access.roles.contains(.responder) {
      let method = try #require(Schema.method(access.path))
      let request = try #require(Schema.types[method.input]).init(decodingTrusted: [])
      let hasActor = Mirror(reflecting: request).children.contains { $0.label == "by" }
      #expect(access.actor == "by" || access.actor == "source" || !hasActor, "\(access.path)")
    }
  }

  @Test func aRefusalNamesMethodRoleHeldAndRoleNeeded() throws {
    let access = MethodAccess.of(EscalationMethods.acknowledge.path)
    let refusal = try #require(access.objection(to: Principal("prometheus", roles: .source)))
    #expect(refusal.status == .permissionDenied && refusal.field == "method")
    for words in ["Escalation/Acknowledge", "responder or lead or admin", "prometheus has source"] {
      #expect(refusal.message.contains(words), "\(refusal.message)")
    }
    #expect(access.objection(to: Principal("ana", roles: [.observer, .responder])) == nil)
    #expect(access.objection(to: .anonymous) == nil)
    #expect(access.objection(to: Principal("nobody", roles: []))?.status == .permissionDenied)
  }

  /// The key of one tier is no key to what another tells: who took intake's could answer pages in anybody's name.
  @Test func aTierIsBelievedInWhatIsItsOwnToTellOnly() throws {
    let tellers: [String: [Peer]] = [
      EscalationMethods.answerPage.path: [.notifier], EscalationMethods.putReceipt.path: [.notifier],
      EscalationMethods.putTimeline.path: [.scheduler], EscalationMethods.putAlert.path: [.intake],
      EscalationMethods.putSynthetic.path: [.intake], ReviewsMethods.putChange.path: [.intake],
      HandoffMethods.putChange.path: [.intake], SharingMethods.put.path: [.intake],
      HandoffMethods.putIncident.path: [.escalator], PayMethods.putWork.path: [.escalator],
      IntakeMethods.closeAlert.path: [.escalator], NotificationMethods.putPage.path: [.scheduler, .escalator],
      NotificationMethods.putPost.path: [.scheduler, .escalator],
    ]
    for access in MethodAccess.all where access.roles.contains(.service) && !access.roles.contains(.observer) {
      let allowed = try #require(tellers[access.path], "\(access.path) is open to every tier")
      for tier: Peer in [.intake, .scheduler, .escalator, .notifier] {
        let refusal = access.objection(to: Principal(tier.tierName, roles: .service))
        #expect((refusal == nil) == allowed.contains(tier), "\(access.path) by \(tier)")
        #expect(refusal?.status ?? .permissionDenied == .permissionDenied && refusal?.field ?? "method" == "method")
      }
      // A name alone is none: the role is looked at first.
      #expect(access.objection(to: Principal("notifier", roles: .responder))?.status == .permissionDenied)
      #expect(access.objection(to: Principal("admin", roles: .admin)) == nil && access.objection(to: .anonymous) == nil)
    }
    let refusal = MethodAccess.of(EscalationMethods.answerPage.path)
      .objection(to: Principal("alert-intake", roles: .service))
    #expect(
      refusal?.message.hasSuffix("needs, of tiers' keys, that of notifier; this is the key of alert-intake") == true)
  }

  @Test func whoeverIsNeitherLeadNorAdministratorActsInTheirOwnName() throws {
    let access = MethodAccess.of(EscalationMethods.acknowledge.path)
    let request = AcknowledgeRequest(incidentId: "1-a", by: "ben")
    let refusal = try #require(access.objection(to: Principal("ana", roles: .responder), saying: request))
    #expect(refusal.status == .permissionDenied && refusal.field == "by" && refusal.message.contains("not as \"ben\""))
    #expect(access.objection(to: Principal("ben", roles: .responder), saying: request) == nil)
    for roles: KeyRoles in [.lead, .admin] {
      #expect(access.objection(to: Principal("tara", roles: roles), saying: request) == nil)
    }
    let publishing = MethodAccess.of(IntakeMethods.publish.path)
    let event = Event(source: "grafana")
    #expect(publishing.objection(to: Principal("prometheus", roles: .source), saying: event)?.field == "source")
    #expect(publishing.objection(to: Principal("grafana", roles: .source), saying: event) == nil)
  }

  /// Nothing that only leads decide, nothing between tiers, no configuration, no alerts: whoever takes over the pages has no more.
  @Test func thePagesMayDoWhatTheyShowAndNoMore() throws {
    let pages = Principal("gateway", roles: .pages)
    let allowed = MethodAccess.all.filter { $0.objection(to: pages) == nil }
    let changing = Set(
      allowed.filter { $0.roles.contains(.responder) && !$0.roles.contains(.observer) }.map(\.path))
    #expect(
      changing == [
        EscalationMethods.acknowledge.path, EscalationMethods.resolve.path, EscalationMethods.escalate.path,
        EscalationMethods.postUpdate.path, ScheduleMethods.answerSwap.path, HandoffMethods.tick.path,
        HandoffMethods.sign.path, HandoffMethods.accept.path, SignInsMethods.signOut.path,
      ])
    let others = Set(allowed.map(\.path)).subtracting(changing)
    #expect(
      others == [
        HealthMethods.check.path, ScheduleMethods.onCall.path, ScheduleMethods.show.path,
        ScheduleMethods.listPeople.path,
        ScheduleMethods.listSwaps.path, HandoffMethods.show.path, HandoffMethods.document.path,
        EscalationMethods.listIncidents.path, EscalationMethods.getIncident.path, EscalationMethods.getTimeline.path,
        EscalationMethods.watch.path, SignInsMethods.ask.path, SignInsMethods.enter.path, SignInsMethods.check.path,
        PageLinksMethods.show.path, PageLinksMethods.answer.path, PageLinksMethods.outcome.path,
      ])
    for access in allowed where changing.contains(access.path) { #expect(access.actor == "by") }
    let access = MethodAccess.of(EscalationMethods.acknowledge.path)
    #expect(access.objection(to: pages, saying: AcknowledgeRequest(incidentId: "1-a", by: "ana")) == nil)
    #expect(access.objection(to: pages, saying: AcknowledgeRequest(incidentId: "1-a"))?.field == "by")
    #expect(access.name(of: pages, saying: AcknowledgeRequest(by: "ana")) == "ana")
    #expect(access.name(of: Principal("ben", roles: .responder), saying: AcknowledgeRequest(by: "ana")) == "ben")
  }

  @Test func theReadmeHasTheTable() throws {
    let readme = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../README.md")
    let lines = try String(contentsOf: readme, encoding: .utf8).split(separator: "\n")
    let rows = lines.drop { !$0.hasPrefix("| needs one of the roles") }.dropFirst(2).prefix { $0.hasPrefix("|") }
    #expect(rows.map(String.init) == MethodAccess.groups.map(\.row))
  }
}
