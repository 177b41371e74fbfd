import Foundation
import FoundationNetworking
import Glibc
import Metrics
import Testing

/// The door over real HTTP, with a loop that these tests stand for.
@Suite struct MetricsDoorTests {
  @Test func aTierThatIsWellSaysSo() async throws {
    let loop = try LoopInTest { TierReport([Figure("tocsin_open", .gauge, "Open.", 3)], trouble: nil, at: $0) }
    #expect(try await Self.get(loop.port, "/readyz") == (200, "ok\n"))
    #expect(try await Self.get(loop.port, "/healthz") == (200, "ok\n"))
    let metrics = try await Self.get(loop.port, "/metrics").text
    #expect(metrics.contains("tocsin_ready 1\n"))
    #expect(metrics.contains("tocsin_open 3\n"))
    #expect(metrics.contains("tocsin_disk 7\n"))
  }

  @Test func aTierInTroubleIsNotReadyButAlive() async throws {
    let loop = try LoopInTest { TierReport([], trouble: "the disk is full", at: $0) }
    #expect(try await Self.get(loop.port, "/readyz") == (503, "the disk is full\n"))
    #expect(try await Self.get(loop.port, "/healthz") == (200, "ok\n"))
    #expect(try await Self.get(loop.port, "/metrics").text.contains("tocsin_ready 0\n"))
  }

  @Test func aLoopThatDoesNotTurnIsNoticedAndAskedOnce() async throws {
    let loop = try LoopInTest { _ in nil }
    loop.show(TierReport([], trouble: nil, at: LoopInTest.now() - 60_000_000_000))
    let health = try await Self.get(loop.port, "/healthz")
    #expect(health.status == 503)
    #expect(health.text.hasPrefix("its loop has not reported for "))
    #expect(try await Self.get(loop.port, "/readyz").status == 503)
    #expect(loop.timesAsked == 1, "a loop is asked again only when it has answered")
  }

  @Test func thereIsNothingElse() async throws {
    let loop = try LoopInTest { TierReport([], trouble: nil, at: $0) }
    #expect(try await Self.get(loop.port, "/").status == 404)
    #expect(try await Self.get(loop.port, "/metrics", method: "HEAD") == (200, ""))
    #expect(try await Self.get(loop.port, "/metrics", method: "DELETE").status == 405)
  }

  private static func get(
    _ port: UInt16, _ path: String, method: String = "GET"
  ) async throws -> (status: Int, text: String) {
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
    request.httpMethod = method
    let deadline = LoopInTest.now() + 60_000_000_000
    while true {
      do {
        let (data, response) = try await URLSession.shared.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
      } catch {
        // The door begins to listen a moment after it was made.
        guard LoopInTest.now() < deadline else { throw error }
        await Task.yield()
      }
    }
  }
}
