import CivilTime
import Escalating
import Messages
import Testing
import Tiers
import Wire

/// What an escalator refuses once its disk is nearly full, so that room is left for answers.
@Suite struct NearlyFullDiskTests {
  private let commands = Tier.escalator(zones: TimeZones()).commands

  @Test(arguments: [
    (ReviewsMethods.putChange.path, EscalationInput.change(ChangeReported())),
    (ReviewsMethods.find.path, .review(.find(FindingRequest()))),
    (ReviewsMethods.act.path, .review(.act(ReviewActionRequest()))),
  ]) func whatReviewsGrowByCanWait(path: String, input: EscalationInput) {
    #expect(commands[path]?.canWait(input) == true)
  }

  @Test(arguments: [
    (EscalationMethods.putAlert.path, EscalationInput.alert(Alert())),
    (EscalationMethods.acknowledge.path, .acknowledge(AcknowledgeRequest())),
    (EscalationMethods.resolve.path, .resolve(ResolveRequest())),
    (ReviewsMethods.close.path, .review(.close(ReviewClosing()))),
  ]) func whatEndsSomethingCannot(path: String, input: EscalationInput) {
    #expect(commands[path]?.canWait(input) == false)
  }
}
