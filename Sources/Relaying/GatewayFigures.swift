import Metrics
import Processes
import Serving

/// All that `/metrics` shows of a gateway.
enum GatewayFigures {
  static func all(_ relay: Relay, _ server: Server, _ lines: IntakeLines, _ identity: TLSIdentity?) -> [Figure] {
    // A connection of a source that was ended stays for what is under way.
    let sources = Set(relay.integrations.names)
    return [
      Figure(
        "tocsin_build_info", .gauge, "Which version this is.",
        [.init(1, [.init("tier", "gateway"), .init("version", tocsinVersion)])])
    ] + relay.tally.figures + [
      Figure(
        "tocsin_gateway_intake_up", .gauge, "1 where a source's connection to an intake stands.",
        lines.states.filter { sources.contains($0.key.source) }.sorted {
          ($0.key.source, $0.key.intake) < ($1.key.source, $1.key.intake)
        }.map {
          .init($0.value ? 1 : 0, [.init("source", $0.key.source), .init("intake", "\($0.key.intake)")])
        }),
      Figure(
        "tocsin_gateway_connections", .gauge, "Connections of senders now.", Double(server.connections)),
      Figure(
        "tocsin_gateway_connections_sent_away_total", .counter,
        "Connections at rest, or of strangers, that were ended to make room for others.",
        Double(server.connectionsSentAway)),
      Figure(
        "tocsin_gateway_connections_turned_away_total", .counter, "Connections for which there was no room.",
        Double(server.connectionsTurnedAway)),
      Figure(
        "tocsin_gateway_body_bytes", .gauge, "Bytes of requests that have arrived and aren't answered.",
        Double(server.bodyBytes)),
      Figure(
        "tocsin_gateway_faults_total", .counter, "Requests that were ended for what they are as HTTP, by kind.",
        server.faults.sorted { $0.key < $1.key }.map { .init(Double($0.value), [.init("kind", $0.key)]) }),
      Figure(
        "tocsin_log_lines_dropped_total", .counter, "Lines of the log that nobody took in time.",
        Double(OutgoingLines.standardError.droppedInAll)),
    ] + certificate(identity)
  }

  private static func certificate(_ identity: TLSIdentity?) -> [Figure] {
    guard let identity else { return [] }
    let left = identity.expiresAt - WallClock.now().milliseconds / 1_000
    return [
      Figure(
        "tocsin_gateway_certificate_seconds", .gauge,
        "How long the certificate is valid still; less than nothing: it isn't.", Double(left))
    ]
  }
}
