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

  @Test func theReadmeHasTheTable() throws {
    let readme = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../README.md")
    let lines = try String(contentsOf: readme, encoding: .utf8).split(separator: "\n")
    let rows = lines.drop { !$0.hasPrefix("| needs one of the roles") }.dropFirst(2).prefix { $0.hasPrefix("|") }
    #expect(rows.map(String.init) == MethodAccess.groups.map(\.row))
  }
}
