import Foundation

/// The four real executables in a directory of their own, configured as shipped.
final class BenchCluster {
  private static let names = ["alert-intake", "scheduler", "escalator", "notifier"]
  private let place: Place
  private var processes: [ChildProcess] = []
  private let base: Int

  /// - Parameter url: a webhook for the push channel, and one source then stands for many: it may send what it likes. nil:
  ///   exactly as shipped.
  /// - Parameter escalatorBegins: puts into the escalator's directory what it is to begin with.
  init(
    _ tiers: TierOptions, config: String, pagesTo url: String? = nil,
    escalatorBegins: (_ data: String) throws -> Void = { _ in }
  ) throws {
    place = try Place(in: tiers.on)
    base = Int.random(in: 1_000...2_900) * 10
    let data = "\(place.directory)/escalator"
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try escalatorBegins(data)
    for (name, number) in zip(Self.names, [11, 2, 3, 4]) { processes.append(try start(name, number, tiers)) }
    let environment = ["TOCSIN_BASE_PORT": String(base)]
    let control = tiers.executable("tocsinctl")
    try ChildProcess.run(control, ["health", "--wait", "30"], environment: environment)
    let applied = try url.map { try configure(config, $0) } ?? config
    try ChildProcess.run(control, ["apply", "-f", applied], environment: environment)
  }

  /// Where sources connect.
  var intake: String { endpoint(1) }

  /// Where the other tiers do, and operators.
  var intakeOfTiers: String { endpoint(11) }
  var escalator: String { endpoint(3) }
  /// What the console's channels say.
  var pagesLog: String { "\(place.directory)/pages.log" }

  func end() {
    processes.forEach { $0.kill() }
    place.remove()
  }

  private func endpoint(_ number: Int) -> String { "tcp://127.0.0.1:\(base + number)" }

  private func start(_ name: String, _ number: Int, _ tiers: TierOptions) throws -> ChildProcess {
    let peers = zip(["--intake", "--scheduler", "--escalator", "--notifier"], [11, 2, 3, 4]).filter { $1 != number }
    var arguments = ["--insecure-loopback", "--listen", endpoint(number), "--data", "\(place.directory)/\(name)"]
    if name == "alert-intake" { arguments += ["--listen-sources", intake] }
    arguments += peers.flatMap { [$0, endpoint($1)] }
    if name == "notifier" { arguments += ["--pages", pagesLog, "--allow-inward", "127.0.0.1"] }
    return try ChildProcess(tiers.executable(name), arguments, log: "\(place.directory)/\(name).log")
  }

  /// A copy of the configuration in which `push: console` is a webhook.
  private func configure(_ config: String, _ url: String) throws -> String {
    let copy = "\(place.directory)/config"
    let secret = "\(place.directory)/secret"
    try FileManager.default.copyItem(atPath: config, toPath: copy)
    guard
      FileManager.default.createFile(
        atPath: secret, contents: Data("a secret for the time of a bench\n".utf8),
        attributes: [.posixPermissions: 0o400])
    else { throw BenchFailure("\(secret) can't be written") }
    let contacts = "\(copy)/contacts.yaml"
    let text = try String(contentsOfFile: contacts, encoding: .utf8)
    let webhook = "  push:\n    provider: webhook\n    url: \(url)\n    secret-file: \(secret)\n"
    let changed = text.replacingOccurrences(of: "  push: console\n", with: webhook)
    guard changed != text else { throw BenchFailure("\(config)/contacts.yaml has no line \"push: console\"") }
    try changed.write(toFile: contacts, atomically: true, encoding: .utf8)
    // One source stands for many.
    let alerts = "\(copy)/alerts.yaml"
    let lines = try String(contentsOfFile: alerts, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    try lines.filter { !$0.hasPrefix("rate-limit:") }.joined(separator: "\n").write(
      toFile: alerts, atomically: true, encoding: .utf8)
    return copy
  }
}
