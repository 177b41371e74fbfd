import Machinery
import Messages
import Wire

/// What operators change and disks lose in a scenario.
///
///     > watch                                          as shipped: accepted alerts are compared with pages
///     > stop-timers escalator, > run-timers escalator  it answers calls, and nothing happens by time
///     > block escalator, > unblock escalator           a tier is cut off from the others
extension ScenarioPlayer {
  func lose(_ node: any Node, _ batches: Int) throws(Refusal) {
    node.crash(losing: batches)
    world.promises.fell(node.peer, at: world.agenda.now)
    guard !node.start() else { throw .invalid("rows", "the disk of the \(node.peer) has not lost any") }
    world.goOnAfterLoss(node)
    settle()
  }

  /// The watch as it is shipped.
  func watch() throws(Refusal) {
    guard let intake = try? IntakeConfiguration(decoding: shipped.intake),
      let notification = try? NotificationConfiguration(decoding: shipped.notification)
    else { return }
    world.slices = shipped
    world.beginWatching()
    try call(.intake, IntakeMethods.configure, intake) { self.lines($0.changes) }
    try call(.notifier, NotificationMethods.configure, notification) { self.lines($0.changes) }
  }

  /// A tier answers calls and does nothing by time, or goes on as it should.
  func setTimers(of name: String, run: Bool) throws(Refusal) {
    try node(name).timersRun = run
    settle()
  }

  /// Like the shipped team, but for its name and who holds its tiers.
  func team(_ name: String, _ people: [String]) throws(Refusal) {
    try reconfigure { wanted throws(Refusal) in
      guard var team = wanted.teams.first else { throw .invalid("team", "there is none to copy") }
      let shipped = team.id
      team.id = name
      team.name = name
      wanted.teams.append(team)
      guard let primary = wanted.rotations.first(where: { $0.team == shipped && $0.tier == 1 }) else {
        throw .invalid("team", "it has no primary rotation to copy")
      }
      for (index, person) in people.enumerated() {
        var copy = primary
        copy.id = "\(name)-\(index + 1)"
        copy.team = name
        copy.tier = UInt32(index) + 1
        copy.members = [person]
        copy.offset = 0
        wanted.rotations.append(copy)
      }
    }
  }

  func service(_ name: String, of team: String) throws(Refusal) {
    guard var wanted = try? IntakeConfiguration(decoding: world.slices.intake),
      let index = wanted.services.firstIndex(where: { $0.name == name })
    else { throw .invalid("service", "\"\(name)\" is none") }
    wanted.services[index].team = team
    try call(.intake, IntakeMethods.configure, wanted) { self.lines($0.changes) }
    world.slices.intake = wanted.encoded()
  }
}
